/**
 * What kube-scheduler says of a pod that it cannot place, clause by clause. Source: pkg/scheduler/framework/types.go FitError and the reasons of its
 * plugins, from 1.18 to 1.36; a reason that is not known is `other`.
 */

export type Reason =
  | 'selector'
  | 'taint'
  | 'cordon'
  | 'resource'
  | 'pods'
  | 'ports'
  | 'affinity'
  | 'anti-affinity'
  | 'anti-affinity-of-others'
  | 'spread'
  | 'volume-affinity'
  | 'volume-none'
  | 'volume-gone'
  | 'volume-count'
  | 'volume-in-use'
  | 'claim-unbound'
  | 'claim-missing'
  | 'claim-deleted'
  | 'provisioning'
  | 'device'
  | 'node-name'
  | 'no-nodes'
  | 'waiting'
  | 'other';

export interface Clause {
  /** On so many nodes; undefined for what holds wherever it is placed. */
  readonly nodes: number | undefined;
  readonly reason: Reason;
  /** The resource that is short, the key of the taint, the name of the claim. */
  readonly detail: string;
  readonly text: string;
}

const REASONS: readonly (readonly [pattern: RegExp, reason: Reason])[] = [
  [
    /node affinity\/selector|match node selector|requested node affinity|scheduler-enforced node affinity|affinity terms conflict|plugin\(?s?\)? \[?NodeAffinity/i,
    'selector',
  ],
  [/untolerated taint|had taints?\b/i, 'taint'],
  [/were unschedulable|unknown conditions/i, 'cordon'],
  [/^Too many pods|Insufficient pods/i, 'pods'],
  [/^Insufficient /i, 'resource'],
  [/free ports/i, 'ports'],
  [/existing pods anti-affinity/i, 'anti-affinity-of-others'],
  [/pod anti-affinity|affinity\/anti-affinity/i, 'anti-affinity'],
  [/pod affinity rules/i, 'affinity'],
  [/topology spread/i, 'spread'],
  [/volume node affinity|PersistentVolume's node affinity|no available volume zone/i, 'volume-affinity'],
  [/available persistent volumes to bind|enough free storage/i, 'volume-none'],
  [/non-existent (?:pv|persistentvolume)/i, 'volume-gone'],
  [/max volume count/i, 'volume-count'],
  [/ReadWriteOncePod|no available disk/i, 'volume-in-use'],
  [/unbound immediate PersistentVolumeClaims/i, 'claim-unbound'],
  [/persistentvolumeclaim "([^"]+)" not found/i, 'claim-missing'],
  [/persistentvolumeclaim "([^"]+)" is being deleted/i, 'claim-deleted'],
  [/binding volumes|provisioning failed|failed to check provisioning|find storage class/i, 'provisioning'],
  [/resource ?claim|device class|cannot allocate all claims|allocate devices/i, 'device'],
  [/requested (?:node ?name|host ?name)/i, 'node-name'],
  [/no nodes available to schedule/i, 'no-nodes'],
  [/^waiting for|^skip schedule/i, 'waiting'],
];

/** The clauses of a message; what is said of preemption is left out. */
export function clausesOf(message: string): readonly Clause[] {
  const said = message
    .replace(/[.,]? ?(?:no new claims to deallocate|still not schedulable|plugin disabled|preemption: ).*$/s, '')
    .replace(/^(?:.*?\b)?0\/\d+ nodes are available: ?/s, '');
  return said
    .split(/, (?=\d+ )|\. (?=\d+ )/)
    .map((part) => part.trim().replace(/\.$/, ''))
    .filter((part) => part !== '')
    .map(clauseOf);
}

function clauseOf(part: string): Clause {
  const [, count, rest = part] = /^(\d+) (.*)$/s.exec(part) ?? [];
  const [pattern, reason] = REASONS.find(([one]) => one.test(rest)) ?? [undefined, 'other' as const];
  const [, named] = pattern?.exec(rest) ?? [];
  return {
    nodes: count === undefined ? undefined : Number(count),
    reason,
    detail:
      named ??
      /\{([^:}]+):/.exec(rest)?.[1] ??
      (reason === 'resource' ? (/^Insufficient (\S+)/i.exec(rest)?.[1] ?? '') : ''),
    text: part,
  };
}
