/** What there is, for people: a line a namespace with its workloads, those that are not well first, and one line with the rest. */
import { isEvent, kindKey } from '../../model/groups.ts';
import { compareText } from '../../model/order.ts';
import type { Resource } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { wholeOf } from '../../operations/shared/wholes.ts';
import { type Cell, counted, type Page, table, wrap } from './text/layout.ts';

const NAMESPACES_MAX = 12;
const LINES_MAX = 2;
const KINDS_MAX = 12;

/** `group/Kind`. */
const workloadKinds: ReadonlySet<string> = new Set([
  'apps/Deployment',
  'apps/StatefulSet',
  'apps/DaemonSet',
  'apps/ReplicaSet',
  '/ReplicationController',
  'batch/Job',
  'batch/CronJob',
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
export function* namespaceLines(view: View, page: Page): Iterable<string> {
  const groups = [...groupsOf(view)].sort(
    (a, b) => b.unwell - a.unwell || b.workloads.size - a.workloads.size || compareText(a.namespace, b.namespace),
  );
  const shown = groups.slice(0, NAMESPACES_MAX);
  if (shown.length === 0) return;
  const heads = shown.map(({ namespace, readyPods, pods }) => [namespace, `${readyPods}/${pods}`] as const);
  const taken =
    widest(['NAMESPACE', ...heads.map(([namespace]) => namespace)]) +
    widest(['PODS', ...heads.map(([, pods]) => pods)]);
  const rows = shown.flatMap(({ workloads, unwell }, index) => {
    const cells = [...workloads.values()]
      .sort((a, b) => a.rank - b.rank || compareText(a.whole.name, b.whole.name))
      .map(workloadText);
    const lines = wrap(cells, ' · ', Math.max(20, page.width - taken - 6));
    const more = lines.length > LINES_MAX ? [`… of ${cells.length} workloads`] : [];
    const head = (heads[index] ?? []).map((text): Cell => (unwell > 0 ? { text, style: 'red' } : text));
    return [...lines.slice(0, LINES_MAX), ...more].map((text, place) => [...(place === 0 ? head : ['', '']), text]);
  });
  yield* table(['NAMESPACE', 'PODS', 'WORKLOADS'], rows, page, '  ');
  if (groups.length > shown.length)
    yield `  … and ${groups.length - shown.length} more namespaces: kube-kg counts lists them all\n`;
}

function widest(texts: readonly string[]): number {
  return Math.max(...texts.map(({ length }) => length));
}

function groupsOf(view: View): Iterable<Group> {
  const groups = new Map<string, Group>();
  const groupOf = (namespace: string): Group => {
    const group = groups.get(namespace) ?? { namespace, workloads: new Map(), pods: 0, readyPods: 0, unwell: 0 };
    groups.set(namespace, group);
    return group;
  };
  for (const resource of view.resources()) {
    const isPod = kindKey(resource) === '/Pod';
    if (!isPod && !workloadKinds.has(kindKey(resource))) continue;
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
export function* otherLines(view: View, { width }: Page): Iterable<string> {
  const counts = new Map<string, number>();
  const custom = new Set<string>();
  for (const resource of view.resources()) {
    const { kind, group } = resource;
    const key = kindKey(resource);
    if (resource.pseudo || isEvent(resource) || key === '/Pod' || key === '/Namespace' || workloadKinds.has(key))
      continue;
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
