/**
 * Health from `status.conditions`, the convention of `meta/v1 Condition` that nearly every API follows.
 * Which types are good news when True and which are bad is the kind's to say.
 */
import type { Health } from '../model/resource.ts';

export interface Condition {
  readonly type: string;
  /** `True`, `False` or `Unknown`. */
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** Condition types by what they mean. */
export interface ConditionTypes {
  /** True is well, False is a fault: `Ready`, `Available`. */
  readonly good: readonly string[];
  /** True is a fault: `Failed`, `Stalled`. */
  readonly bad?: readonly string[];
  /** True is something to look at: `MemoryPressure`, `Degraded`. */
  readonly worrying?: readonly string[];
}

/** The conditions of an object; malformed entries are left out. */
export function conditionsOf(object: unknown): readonly Condition[] {
  const list = (object as { status?: { conditions?: unknown } } | null)?.status?.conditions;
  return Array.isArray(list) ? list.filter((entry) => typeof entry?.type === 'string') : [];
}

export function condition(object: unknown, type: string): Condition | undefined {
  return conditionsOf(object).find((entry) => entry.type === type);
}

/** Whether the condition is there and True. */
export function holds(object: unknown, type: string): boolean {
  return condition(object, type)?.status === 'True';
}

/**
 * critical: a bad condition is True or a good one False · warning: a good one is Unknown, or a worrying one True ·
 * healthy: all good ones that are there are True · unknown: none of the good ones is there.
 */
export function conditionHealth(object: unknown, { good, bad = [], worrying = [] }: ConditionTypes): Health {
  const conditions = conditionsOf(object);
  const first = (types: readonly string[], status: string): Condition | undefined =>
    conditions.find((entry) => entry.status === status && types.includes(entry.type));
  const fault = first(bad, 'True') ?? first(good, 'False');
  if (fault) return because('critical', fault);
  const doubt = first(worrying, 'True') ?? first(good, 'Unknown');
  if (doubt) return because('warning', doubt);
  return first(good, 'True') ? { status: 'healthy' } : { status: 'unknown' };
}

/** Health with the condition's own reason and message; a condition without a reason is its own: `Failed`, `NotReady`. */
export function because(status: Health['status'], { type, status: value, reason, message }: Condition): Health {
  const fallback = value === 'True' ? type : `Not${type}`;
  return { status, reason: reason || fallback, ...(message && { message }) };
}
