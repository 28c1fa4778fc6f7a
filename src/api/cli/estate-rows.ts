/** What there is, for people: a line a namespace with its workloads, those that are not well first, and one line with the rest. */
import type { Resource } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { wholeOf } from '../../operations/trouble.ts';
import { type Paint, table, wrap } from './io.ts';

const NAMESPACES_MAX = 12;
const LINES_MAX = 2;
const KINDS_MAX = 12;

const workloadKinds: ReadonlySet<string> = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'CronJob',
]);
/** Kinds that people make themselves, in the order in which they think of them. */
const ownKinds = [
  'Node',
  'Service',
  'Ingress',
  'Gateway',
  'HTTPRoute',
  'ConfigMap',
  'Secret',
  'PersistentVolumeClaim',
  'HorizontalPodAutoscaler',
  'PodDisruptionBudget',
  'NetworkPolicy',
  'ResourceQuota',
];

interface Group {
  readonly namespace: string;
  readonly workloads: Map<string, { readonly whole: Resource; rank: number }>;
  pods: number;
  readyPods: number;
  unwell: number;
}

/** Lines of text, each with its newline. */
export function* namespaceLines(view: View, paint: Paint, width: number): Iterable<string> {
  const groups = [...groupsOf(view)].sort(
    (a, b) => b.unwell - a.unwell || b.workloads.size - a.workloads.size || (a.namespace < b.namespace ? -1 : 1),
  );
  const shown = groups.slice(0, NAMESPACES_MAX);
  if (shown.length === 0) return;
  const heads = shown.map(({ namespace, readyPods, pods }) => [`  ${namespace}`, `${readyPods}/${pods}`, '']);
  const [title = '', ...rows] = table([['  NAMESPACE', 'PODS', ''], ...heads]).split('\n');
  const column = Math.max(title.length, ...rows.map(({ length }) => length)) + 2;
  yield `${paint(`${title.padEnd(column)}WORKLOADS`, 'dim')}\n`;
  for (const [index, { workloads, unwell }] of shown.entries()) {
    const cells = [...workloads.values()]
      .sort((a, b) => a.rank - b.rank || (a.whole.name < b.whole.name ? -1 : 1))
      .map(workloadText);
    const lines = wrap(cells, ' · ', Math.max(20, width - column));
    const head = (rows[index] ?? '').padEnd(column);
    yield `${unwell > 0 ? paint(head, 'red') : head}${lines[0] ?? ''}\n`;
    for (const line of lines.slice(1, LINES_MAX)) yield `${' '.repeat(column)}${line}\n`;
    if (lines.length > LINES_MAX) yield `${' '.repeat(column)}… of ${cells.length} workloads\n`;
  }
  if (groups.length > shown.length)
    yield `  … and ${groups.length - shown.length} more namespaces: kube-kg counts lists them all\n`;
}

function groupsOf(view: View): Iterable<Group> {
  const groups = new Map<string, Group>();
  const groupOf = (namespace: string): Group => {
    const group = groups.get(namespace) ?? { namespace, workloads: new Map(), pods: 0, readyPods: 0, unwell: 0 };
    groups.set(namespace, group);
    return group;
  };
  for (const resource of view.resources()) {
    const isPod = resource.kind === 'Pod' && resource.group === '';
    if (!isPod && !workloadKinds.has(resource.kind)) continue;
    const whole = wholeOf(view, resource);
    if (!isPod && whole !== resource) continue;
    const group = groupOf(resource.namespace);
    const workload = group.workloads.get(whole.id) ?? { whole, rank: rankOf(whole) };
    group.workloads.set(whole.id, workload);
    workload.rank = Math.min(workload.rank, rankOf(resource));
    if (!isPod || resource.health.reason === 'Completed') continue;
    group.pods++;
    if (resource.health.status === 'healthy') group.readyPods++;
    else group.unwell++;
  }
  return groups.values();
}

function rankOf({ health }: Resource): number {
  return health.status === 'critical' ? 0 : health.status === 'warning' ? 1 : 2;
}

/** `✗ checkout 0/2`, `log-collector 1/1`, `backup`. */
function workloadText({ whole: { name, summary }, rank }: { readonly whole: Resource; readonly rank: number }): string {
  const { ready, desired, completions } = summary;
  const count =
    typeof ready === 'string'
      ? ready
      : typeof ready === 'number' && desired !== undefined
        ? `${ready}/${desired}`
        : completions;
  return [['✗', '!', ''][rank], name, count].filter((part) => part !== undefined && part !== '').join(' ');
}

/** The kinds that people make, counted; custom ones too, and all others as a number. */
export function* otherLines(view: View, width: number): Iterable<string> {
  const counts = new Map<string, number>();
  const custom = new Set<string>();
  for (const { kind, group, pseudo } of view.resources()) {
    if (pseudo || kind === 'Event' || kind === 'Pod' || kind === 'Namespace' || workloadKinds.has(kind)) continue;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    if (group.includes('.') && !group.endsWith('.k8s.io')) custom.add(kind);
  }
  const named = [...ownKinds.filter((kind) => counts.has(kind)), ...custom].slice(0, KINDS_MAX);
  const cells = named.map((kind) => counted(counts.get(kind) ?? 0, kind));
  for (const kind of named) counts.delete(kind);
  const rest = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (rest > 0) cells.push(`${rest} others of ${counts.size} kinds`);
  if (cells.length > 0) yield '\n';
  for (const line of wrap(cells, ' · ', width - 2)) yield `  ${line}\n`;
}

function counted(count: number, kind: string): string {
  if (count === 1) return `1 ${kind}`;
  return `${count} ${/(?:s|x|ch)$/.test(kind) ? `${kind}es` : /[^aeiou]y$/.test(kind) ? `${kind.slice(0, -1)}ies` : `${kind}s`}`;
}
