/**
 * KubeView v2 as a source: what it tells of a cluster, where the cluster itself is out of our reach. Stands on
 * `/api/namespaces`, `/api/fetch/{namespace}` and `/updates`; docs/reference/kubeview.md says what can be known that way, and what cannot.
 * Invariants: only a configuration that cannot work is thrown, when the source is made; nothing leaves unredacted; KubeView, which waits for each
 * of its readers and stops for good over an id without a stream, is never made to wait by us.
 */
import { randomUUID } from 'node:crypto';
import { createChannel } from '../../lib/channel.ts';
import type { Logger } from '../../lib/logger.ts';
import { createSemaphore } from '../../lib/semaphore.ts';
import { createTurnstile } from '../../lib/turnstile.ts';
import type { Change } from '../../model/change.ts';
import type { GroupKind, Wanted } from '../../model/groups.ts';
import type { Source } from '../../model/source.ts';
import type { Clock } from '../kubernetes/clock.ts';
import type { Environment } from '../kubernetes/transport.ts';
import type { Redact } from '../redact.ts';
import { createClient, type KubeviewClient } from './client.ts';
import { KubeviewFollower } from './kubeview-follower.ts';
import { NamespaceFollower } from './namespace-follower.ts';
import { preparing } from './payload.ts';

export interface KubeviewSourceOptions {
  /** Where KubeView is. */
  readonly url: string;
  /** What its registry calls us; each stream adds something of its own. */
  readonly clientId: string;
  /** What the cluster is called in everything that is observed; the address of its API server unless given. */
  readonly cluster?: string | undefined;
  readonly refreshSeconds: number;
  /** Namespaces to follow, all when empty, and to leave out; `*` stands for any part of a name. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Kinds that the graph knows of. */
  readonly kinds: readonly GroupKind[];
  /** For the proxy variables. */
  readonly environment: Environment;
  readonly redact: Redact;
  readonly clock: Clock;
  /** Numbers in [0, 1), for jitter. */
  readonly random: () => number;
  readonly log: Logger;
  readonly limits?: Partial<typeof kubeviewLimits>;
  readonly times?: Partial<typeof kubeviewTimes>;
}

export interface KubeviewSource extends Source {
  /** Name of the cluster in every change; `kubeview` until KubeView has told. */
  readonly cluster: string;
  /** Fetches everything again and says every object of the kinds wanted anew; resolves when that is done, or cannot be done now. */
  refresh(wanted?: Wanted): Promise<void>;
}

export const kubeviewLimits = {
  /** Fetches at a time. */
  fetches: 2,
  /** Changes that wait to be read. */
  queued: 4_000,
  /** Changes handed over at once, where many wait. */
  batch: 1_000,
  /** Objects of one namespace of which an update may wait. */
  updates: 50_000,
};

export const kubeviewTimes = {
  backoff: { firstMs: 500, maxMs: 30_000 },
  namespacesMs: 15_000,
  /** Three pings and a half. */
  silenceMs: 35_000,
  answerMs: 60_000,
  graceMs: 1_000,
  /** Between the beginnings of two streams or fetches. */
  spaceMs: 50,
  closeMs: 10,
};

/** Follows KubeView until it is stopped. */
export function kubeviewSource(options: KubeviewSourceOptions): KubeviewSource {
  let follower: KubeviewFollower | undefined;
  let cluster = options.cluster ?? 'kubeview';
  const onCluster = (name: string): void => {
    cluster = name;
  };
  return {
    name: `kubeview/${options.url}`,
    get cluster() {
      return cluster;
    },
    changes: (stop) =>
      observe(options, false, stop, onCluster, (running) => {
        follower = running;
      }),
    refresh: async (wanted = () => true) => follower?.refresh(wanted),
  };
}

/**
 * One look: fetches everything once and ends. A stream is opened for it all the same, so it takes as long as KubeView's ping, ten seconds.
 * Throws a Problem when KubeView does not answer.
 */
export function kubeviewSnapshot(options: KubeviewSourceOptions): Source {
  const nothing = (): void => undefined;
  return { name: `kubeview/${options.url}`, changes: (stop) => observe(options, true, stop, nothing, nothing) };
}

async function* observe(
  options: KubeviewSourceOptions,
  once: boolean,
  stop: AbortSignal,
  onCluster: (name: string) => void,
  begun: (follower: KubeviewFollower) => void,
): AsyncIterableIterator<readonly Change[]> {
  const over = new AbortController();
  const signal = AbortSignal.any([stop, over.signal]);
  const limits = { ...kubeviewLimits, ...options.limits };
  const times = { ...kubeviewTimes, ...options.times };
  const channel = createChannel<Change>({ capacity: limits.queued, batchMax: limits.batch });
  signal.addEventListener('abort', () => channel.close(), { once: true });
  if (signal.aborted) channel.close();
  const { url, environment } = options;
  const client = createClient({
    url,
    environment,
    answerTimeoutMs: times.answerMs,
    streamTimeoutMs: times.silenceMs,
  });
  const emit = (changes: readonly Change[]): Promise<void> => channel.push(changes);
  const begin = beginning(options, once, client);
  const follower: KubeviewFollower = new KubeviewFollower(
    {
      ...options,
      times,
      cluster: options.cluster,
      client,
      onCluster,
      wanted: namespaceFilter(options.include, options.exclude),
      begin: (cluster, namespace, say) => {
        const one = begin(cluster, namespace, say, (failure) => follower.suspect(failure));
        one.done.catch((error: unknown) => channel.close(error));
        return one;
      },
      emit,
      once,
    },
    signal,
  );
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
    client.close();
  }
}

type Begin = (
  cluster: string,
  namespace: string,
  emit: (changes: readonly Change[]) => Promise<void>,
  onFailure: ConstructorParameters<typeof NamespaceFollower>[0]['onFailure'],
) => NamespaceFollower;

/** What the followers of all namespaces share. */
function beginning(options: KubeviewSourceOptions, once: boolean, client: KubeviewClient): Begin {
  const { clientId, clock, random, redact, refreshSeconds } = options;
  const limits = { ...kubeviewLimits, ...options.limits };
  const times = { ...kubeviewTimes, ...options.times, refreshMs: refreshSeconds * 1000 };
  const fetches = createSemaphore(limits.fetches);
  const turn = createTurnstile(times.spaceMs, clock.now);
  const prepare = preparing(redact);
  return (cluster, namespace, emit, onFailure) =>
    new NamespaceFollower({
      subject: { cluster, namespace, refreshSeconds, once, prepare },
      client,
      newId: () => `${clientId}-${namespace}-${randomUUID()}`,
      turn,
      fetches,
      clock,
      random,
      times,
      queuedMax: limits.updates,
      emit,
      onFailure,
    });
}

/** Which namespaces to follow: what is excluded is out, whatever is included; an empty list includes all. */
export function namespaceFilter(
  include: readonly string[],
  exclude: readonly string[],
): (namespace: string) => boolean {
  const anyOf = (patterns: readonly string[]): ((name: string) => boolean) => {
    const expressions = patterns.map(
      (pattern) => new RegExp(`^${pattern.replace(/[^\w*-]/g, '\\$&').replaceAll('*', '.*')}$`),
    );
    return (name) => expressions.some((expression) => expression.test(name));
  };
  const isIn = include.length === 0 ? () => true : anyOf(include);
  const isOut = anyOf(exclude);
  return (namespace) => isIn(namespace) && !isOut(namespace);
}
