/** What a reader of states is: who is not well although no pod of it says so. */
import type { Resource } from '../../model/resource.ts';
import { type Case, listAt, milliseconds, text, treeAt } from '../case.ts';
import type { Symptom } from '../symptoms.ts';

export type State = Omit<Symptom, 'alike'>;

/** `suffering`: wholes and resources of which a pod is not well. Undefined for what is well, or only on its way. */
export type Read = (known: Case, resource: Resource, suffering: ReadonlySet<string>) => State | undefined;

export const MINUTE = 60_000;
/** So long something may take before it counts as not happening. */
export const PATIENCE_MS = 2 * MINUTE;

export interface StatusCondition {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  /** Milliseconds since 1970; 0 when it is not told. */
  readonly at: number;
}

/** A condition of an object's status. */
export function conditionOf(object: unknown, type: string): StatusCondition | undefined {
  const found = listAt(treeAt(object, 'status'), 'conditions').find((one) => one['type'] === type);
  return (
    found && {
      status: text(found['status']),
      reason: text(found['reason']),
      message: text(found['message']),
      at: milliseconds(found['lastTransitionTime']),
    }
  );
}

/** A number at a key; the fallback for what is none. */
export function numberAt(tree: Readonly<Record<string, unknown>> | undefined, key: string, fallback: number): number {
  const value = tree?.[key];
  return typeof value === 'number' ? value : fallback;
}
