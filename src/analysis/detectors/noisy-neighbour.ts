/**
 * A pod that takes what others on its node need: memory far over its request, as the kubelet says when it evicts, while the node is under pressure or others are
 * throttled.
 */
import { quantity } from '../../model/quantity.ts';
import type { Resource } from '../../model/resource.ts';
import { type Case, text, treeAt } from '../case.ts';
import { podsOn } from '../placement.ts';
import { CLUES_MAX, type Clue, counted, type Detector, MINUTE } from './detection.ts';
import { pressureOn } from './node-pressure-eviction.ts';
import { distinct, firstLine, nodeOf } from './signals.ts';

interface Greed {
  readonly at: number;
  readonly pod: Resource;
  readonly clue: Clue;
}

export const noisyNeighbour: Detector = function* (known, { noisyMinutes }) {
  for (const node of known.view.resources({ group: '', kind: 'Node' })) {
    const pressure = pressureOn(known, node).filter(({ text: said }) => /Memory|OOM|EvictionThreshold/.test(said));
    const [first] = pressure;
    if (first === undefined) continue;
    const pods = podsOn(known, node);
    const near = ({ at }: { readonly at: number }): boolean =>
      pressure.some((one) => Math.abs(one.at - at) <= noisyMinutes * MINUTE);
    const throttled = throttlingOf(known, pods).filter(near);
    const greedy = greedOn(known, node)
      .filter(near)
      .sort((a, b) => a.at - b.at);
    const subject = greedy[0] ? known.whole(greedy[0].pod) : node;
    const victims = distinct(throttled.map(({ pod }) => known.whole(pod))).filter(({ id }) => id !== subject.id);
    // Pressure that nobody else feels, and of which nobody is known to take the most, says nothing of neighbours.
    if (victims.length === 0 && greedy.length === 0) continue;
    const isBoth = victims.length > 0 && greedy.length > 0;
    yield {
      pattern: 'noisy_neighbor',
      severity: 'warning',
      confidence: isBoth ? 0.9 : 0.8,
      active:
        node.health.status !== 'healthy' ||
        known.now - Math.max(...pressure.map(({ at }) => at)) <= noisyMinutes * MINUTE,
      since: first.at,
      until: Math.max(...[...pressure, ...throttled, ...greedy].map(({ at }) => at)),
      subject,
      resources: [...(subject.id === node.id ? [] : [node]), ...victims],
      summary:
        subject.id === node.id
          ? `Node ${node.name} is under pressure, and ${counted(victims.length, 'workload')} on it get less than they need.`
          : `${subject.kind} ${subject.name} takes more than it asked for on node ${node.name}, which is under pressure.`,
      evidence: [...pressure, ...greedy.map(({ clue }) => clue), ...throttled.map(({ clue }) => clue)].slice(
        0,
        CLUES_MAX,
      ),
    };
  }
};

const THROTTLED = /throttl/i;

/** Alerts and measurements that say that pods get less of the processor than they need. */
function throttlingOf(known: Case, pods: readonly Resource[]): readonly Greed[] {
  return pods.flatMap((pod) =>
    [pod, known.whole(pod)]
      .flatMap(({ id }) => known.told(id))
      .filter(({ occurrence: { reason = '', message = '' } }) => THROTTLED.test(reason) || THROTTLED.test(message))
      .map(({ at, occurrence: { reason, message = '', source } }) => ({
        at: Date.parse(at),
        pod,
        clue: {
          kind: source === 'alert' ? ('alert' as const) : ('log' as const),
          at: Date.parse(at),
          text: firstLine(message || (reason ?? '')),
          resource: pod,
        },
      })),
  );
}

const USING = /Container (\S+) was using (\S+?), request is ([^\s,]+)/g;

/** Pods that used more memory than they had asked for when they were evicted. Source: kubelet pkg/kubelet/eviction/helpers.go. */
function greedOn(known: Case, node: Resource): readonly Greed[] {
  const evicted = [...known.view.resources({ cluster: node.cluster, group: '', kind: 'Pod' })].filter(
    (pod) => treeAt(known.object(pod.id), 'status')?.['reason'] === 'Evicted' && nodeOf(known, pod)?.id === node.id,
  );
  return evicted.flatMap((pod) => {
    const status = treeAt(known.object(pod.id), 'status');
    const message = text(status?.['message']);
    const at =
      known.notices(pod).find(({ reason }) => reason === 'Evicted')?.first ?? Date.parse(text(status?.['startTime']));
    return [...message.matchAll(USING)].flatMap(([said, , used, asked]) =>
      (quantity(used) ?? 0) > 1.5 * (quantity(asked) ?? 0) && !Number.isNaN(at)
        ? [{ at, pod, clue: { kind: 'event' as const, at, text: said, resource: pod } }]
        : [],
    );
  });
}
