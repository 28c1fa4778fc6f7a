/** Pods that say they run on a node that went, and nobody has told them. That a node is not known is no sign of that: it must have been seen, or told, to go. */
import type { Resource } from '../model/resource.ts';
import type { Case } from './case.ts';
import { deletionOf } from './changes.ts';
import type { PodFault } from './pods.ts';

/** Controllers take such pods away within a minute; a node that has just gone is on its way. */
const PATIENCE_MS = 15_000;

export function orphaned(known: Case, { id }: Resource): PodFault | undefined {
  const broken = known.dangling(id).find(({ type, detail }) => type === 'RUNS_ON' && detail.reason === 'missing');
  if (broken === undefined) return undefined;
  const { name } = broken.target;
  const told = known.noticesFor('RemovingNode').findLast(({ about }) => about.name === name);
  const since = deletionOf(known, broken.target)?.at ?? told?.last;
  if (since === undefined || known.now - since < PATIENCE_MS) return undefined;
  return { reason: 'NodeLost', message: `its node ${name} does not exist`, since, severity: 'critical' };
}
