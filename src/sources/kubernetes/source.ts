/**
 * A Kubernetes cluster as a source: discovery → one watcher a kind → batches of changes.
 * Invariants: only a configuration that cannot work is thrown, when the source is made; a cluster that cannot be reached is waited for, and
 * shown by its coverage; nothing leaves unredacted; who reads slowly slows the sockets, not the memory.
 */
import { createChannel } from '../../lib/channel.ts';
import { createSemaphore } from '../../lib/semaphore.ts';
import type { Change, KubeObject } from '../../model/change.ts';
import type { Wanted } from '../../model/groups.ts';
import type { Source } from '../../model/source.ts';
import type { RawObject } from '../raw-object.ts';
import type { Redact } from '../redact.ts';
import { type ApiResource, apiVersionOf, kindFilter } from './api-resource.ts';
import type { Clock } from './clock.ts';
import { ClusterFollower } from './cluster-follower.ts';
import type { Cluster } from './connect.ts';
import { createDiscovery } from './discovery.ts';
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
  readonly limits?: Partial<typeof sourceLimits>;
  readonly times?: Partial<typeof sourceTimes>;
}

export interface KubernetesSource extends Source {
  /** Name of the cluster in every change. */
  readonly cluster: string;
  /** Lists the kinds wanted again and says every object anew, changed or not; resolves when that is done, or cannot be done now. */
  refresh(wanted?: Wanted): Promise<void>;
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
  probe: { firstMs: 250, maxMs: 2_000 },
  askMs: 5_000,
  answerMs: 5_000,
  rediscoverMs: 300_000,
};

/** Follows the cluster until it is stopped. */
export function kubernetesSource(options: KubernetesSourceOptions): KubernetesSource {
  let follower: ClusterFollower | undefined;
  return {
    name: `kubernetes/${options.cluster.name}`,
    cluster: options.cluster.name,
    changes: (stop) =>
      observe(options, false, stop, (running) => {
        follower = running;
      }),
    refresh: async (wanted = () => true) => follower?.refresh(wanted),
  };
}

/** One look: lists everything once and ends. Throws a Problem when the server cannot be reached or does not let us in. */
export function kubernetesSnapshot(options: KubernetesSourceOptions): Source {
  return {
    name: `kubernetes/${options.cluster.name}`,
    changes: (stop) => observe(options, true, stop, () => undefined),
  };
}

async function* observe(
  options: KubernetesSourceOptions,
  once: boolean,
  stop: AbortSignal,
  begun: (follower: ClusterFollower) => void,
): AsyncIterableIterator<readonly Change[]> {
  const over = new AbortController();
  const signal = AbortSignal.any([stop, over.signal]);
  const limits = { ...sourceLimits, ...options.limits };
  const channel = createChannel<Change>({ capacity: limits.queued, batchMax: limits.batch });
  signal.addEventListener('abort', () => channel.close(), { once: true });
  const follower = createFollower(options, once, signal, channel);
  begun(follower);
  const finished = follower.run().then(
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

function createFollower(
  options: KubernetesSourceOptions,
  once: boolean,
  stop: AbortSignal,
  channel: { push(batch: readonly Change[]): Promise<void>; close(error: unknown): void },
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
