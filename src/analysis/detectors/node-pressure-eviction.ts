/** A node that runs out of memory, disk or processes and evicts pods for it. */
import { kindKey } from '../../model/groups.ts';
import type { Resource } from '../../model/resource.ts';
import { type Case, milliseconds, type Notice, text, treeAt } from '../case.ts';
import { conditionsIn } from '../containers.ts';
import { isWell } from '../recovery.ts';
import { CLUES_MAX, type Clue, counted, type Detector, MINUTE } from './detection.ts';
import { fullest } from './restarts.ts';
import { distinct, firstLine, nodeOf } from './signals.ts';

interface Eviction {
  readonly at: number;
  readonly node: Resource;
  readonly pod: Resource;
  readonly message: string;
}

export const nodePressureEviction: Detector = function* (known, { evictions, evictionMinutes }) {
  const byNode = Map.groupBy(evictionsIn(known), ({ node }) => node.id);
  for (const list of byNode.values()) {
    const sorted = list.sort((a, b) => a.at - b.at);
    const { count, events } = fullest(sorted, evictionMinutes * MINUTE);
    const [first] = events;
    if (first === undefined) continue;
    const { node } = first;
    const pressure = pressureOn(known, node).filter(({ at }) => Math.abs(at - first.at) <= evictionMinutes * MINUTE);
    if (pressure.length === 0 && count <= evictions) continue;
    const pods = distinct(events.map(({ pod }) => pod));
    const wholes = distinct(pods.map((pod) => known.whole(pod)));
    yield {
      pattern: 'node_pressure_eviction',
      severity: 'critical',
      confidence: 0.9,
      active: isPressed(known, node) || wholes.some((whole) => kindKey(whole) !== '/Pod' && !isWell(known, whole)),
      since: Math.min(first.at, ...pressure.map(({ at }) => at)),
      until: sorted.at(-1)?.at ?? first.at,
      subject: node,
      resources: [...pods, ...wholes],
      summary: `Node ${node.name} evicted ${counted(count, 'pod')} within ${evictionMinutes} minutes.`,
      evidence: [...pressure, ...events.map(evictedClue)].slice(0, CLUES_MAX),
    };
  }
};

function evictedClue({ at, pod, message }: Eviction): Clue {
  return { kind: 'event', at, text: `pod ${pod.name} was evicted: ${firstLine(message)}`, resource: pod };
}

/** Evicted pods stay as failed ones, with the node that they were on. */
function* evictionsIn(known: Case): Iterable<Eviction> {
  for (const pod of known.view.resources({ group: '', kind: 'Pod' })) {
    if (pod.health.status === 'healthy') continue;
    const object = known.object(pod.id);
    const status = treeAt(object, 'status');
    if (status?.['reason'] !== 'Evicted') continue;
    const node = nodeOf(known, pod) ?? known.named(pod, '', 'Node', text(treeAt(object, 'spec')?.['nodeName']), '');
    const notice = known.notices(pod).find(({ reason }) => reason === 'Evicted');
    const disruption = conditionsIn(status).find(
      ({ type, status: value }) => type === 'DisruptionTarget' && value === 'True',
    );
    const at = notice?.first || disruption?.at || milliseconds(status['startTime']);
    if (node && at > 0) yield { at, node, pod, message: text(status['message']) || (notice?.message ?? '') };
  }
}

const PRESSURE = /^(?:Memory|Disk|PID)Pressure$/;
const SAYS_PRESSURE =
  /^(?:NodeHas(?:Insufficient(?:Memory|PID)|(?:Memory|Disk|PID)Pressure|DiskPressure)|EvictionThresholdMet|SystemOOM|FreeDiskSpaceFailed|ImageGCFailed)$/;

function isPressed(known: Case, node: Resource): boolean {
  return conditionsIn(treeAt(known.object(node.id), 'status')).some(
    ({ type, status }) => PRESSURE.test(type) && status === 'True',
  );
}

/** What tells of pressure on a node: conditions now and before, Events. */
export function pressureOn(known: Case, node: Resource): readonly (Clue & { readonly at: number })[] {
  const told = known.notices(node).filter(({ reason }) => SAYS_PRESSURE.test(reason));
  const conditions = known.estate
    .versions(node.id)
    .flatMap(({ object }) => conditionsIn(treeAt(object, 'status')))
    .filter(({ type, status }) => PRESSURE.test(type) && status === 'True');
  const states = new Map(conditions.map(({ type, at }) => [`${type} ${at}`, { type, at }]));
  return [
    ...Array.from(states.values(), ({ type, at }) => ({
      kind: 'state' as const,
      at,
      text: `${node.name} has ${type}`,
      resource: node,
    })),
    ...told.map(({ first, reason, message }: Notice) => ({
      kind: 'event' as const,
      at: first,
      text: `${reason}: ${firstLine(message)}`,
      resource: node,
    })),
  ].sort((a, b) => a.at - b.at);
}
