/** When the containers of who suffers began: what is read at the start alone is as it was then. */
import { type Case, listAt, milliseconds, treeAt } from '../case.ts';
import type { Symptom } from '../symptoms.ts';

/** When the last of them began, in milliseconds since 1970, where that was before an instant; undefined when it was later, or is not known. */
export function startedBefore(known: Case, { resource, whole }: Symptom, at: number): number | undefined {
  const pods = resource.kind === 'Pod' && !resource.pseudo ? [resource] : known.pods(whole);
  const starts = pods.flatMap((pod) =>
    listAt(treeAt(known.object(pod.id), 'status'), 'containerStatuses').map((one) =>
      milliseconds(treeAt(treeAt(one, 'state'), 'running')?.['startedAt']),
    ),
  );
  const latest = Math.max(...starts, 0);
  return latest > 0 && latest < at ? latest : undefined;
}
