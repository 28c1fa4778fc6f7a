/** What innocent cases share. */
import { type Case, nothing } from '../fault.ts';

export function innocent(id: string, namespace: string, before: readonly object[], more: Partial<Case> = {}): Case {
  const { namespaces = [namespace], ...rest } = more;
  const label = { root: undefined };
  return { id, family: 'negative', namespaces, before, inject: [], shows: nothing, label, linger: 60, ...rest };
}
