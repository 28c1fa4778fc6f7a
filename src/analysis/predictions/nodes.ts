/** Nodes that the requests of their pods fill, by when the pods came and went. A node of which not every pod is known is left out. */
import type { KubeObject } from '../../model/change.ts';
import { kindKey } from '../../model/groups.ts';
import type { Resource, ResourceId } from '../../model/resource.ts';
import { type Case, milliseconds, push, text, treeAt } from '../case.ts';
import { allocatableOf, requestsOf } from '../placement.ts';
import type { Reader } from './prediction.ts';
import { unitOf } from './quotas.ts';
import type { Point } from './trend.ts';

const NAMES = ['cpu', 'memory', 'pods'];

interface Stay {
  readonly from: number;
  readonly to: number;
  readonly amounts: ReadonlyMap<string, number>;
}

export const nodes: Reader = function* (known) {
  const stays = staysIn(known);
  const since = toldSince(known);
  for (const node of known.view.resources({ group: '', kind: 'Node' })) {
    const object = known.object(node.id);
    const isKnown = known
      .sources(node.id, 'RUNS_ON')
      .every(({ id, kind }) => kind !== 'Pod' || known.object(id) !== undefined);
    if (object === undefined || !isKnown) continue;
    const room = allocatableOf(object);
    for (const what of NAMES) {
      const limit = room.get(what);
      const points = stepsOf(stays.get(node.id) ?? [], what, Math.max(since, milliseconds(node.createdAt)), known.now);
      if (limit === undefined) continue;
      // What is full by requests alone is full as it should be, where nothing grows.
      if ((points.at(-1)?.value ?? 0) < limit)
        yield { kind: 'allocatable', subject: node, what, unit: unitOf(what), limit, points, isSteps: true };
    }
  }
};

/** Of so many deletions those before may not be told. */
const DELETIONS_MAX = 500;

/** Since when it is told which pods went. */
function toldSince({ begins, estate: { deletions } }: Case): number {
  return deletions.length < DELETIONS_MAX ? begins : Math.max(begins, milliseconds(deletions[0]?.at));
}

/** By node, from when to when which pods asked for how much. */
function staysIn(known: Case): ReadonlyMap<ResourceId, Stay[]> {
  const stays = new Map<ResourceId, Stay[]>();
  const note = (pod: Resource, object: KubeObject | undefined, to: number): void => {
    const spec = treeAt(object, 'spec');
    const status = treeAt(object, 'status');
    const node = known.view.byName({
      cluster: pod.cluster,
      group: '',
      kind: 'Node',
      namespace: '',
      name: text(spec?.['nodeName']),
    });
    const isOver = /^(?:Succeeded|Failed)$/.test(text(status?.['phase']));
    if (node === undefined || spec === undefined || isOver) return;
    const from = milliseconds(status?.['startTime']) || milliseconds(object?.metadata.creationTimestamp);
    push(stays, node.id, { from, to, amounts: new Map([...requestsOf(spec), ['pods', 1]]) });
  };
  for (const pod of known.view.resources({ group: '', kind: 'Pod' }))
    note(pod, known.object(pod.id), Number.POSITIVE_INFINITY);
  for (const { at, resource, object } of known.estate.deletions)
    if (kindKey(resource) === '/Pod') note(resource, object, milliseconds(at));
  return stays;
}

function stepsOf(stays: readonly Stay[], what: string, begins: number, now: number): readonly Point[] {
  const turns = stays.flatMap(({ from, to, amounts }) => {
    const value = amounts.get(what) ?? 0;
    return value === 0
      ? []
      : [{ at: Math.max(from, begins), value }, ...(to <= now ? [{ at: to, value: -value }] : [])];
  });
  const steps: Point[] = [{ at: begins, value: 0 }];
  let sum = 0;
  for (const { at, value } of turns.sort((a, b) => a.at - b.at)) {
    sum += value;
    if (steps.at(-1)?.at === at) steps.pop();
    steps.push({ at, value: sum });
  }
  return steps;
}
