/** What of a pod tells whether and what of its logs is to be read. Pure. Source: core/v1 PodStatus, ContainerStatus. */
import type { KubeObject } from '../../../model/change.ts';
import type { HealthStatus } from '../../../model/resource.ts';

/** A run of a container that is over. */
export interface Ended {
  /** Tells it from the runs before and after. */
  readonly run: string;
  readonly hasFailed: boolean;
  /** Milliseconds since 1970; 0 when it is not said. */
  readonly at: number;
}

export interface ContainerState {
  readonly name: string;
  /** The run that goes on. */
  readonly running?: string;
  /** The last run, which is over, and none has begun since. */
  readonly ended?: Ended;
  /** The run before the present or last one. */
  readonly previous?: Ended;
}

export interface PodState {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly containers: readonly ContainerState[];
}

type Tree = Readonly<Record<string, unknown>>;

const LISTS = ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'] as const;

/** A pod as its object shows it; undefined for what has no uid, and so is none that an API server knows. */
export function podStateOf({ metadata, status }: KubeObject): PodState | undefined {
  const { uid, namespace, name } = metadata;
  if (uid === undefined || namespace === undefined) return undefined;
  return { uid, namespace, name, containers: statusesOf(status).map(containerStateOf) };
}

function statusesOf(status: unknown): readonly Tree[] {
  return LISTS.flatMap((list) => {
    const statuses = (status as Tree | undefined)?.[list];
    return Array.isArray(statuses)
      ? (statuses as readonly Tree[]).filter((one) => typeof one?.['name'] === 'string')
      : [];
  });
}

function containerStateOf(status: Tree): ContainerState {
  const { state, lastState, containerID, restartCount } = status;
  const ended = endedIn(state, restartCount);
  const previous = endedIn(lastState, restartCount);
  const isRunning = treeAt(state, 'running') !== undefined;
  return {
    name: String(status['name']),
    ...(isRunning && { running: String(containerID ?? restartCount ?? '') }),
    ...(ended && { ended }),
    ...(previous && { previous }),
  };
}

function endedIn(state: unknown, restarts: unknown): Ended | undefined {
  const terminated = treeAt(state, 'terminated');
  if (terminated === undefined) return undefined;
  const { containerID, finishedAt, exitCode } = terminated;
  return {
    run: String(containerID ?? `${finishedAt} ${restarts}`),
    hasFailed: exitCode !== 0,
    at: typeof finishedAt === 'string' ? Date.parse(finishedAt) || 0 : 0,
  };
}

function treeAt(tree: unknown, key: string): Tree | undefined {
  const value = (tree as Tree | undefined)?.[key];
  return typeof value === 'object' && value !== null ? (value as Tree) : undefined;
}

/** That a pod looks unwell, and until when that counts. */
export interface Trouble {
  /** `warning`: perhaps it is only on its way. */
  readonly severity: 'critical' | 'warning';
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** Reasons for waiting that are no faults. */
const ON_ITS_WAY = new Set(['ContainerCreating', 'PodInitializing', undefined]);

/** What is wrong with a pod, if anything: its state, how its containers ended lately (`recentMs`), or else its health as people see it. */
export function troubleOf(object: KubeObject, health: HealthStatus, recentMs: number): Trouble | undefined {
  const { metadata, status } = object;
  const { phase } = (status ?? {}) as { readonly phase?: unknown };
  if (phase === 'Succeeded') return undefined;
  const statuses = statusesOf(status);
  const isStuck = statuses.some(
    ({ state }) =>
      !ON_ITS_WAY.has(treeAt(state, 'waiting')?.['reason'] as string | undefined) ||
      (endedIn(state, 0)?.hasFailed ?? false),
  );
  const forever = Number.POSITIVE_INFINITY;
  if (isStuck || phase === 'Failed') return { severity: 'critical', until: forever };
  const falls = statuses.map(({ lastState }) => endedIn(lastState, 0)).filter((end) => end?.hasFailed);
  const last = Math.max(0, ...falls.map((end) => end?.at ?? 0));
  // Whoever is deleted is told to end, and to be unready before.
  const isUnwell = health === 'critical' || (health === 'warning' && metadata.deletionTimestamp === undefined);
  if (isUnwell) return { severity: falls.length > 0 || health === 'critical' ? 'critical' : 'warning', until: forever };
  return last > 0 ? { severity: 'critical', until: last + recentMs } : undefined;
}
