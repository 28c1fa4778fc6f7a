/**
 * A Kubernetes cluster as a source: discovery → one watcher a kind → batches of changes.
 * Invariants: only a configuration that cannot work is thrown, when the source is made; a cluster that cannot be reached is waited for, and
 * shown by its coverage; nothing leaves unredacted; who reads slowly slows the sockets, not the memory.
 */
import { type Channel, createChannel } from '../../lib/channel.ts';
import { createSemaphore } from '../../lib/semaphore.ts';
import type { Change, KubeObject, Occurrence } from '../../model/change.ts';
import type { Wanted } from '../../model/groups.ts';
import type { Action } from '../../model/remediation.ts';
import type { Source } from '../../model/source.ts';
import type { RawObject } from '../raw-object.ts';
import type { Redact } from '../redact.ts';
import { type Acted, act, type Target } from './actions.ts';
import { type ApiResource, apiVersionOf, kindFilter } from './api-resource.ts';
import type { Clock } from './clock.ts';
import { ClusterFollower } from './cluster-follower.ts';
import type { Cluster } from './connect.ts';
import { createDiscovery } from './discovery.ts';
import { logTimes } from './logs/limits.ts';
import { LogFollower, type LogFollowerOptions, type LogOptions } from './logs/log-follower.ts';
import { allowedIn } from './permissions.ts';
import { offersStreamingLists, serverVersion } from './server-version.ts';
import { startWatcher, watcherTimes } from './watcher.ts';

export interface KubernetesSourceOptions {
  readonly cluster: Cluster;
  readonly redact: Redact;
  readonly clock: Clock;
  /** Numbers in [0, 1), for jitter. */
  readonly random: () => number;
  /** Kinds to follow and to leave out; see `kindFilter`. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** Namespaces to follow where the whole cluster may not be listed. */
  readonly namespaces?: readonly string[];
  /** First lists through the watch (KEP-3157). `auto`: where the server is known to offer it. */
  readonly streamingLists?: 'auto' | 'always' | 'never';
  /** Objects a page. */
  readonly pageSize?: number;
  /** Reads the logs of pods that look unwell. */
  readonly logs?: LogOptions;
  /** What is known of what pods wrote before. */
  readonly knownLogs?: LogFollowerOptions['known'];
  readonly limits?: Partial<typeof sourceLimits>;
  readonly times?: Partial<typeof sourceTimes>;
}

export interface KubernetesSource extends Source {
  /** Name of the cluster in every change. */
  readonly cluster: string;
  /** Lists the kinds wanted again and says every object anew, changed or not; resolves when that is done, or cannot be done now. */
  refresh(wanted?: Wanted): Promise<void>;
  /** Reads the logs of a pod now and for so long, however well it is; resolves when what it wrote has been told. False: no such pod, or no logs are read. */
  readLogs(namespace: string, name: string, forMs: number): Promise<boolean>;
  /** Tells what is known of what pods wrote, by their uid, so that reading goes on from there. Before it is followed. */
  recallLogs(known: (uid: string) => readonly Occurrence[]): void;
  /** Acts on an object of the cluster, or only tries to. */
  act(target: Target, action: Action, forReal: boolean): Promise<Acted>;
}

export const sourceLimits = {
  /** First lists at a time; also the pages that are in memory at a time. */
  lists: 8,
  /** Changes that wait to be read. */
  queued: 4_000,
  /** Changes handed over at once, where many wait. */
  batch: 1_000,
  /** Watches of single namespaces. */
  narrow: 2_000,
};

export const sourceTimes = {
  ...watcherTimes,
  logs: logTimes,
  probe: { firstMs: 250, maxMs: 2_000 },
  askMs: 5_000,
  answerMs: 5_000,
  rediscoverMs: 300_000,
};

/** An action is done, or given up, within so long. */
const ACT_MS = 30_000;

/** Follows the cluster until it is stopped. */
export function kubernetesSource(options: KubernetesSourceOptions): KubernetesSource {
  let running: Running | undefined;
  let known: LogFollowerOptions['known'];
  return {
    name: `kubernetes/${options.cluster.name}`,
    cluster: options.cluster.name,
    changes: (stop) =>
      observe({ ...options, ...(known && { knownLogs: known }) }, false, stop, (begun) => {
        running = begun;
      }),
    refresh: async (wanted = () => true) => running?.follower.refresh(wanted),
    readLogs: async (namespace, name, forMs) =>
      (await running?.logs?.ask(namespace, name, forMs, running.stop)) ?? false,
    recallLogs: (told) => {
      known = told;
    },
    act: (target, action, forReal) => {
      const { cluster, clock } = options;
      const stop = AbortSignal.timeout(ACT_MS);
      return act(cluster.client, target, action, { forReal, at: clock.time(), stop });
    },
  };
}

/** One look: lists everything once and ends. Throws a Problem when the server cannot be reached or does not let us in. */
export function kubernetesSnapshot(options: KubernetesSourceOptions): Source {
  return {
    name: `kubernetes/${options.cluster.name}`,
    changes: (stop) => observe(options, true, stop, () => undefined),
  };
}

interface Running {
  readonly follower: ClusterFollower;
  readonly logs: LogFollower | undefined;
  readonly stop: AbortSignal;
}

async function* observe(
  options: KubernetesSourceOptions,
  once: boolean,
  stop: AbortSignal,
  begun: (running: Running) => void,
): AsyncIterableIterator<readonly Change[]> {
  const over = new AbortController();
  const signal = AbortSignal.any([stop, over.signal]);
  const limits = { ...sourceLimits, ...options.limits };
  const channel = createChannel<Change>({ capacity: limits.queued, batchMax: limits.batch });
  signal.addEventListener('abort', () => channel.close(), { once: true });
  const logs = options.logs && createLogFollower(options, options.logs, channel);
  const follower = createFollower({ ...options, noticed: (pods) => logs?.noticed(pods) }, once, signal, channel);
  begun({ follower, logs, stop: signal });
  const readings = once ? undefined : logs?.run(signal).catch((error: unknown) => channel.close(error));
  const finished = follower
    .run()
    .then(() => (once ? logs?.readOnce(options.logs?.lookMs ?? 0, signal) : readings))
    .then(
      () => channel.close(),
      (error: unknown) => channel.close(signal.aborted ? undefined : error),
    );
  try {
    yield* channel.batches();
  } finally {
    over.abort();
    await finished;
    options.cluster.client.close();
  }
}

type Output = Pick<Channel<Change>, 'push' | 'close'>;

function createLogFollower(
  { cluster, clock, random, times, knownLogs }: KubernetesSourceOptions,
  logs: LogOptions,
  { push }: Output,
): LogFollower {
  const { name, client } = cluster;
  return new LogFollower({
    ...logs,
    cluster: name,
    client,
    clock,
    random,
    times: times?.logs ?? logTimes,
    emit: push,
    ...(knownLogs && { known: knownLogs }),
  });
}

function createFollower(
  options: KubernetesSourceOptions & { readonly noticed: (pods: readonly Change[]) => void },
  once: boolean,
  stop: AbortSignal,
  channel: Output,
): ClusterFollower {
  const { cluster, clock, random, redact, namespaces = [] } = options;
  const { client, connection, name } = cluster;
  const limits = { ...sourceLimits, ...options.limits };
  const times = { ...sourceTimes, ...options.times };
  const lists = createSemaphore(limits.lists);
  const discover = createDiscovery(client);
  let streamed: boolean | undefined;
  const follower: ClusterFollower = new ClusterFollower(
    {
      cluster: name,
      server: connection.cluster.server,
      async discover(signal) {
        const [found, offered] = await Promise.all([discover(signal), streamed ?? isStreamed(options, signal)]);
        if (found.type === 'discovered') streamed = offered;
        return found;
      },
      ask: (signal) => serverVersion(client, signal),
      wanted: kindFilter(options.include ?? [], options.exclude ?? []),
      allowedIn: (namespace, signal) => allowedIn(client, namespace, signal),
      namespaces: namespaces.length > 0 ? namespaces : [connection.namespace ?? 'default'],
      namespacesOnly: namespaces.length > 0,
      begin: ({ resource, namespace, known, onCoverage }, signal) => {
        const watcher = startWatcher(
          {
            subject: {
              cluster: name,
              resource,
              ...(namespace !== undefined && { namespace }),
              pageSize: options.pageSize ?? 500,
              streamed: streamed === true,
              once,
              prepare: preparing(resource, redact),
            },
            client,
            lists,
            clock,
            random,
            times,
            ...(known !== undefined && { known }),
            emit: async (changes) => {
              await channel.push(changes);
              follower.noticed(resource, changes);
              if (resource.group === '' && resource.kind === 'Pod') options.noticed(changes);
            },
            onCoverage,
            onFailure: (failure) => follower.suspect(failure),
            ...(once && { failuresMax: 3 }),
          },
          signal,
        );
        watcher.done.catch((error: unknown) => channel.close(error));
        return watcher;
      },
      emit: (changes) => channel.push(changes),
      clock,
      random,
      times,
      narrowMax: limits.narrow,
      once,
    },
    stop,
  );
  return follower;
}

async function isStreamed(
  { cluster, streamingLists = 'auto' }: KubernetesSourceOptions,
  stop: AbortSignal,
): Promise<boolean> {
  if (streamingLists !== 'auto') return streamingLists === 'always';
  return offersStreamingLists(await serverVersion(cluster.client, stop));
}

/** Lists do not repeat the kind in every object; and nothing goes on with a secret in it. */
function preparing(resource: ApiResource, redact: Redact): (raw: RawObject) => KubeObject {
  const apiVersion = apiVersionOf(resource);
  const { kind } = resource;
  return (raw) => redact({ apiVersion, kind, ...raw } as KubeObject);
}
