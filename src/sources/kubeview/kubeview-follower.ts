/**
 * Everything that one KubeView lists: its namespaces, as they come and go, each followed by itself.
 * Invariants: whatever fails is shown as coverage and tried again, nothing is thrown but for one look; a namespace is gone when KubeView answers
 * and no longer lists it, and only then; nothing is said before it is known which cluster KubeView looks at.
 *
 * Coverage of the scope `*` / `*` is that of KubeView itself. Every kind is `excluded` in the whole cluster: KubeView tells of few kinds, and of
 * those in the namespaces it lists, so that what is missing anywhere else proves nothing.
 */
import { type Backoff, backoffMs } from '../../lib/backoff.ts';
import type { Logger } from '../../lib/logger.ts';
import { sleep } from '../../lib/timer.ts';
import { type Change, type Coverage, groupOf } from '../../model/change.ts';
import { canonicalKind, type GroupKind, kindKey, type Wanted } from '../../model/groups.ts';
import type { Time } from '../../model/time.ts';
import type { Clock } from '../kubernetes/clock.ts';
import { type Failure, isLoss, problemFromFailure } from '../kubernetes/failure.ts';
import type { KubeviewClient } from './client.ts';
import { toldKinds } from './kinds.ts';
import { announcement } from './namespace-draft.ts';
import type { NamespaceFollower } from './namespace-follower.ts';

export interface KubeviewFollowerOptions {
  /** Of KubeView, for messages. */
  readonly url: string;
  readonly client: Pick<KubeviewClient, 'namespaces'>;
  /** What the cluster is called; by its address unless given. */
  readonly cluster: string | undefined;
  /** Told what the cluster is called, once it is known. */
  readonly onCluster: (name: string) => void;
  readonly wanted: (namespace: string) => boolean;
  /** Kinds that the graph knows of. */
  readonly kinds: readonly GroupKind[];
  readonly begin: (cluster: string, namespace: string, emit: KubeviewFollowerOptions['emit']) => NamespaceFollower;
  readonly emit: (changes: readonly Change[]) => Promise<void>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly times: {
    readonly backoff: Backoff;
    /** Between two looks at the namespaces; a stream that is lost looks at once. */
    readonly namespacesMs: number;
    /** Between the ends of two streams, where all end. */
    readonly closeMs: number;
  };
  /** Fetch everything once and end. */
  readonly once: boolean;
}

export class KubeviewFollower {
  readonly #options: KubeviewFollowerOptions;
  readonly #stop: AbortSignal;
  readonly #namespaces = new Map<string, NamespaceFollower>();
  /** Kinds of which the coverage in the whole cluster has been said. */
  readonly #told = new Set<string>();
  #cluster: string | undefined;
  #shown = '';
  #aliveAt: Time | undefined;
  #nap = new AbortController();
  #looking: Promise<boolean> | undefined;

  constructor(options: KubeviewFollowerOptions, stop: AbortSignal) {
    this.#options = options;
    this.#stop = stop;
    this.#cluster = options.cluster;
  }

  /** Until `stop` fires, or, for one look, until everything is fetched. Throws a Problem for one look that KubeView does not answer. */
  async run(): Promise<void> {
    const { clock, once, random, times } = this.#options;
    try {
      for (let failures = 0; !this.#stop.aborted; ) {
        const isBack = failures > 0;
        failures = (await this.#look()) ? 0 : failures + 1;
        if (once) await Promise.all([...this.#namespaces.values()].map(({ done }) => done));
        if (once) return;
        if (failures === 0 && isBack) for (const namespace of this.#namespaces.values()) namespace.nudge();
        this.#nap = new AbortController();
        const either = failures > 0 ? this.#stop : AbortSignal.any([this.#stop, this.#nap.signal]);
        const pause = failures > 0 ? backoffMs(times.backoff, failures, random) : times.namespacesMs;
        await clock.sleep(pause, either).catch(() => undefined);
      }
    } finally {
      await this.#close();
    }
  }

  /** Looks at the namespaces again, and at everything in them. Resolves when it is done, or cannot be done now. */
  async refresh(wanted: Wanted): Promise<void> {
    // Rejects when stopped, and then the rest does nothing.
    await this.#look().catch(() => false);
    const { clock, emit } = this.#options;
    const cluster = this.#cluster;
    if (cluster !== undefined && wanted({ group: '', kind: 'Namespace' }))
      await emit([...this.#namespaces.keys()].map((name) => namespaceChange('apply', cluster, name, clock.time())));
    await Promise.all([...this.#namespaces.values()].map((namespace) => namespace.refresh(wanted)));
  }

  /** A stream was lost, or a fetch failed: perhaps KubeView is out of reach, or the namespace is gone. */
  suspect(failure: Failure): void {
    if (isLoss(failure) || failure.type === 'not-found') this.#nap.abort();
  }

  /** One look at the namespaces at a time; false when KubeView did not answer. */
  #look(): Promise<boolean> {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookOnce(): Promise<boolean> {
    const { client, clock, log, once, onCluster, url } = this.#options;
    const answer = await client.namespaces(this.#stop);
    if (answer.type === 'namespaces') {
      this.#aliveAt = clock.time();
      this.#cluster ??= clusterNameFrom(answer.clusterHost);
      onCluster(this.#cluster);
      await this.#reconcile(this.#cluster, answer.names.filter(this.#options.wanted));
      return true;
    }
    if (once) throw problemFromFailure(answer, `KubeView (${url})`);
    const message = `KubeView at ${url}: ${answer.message}`;
    if (this.#cluster !== undefined) await this.#show(this.#aliveAt === undefined ? 'loading' : 'broken', message);
    else if (this.#shown !== message) {
      this.#shown = message;
      log.warn({ err: answer.message }, `KubeView at ${url} cannot be reached yet`);
    }
    return false;
  }

  async #reconcile(cluster: string, names: readonly string[]): Promise<void> {
    const { begin, clock, emit, kinds } = this.#options;
    const at = clock.time();
    const fresh = names.filter((name) => !this.#namespaces.has(name));
    // What is about to be fetched is said before KubeView counts as reached: nobody may take it for complete in between.
    await emit([
      ...this.#excluded(cluster, [...toldKinds.values(), ...kinds], at),
      ...fresh.flatMap((namespace) => [
        namespaceChange('apply', cluster, namespace, at),
        ...announcement({ cluster, namespace }, at),
      ]),
    ]);
    await this.#show('ready');
    for (const name of fresh) {
      if (this.#stop.aborted || this.#namespaces.has(name)) continue;
      this.#namespaces.set(
        name,
        begin(cluster, name, (changes) => emit([...this.#strangers(cluster, changes), ...changes])),
      );
    }
    for (const [name, follower] of [...this.#namespaces]) {
      if (names.includes(name)) continue;
      this.#namespaces.delete(name);
      await follower.vanish();
      await emit([namespaceChange('delete', cluster, name, clock.time())]);
    }
  }

  /** Owners may be of any kind, also of one that nobody has heard of. */
  #strangers(cluster: string, changes: readonly Change[]): readonly Change[] {
    return changes.flatMap((change) => {
      if (change.type !== 'apply') return [];
      const { ownerReferences } = change.object.metadata ?? {};
      if (!Array.isArray(ownerReferences)) return [];
      const owners = ownerReferences.filter((owner) => typeof owner?.kind === 'string');
      const kinds = owners.map(({ apiVersion, kind }) => canonicalKind(groupOf(String(apiVersion)), kind));
      return this.#excluded(cluster, kinds, change.at);
    });
  }

  /** Says of kinds, once, that nothing is known of them but what namespaces say. */
  #excluded(cluster: string, kinds: Iterable<GroupKind>, at: Time): Change[] {
    const changes: Change[] = [];
    for (const { group, kind } of kinds) {
      const key = kindKey({ group, kind });
      // `*` as a kind is the whole group's, whose coverage is that of its server.
      if (this.#told.has(key) || kind === '*') continue;
      this.#told.add(key);
      const message = TOLD.has(key)
        ? 'KubeView tells of it in the namespaces it lists'
        : 'KubeView does not tell of it';
      changes.push({ type: 'observe', at, cluster, scope: { group, kind }, coverage: 'excluded', message });
    }
    return changes;
  }

  async #show(coverage: Coverage, message?: string): Promise<void> {
    const { clock, emit } = this.#options;
    const news = `${coverage} ${message ?? ''}`;
    if (this.#shown === news || this.#cluster === undefined) return;
    this.#shown = news;
    await emit([
      {
        type: 'observe',
        at: clock.time(),
        cluster: this.#cluster,
        scope: { group: '*', kind: '*' },
        coverage,
        ...(message !== undefined && { message }),
        ...(coverage === 'broken' && this.#aliveAt !== undefined && { since: this.#aliveAt }),
      },
    ]);
  }

  /** Streams end one after the other, as they began. */
  async #close(): Promise<void> {
    const ending: Promise<void>[] = [];
    for (const follower of this.#namespaces.values()) {
      if (ending.length > 0) await sleep(this.#options.times.closeMs, new AbortController().signal);
      ending.push(follower.stop());
    }
    await Promise.all(ending);
  }
}

const TOLD: ReadonlySet<string> = new Set([...toldKinds.values()].map(kindKey));

/** All that KubeView tells of a namespace is that it is there. */
function namespaceChange(type: 'apply' | 'delete', cluster: string, name: string, at: Time): Change {
  return { type, at, cluster, object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } };
}

/** What a cluster is called by the address of its API server: `https://10.0.0.1:6443` → `10.0.0.1:6443`. */
export function clusterNameFrom(address: string): string {
  return (URL.canParse(address) && new URL(address).host) || address || 'kubeview';
}
