/** What kinds of custom resources share: printer columns read by path, and health read from conditions or from a phase. */
import type { Health, HealthStatus, Scalar } from '../../model/resource.ts';
import { type ConditionTypes, condition, conditionHealth, holds } from '../conditions.ts';
import { valueAt } from '../relations.ts';

/** Where a column's cell comes from: a plain path, `@Ready` (a condition's status), `@Ready.reason`, or a function. */
export type Column = string | ((object: unknown) => Scalar | undefined);

const CONDITION = /^@([A-Za-z]+)(?:\.(reason|message))?$/;

/** The summary that a CRD's `additionalPrinterColumns` describe: one entry a column, in their order. */
export function columns(
  cells: Readonly<Record<string, Column>>,
): (object: unknown) => Record<string, Scalar | undefined> {
  const readers = Object.entries(cells).map(([name, column]) => [name, readerOf(column)] as const);
  return (object) => Object.fromEntries(readers.map(([name, read]) => [name, read(object)]));
}

function readerOf(column: Column): (object: unknown) => Scalar | undefined {
  if (typeof column === 'function') return column;
  const [, type, field = 'status'] = CONDITION.exec(column) ?? [];
  if (type === undefined) return (object) => cell(valueAt(object, column));
  return (object) => cell((condition(object, type) as Readonly<Record<string, unknown>> | undefined)?.[field]);
}

/** A value as a cell: scalars as they are, lists of scalars joined as text. */
function cell(value: unknown): Scalar | undefined {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(String).join(',');
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

interface Expected extends ConditionTypes {
  /** True means work is under way: a good condition that is False meanwhile is no fault yet. */
  readonly progressing?: readonly string[];
  /** Reasons of a good condition that is False which mean the same. */
  readonly progressingReasons?: readonly string[];
}

/** Health by conditions; see `conditionHealth` for what good and bad mean. */
export function healthBy({
  progressing = [],
  progressingReasons = [],
  ...types
}: Expected): (object: unknown) => Health {
  return (object) => {
    const health = conditionHealth(object, types);
    if (health.status !== 'critical' || (types.bad ?? []).some((type) => holds(object, type))) return health;
    const underWay =
      progressing.some((type) => holds(object, type)) || progressingReasons.includes(health.reason ?? '');
    return underWay ? { ...health, status: 'warning' } : health;
  };
}

/** Health of a kind whose whole state is the condition Ready. */
export const ready = healthBy({ good: ['Ready'] });

/** Health by a phase: `phases` says what each value of the field means; the value is the reason where it is not well. */
export function healthByPhase(
  path: string,
  phases: Readonly<Record<string, HealthStatus>>,
  messagePath = 'status.message',
): (object: unknown) => Health {
  return (object) => {
    const phase = cell(valueAt(object, path));
    if (phase === undefined) return { status: 'unknown' };
    const status = phases[String(phase)] ?? 'unknown';
    if (status === 'healthy') return { status };
    const message = valueAt(object, messagePath);
    const reason = String(phase);
    return {
      status,
      reason: reason.charAt(0).toUpperCase() + reason.slice(1),
      ...(typeof message === 'string' && message !== '' && { message }),
    };
  };
}
