/**
 * One cluster: every kind that discovery finds, followed; kinds that come and go while we look; namespaces where the cluster is not ours to see.
 * Invariants: whatever fails is shown as coverage and tried again, nothing is thrown but faults of this program; a server that is out of reach is
 * known as such within seconds, also when it only falls silent, and when it is back everything is taken up at once.
 *
 * Coverage of the scope `*` / `*` is that of the server itself: `broken` while it is out of reach, `loading` when it has never been within reach;
 * that of `group` / `*` is that of a group whose own server is down.
 */
import { type Backoff, backoffMs, jittered } from '../../lib/backoff.ts';
import type { Change, Coverage } from '../../model/change.ts';
import { kindKey, type Wanted } from '../../model/groups.ts';
import { Problem } from '../../model/problem.ts';
import type { Time } from '../../model/time.ts';
import type { ApiResource } from './api-resource.ts';
import type { Clock } from './clock.ts';
import type { Discover, Discovery } from './discovery.ts';
import { type Failure, isLoss, problemFromFailure } from './failure.ts';
import { type Beginning, KindFollower } from './kind-follower.ts';
import type { Allowed } from './permissions.ts';
import type { Watcher } from './watcher.ts';

export interface ClusterFollowerOptions {
  readonly cluster: string;
  /** Server URL, for messages. */
  readonly server: string;
  readonly discover: Discover;
  /** The cheapest question there is; a failure when the server does not answer it. */
  readonly ask: (stop: AbortSignal) => Promise<Failure | { readonly type: 'version' }>;
  readonly wanted: (resource: ApiResource) => boolean;
  readonly allowedIn: (namespace: string, stop: AbortSignal) => Promise<Allowed>;
  /** Namespaces to try when the cluster's own list of them may not be read. */
  readonly namespaces: readonly string[];
  /** Try only these namespaces, even when the cluster's list of them may be read. */
  readonly namespacesOnly: boolean;
  readonly begin: (beginning: Beginning, stop: AbortSignal) => Watcher;
  readonly emit: (changes: readonly Change[]) => Promise<void>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly times: {
    /** Between two questions to a server that does not answer; when it does, everybody who waits is woken. */
    readonly probe: Backoff;
    /** Between two questions to a server that does; a watch that fails asks at once. */
    readonly askMs: number;
    /** How long it may take to answer them. */
    readonly answerMs: number;
    /** Between two looks at discovery when nothing suggests that it changed. */
    readonly rediscoverMs: number;
  };
  /** Watches of single namespaces, at most. */
  readonly narrowMax: number;
  /** List everything once and end. */
  readonly once: boolean;
}

/**
 * After a definition changed, or the server was away, discovery follows within seconds, on a busy machine within a minute; it is asked several times,
 * which costs next to nothing (ETag).
 */
const AFTER_CHANGE_MS = [200, 800, 2_000, 5_000, 10_000, 20_000, 40_000] as const;
/** Kinds whose changes make other kinds come and go. */
const DEFINITIONS: ReadonlySet<string> = new Set([
  'apiextensions.k8s.io/CustomResourceDefinition',
  'apiregistration.k8s.io/APIService',
]);

export class ClusterFollower {
  readonly #options: ClusterFollowerOptions;
  readonly #stop: AbortSignal;
  readonly #kinds = new Map<string, KindFollower>();
  /** What has been shown of kinds that no watcher speaks for. */
  readonly #shown = new Map<string, string>();
  readonly #tasks = new Set<Promise<unknown>>();
  #rules = new Map<string, Promise<Allowed>>();
  #nap = new AbortController();
  /** The last sign of life of the server. */
  #aliveAt: Time | undefined;
  #soon: readonly number[] = [];
  #narrowing: Promise<void> | undefined;
  #narrowAgain = false;

  constructor(options: ClusterFollowerOptions, stop: AbortSignal) {
    this.#options = options;
    this.#stop = stop;
  }

  /** Until `stop` fires, or, for one look, until everything is listed. */
  async run(): Promise<void> {
    const { clock, discover, once, random, server, times } = this.#options;
    let lost = once ? undefined : await this.#lost();
    for (let failures = 0; !this.#stop.aborted; ) {
      const found = lost ?? (await discover(this.#stop));
      if (found.type === 'discovered') {
        this.#aliveAt = clock.time();
        await this.#announce(found);
        await this.#show('*', '*', 'ready');
        if (failures > 0) {
          for (const kind of this.#kinds.values()) kind.nudge();
          this.#soon = AFTER_CHANGE_MS;
        }
        failures = 0;
        await this.#reconcile(found);
        if (once) return this.#finished();
        lost = await this.#rest();
        continue;
      }
      if (once) {
        await this.#show('*', '*', 'broken', `${server}: ${found.message}`);
        throw problemFromFailure(found, `Cluster "${this.#options.cluster}" (${server})`);
      }
      failures++;
      await this.#show('*', '*', this.#kinds.size > 0 ? 'broken' : 'loading', `${server}: ${found.message}`);
      const pause = Math.max(found.retryAfterMs ?? 0, backoffMs(times.probe, failures, random));
      await clock.sleep(pause, this.#stop).catch(() => undefined);
      lost = await this.#lost();
    }
  }

  /** A watch failed: perhaps the server is out of reach. */
  suspect(failure: Failure): void {
    if (isLoss(failure)) this.#nap.abort();
  }

  /** Until discovery is to be asked again, or the server is out of reach: then why. */
  async #rest(): Promise<Failure | undefined> {
    const { clock, random, times } = this.#options;
    const [soon = jittered(times.rediscoverMs, random), ...later] = this.#soon;
    this.#soon = later;
    const due = clock.now() + soon;
    for (let left = soon; left > 0 && this.#soon === later && !this.#stop.aborted; left = due - clock.now()) {
      this.#nap = new AbortController();
      const either = AbortSignal.any([this.#stop, this.#nap.signal]);
      await clock.sleep(Math.min(left, times.askMs), either).catch(() => undefined);
      const lost = await this.#lost();
      if (lost) return lost;
    }
    return undefined;
  }

  /** Why the server is out of reach; undefined when it is not. */
  async #lost(): Promise<Failure | undefined> {
    const { ask, clock, times } = this.#options;
    const over = new AbortController();
    const asked = ask(AbortSignal.any([this.#stop, over.signal]));
    asked.catch(() => undefined);
    try {
      const answer = await clock.race(asked, times.answerMs, this.#stop);
      if (answer === undefined) return { type: 'unreachable', message: `no answer within ${times.answerMs / 1000} s` };
      if (answer.type !== 'version' && isLoss(answer)) return answer;
      this.#aliveAt = clock.time();
    } catch {
      // Stopped.
    } finally {
      over.abort();
    }
    return undefined;
  }

  /** Looks again at discovery and at the kinds wanted, each object said anew. Resolves when it is done, or cannot be done now. */
  async refresh(wanted: Wanted): Promise<void> {
    const found = await this.#options.discover(this.#stop);
    if (found.type === 'discovered') await this.#reconcile(found);
    const kinds = [...this.#kinds.values()].filter(({ resource }) => wanted(resource));
    await Promise.all(kinds.map((kind) => kind.refresh()));
  }

  /** Says which kinds are about to be listed before the cluster counts as discovered: nobody may take it for complete in between. */
  async #announce({ resources }: Discovery): Promise<void> {
    const { cluster, clock, emit, wanted } = this.#options;
    const at = clock.time();
    const fresh = resources.filter((resource) => !this.#kinds.has(kindKey(resource)) && wanted(resource));
    await emit(
      fresh.map(({ group, kind }) => ({ type: 'observe', at, cluster, scope: { group, kind }, coverage: 'loading' })),
    );
  }

  async #reconcile({ resources, broken }: Discovery): Promise<void> {
    const served = new Map(resources.map((resource) => [kindKey(resource), resource]));
    const down = new Set(broken.map(({ group }) => group));
    for (const [key, kind] of this.#kinds) {
      const now = served.get(key);
      if (now === undefined) {
        if (down.has(kind.resource.group)) continue;
        this.#kinds.delete(key);
        await kind.vanish();
      } else if (now.version !== kind.resource.version || now.plural !== kind.resource.plural) await kind.readAs(now);
    }
    for (const [key, resource] of served) {
      if (this.#kinds.has(key)) continue;
      if (this.#options.wanted(resource)) this.#kinds.set(key, this.#follow(resource));
      else await this.#show(resource.group, resource.kind, 'excluded', 'left out by configuration');
    }
    for (const { group, message } of broken) await this.#show(group, '*', 'broken', message);
    for (const group of this.#brokenGroups()) if (!down.has(group)) await this.#show(group, '*', 'ready');
    this.#rules = new Map();
    this.#narrow();
  }

  #brokenGroups(): readonly string[] {
    return [...this.#shown.keys()]
      .filter((key) => key.endsWith('/*'))
      .map((key) => key.slice(0, -2))
      .filter((group) => group !== '*');
  }

  #follow(resource: ApiResource): KindFollower {
    const { cluster, clock, emit } = this.#options;
    return new KindFollower({
      resource,
      cluster,
      clock,
      emit,
      begin: (beginning) => this.#begin(beginning),
      onForbidden: () => this.#narrow(),
    });
  }

  #begin(beginning: Beginning): Watcher {
    const watcher = this.#options.begin(beginning, this.#stop);
    this.#track(watcher.done);
    return watcher;
  }

  #track(task: Promise<unknown>): void {
    this.#tasks.add(task);
    task.finally(() => this.#tasks.delete(task)).catch(() => undefined);
  }

  /** Told of everything that is emitted for a kind. */
  noticed(resource: ApiResource, changes: readonly Change[]): void {
    const key = kindKey(resource);
    if (!changes.some(({ type }) => type === 'apply' || type === 'delete')) return;
    if (DEFINITIONS.has(key)) {
      this.#soon = AFTER_CHANGE_MS;
      this.#nap.abort();
    } else if (key === '/Namespace') this.#narrow();
  }

  /** Finds the namespaces in which narrow kinds may be followed. One round at a time; asked for meanwhile, once more after it. */
  #narrow(): void {
    this.#narrowAgain = true;
    if (this.#narrowing !== undefined) return;
    this.#narrowing = this.#narrowRounds().finally(() => {
      this.#narrowing = undefined;
    });
    this.#track(this.#narrowing);
  }

  async #narrowRounds(): Promise<void> {
    while (this.#narrowAgain && !this.#stop.aborted) {
      this.#narrowAgain = false;
      const narrow = [...this.#kinds.values()].filter((kind) => kind.narrow);
      if (narrow.length === 0) return;
      const allowed = await this.#allowedByNamespace();
      let room = this.#options.narrowMax;
      for (const kind of narrow) {
        const namespaces = [...allowed].filter(([, may]) => may(kind.resource)).map(([namespace]) => namespace);
        await kind.within(new Set(namespaces.slice(0, Math.max(0, room))));
        room -= namespaces.length;
      }
    }
  }

  async #allowedByNamespace(): Promise<ReadonlyMap<string, Allowed>> {
    const { allowedIn, namespaces, namespacesOnly } = this.#options;
    const known = this.#kinds.get('/Namespace');
    const names =
      known?.coverage === 'ready' && !namespacesOnly ? [...known.objects].map(({ name }) => name) : namespaces;
    const allowed = new Map<string, Allowed>();
    for (const name of names) {
      const rules = this.#rules.get(name) ?? allowedIn(name, this.#stop);
      this.#rules.set(name, rules);
      allowed.set(name, await rules.catch(() => () => false));
    }
    return allowed;
  }

  /** Waits until nothing is under way, also not what was begun meanwhile. Throws when nothing at all may be read. */
  async #finished(): Promise<void> {
    while (this.#tasks.size > 0 && !this.#stop.aborted) await Promise.all(this.#tasks);
    const kinds = [...this.#kinds.values()];
    if (kinds.some(({ readable }) => readable) || !kinds.some(({ coverage }) => coverage === 'forbidden')) return;
    const { cluster, server } = this.#options;
    throw new Problem(
      'forbidden',
      `Cluster "${cluster}" (${server}): none of its ${kinds.length} kinds may be listed, here or in the configured namespaces. "kube-kg doctor" says how to change that.`,
    );
  }

  /** Says how well something is observed for which there is no watcher, when that is news. */
  async #show(group: string, kind: string, coverage: Coverage, message?: string): Promise<void> {
    const { cluster, clock, emit } = this.#options;
    const key = kindKey({ group, kind });
    const news = `${coverage} ${message ?? ''}`;
    if (this.#shown.get(key) === news) return;
    if (coverage === 'ready' && kind === '*' && group !== '*') this.#shown.delete(key);
    else this.#shown.set(key, news);
    await emit([
      {
        type: 'observe',
        at: clock.time(),
        cluster,
        scope: { group, kind },
        coverage,
        ...(message !== undefined && { message }),
        ...(coverage === 'broken' && this.#aliveAt !== undefined && { since: this.#aliveAt }),
      },
    ]);
  }
}
