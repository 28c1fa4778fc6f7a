/**
 * One kind of one cluster: followed everywhere, or, where that is forbidden, in each namespace where it is allowed. The watcher of everything
 * keeps asking, rarely; when it is let in, it takes over.
 * Invariant: changing from one way to the other loses no object and leaves none behind.
 */
import type { Change, Coverage } from '../../model/change.ts';
import type { ApiResource } from './api-resource.ts';
import type { Clock } from './clock.ts';
import { tombstone } from './watch-draft.ts';
import type { State } from './watch-state.ts';
import type { Watcher } from './watcher.ts';

export interface Beginning {
  readonly resource: ApiResource;
  readonly namespace?: string;
  readonly known?: State['known'];
  readonly onCoverage: (coverage: Coverage | undefined) => void;
}

export interface KindFollowerOptions {
  readonly resource: ApiResource;
  readonly cluster: string;
  readonly clock: Clock;
  readonly emit: (changes: readonly Change[]) => Promise<void>;
  /** Starts a watcher. */
  readonly begin: (beginning: Beginning) => Watcher;
  /** Told when the kind may not be followed everywhere: `within` should be called. */
  readonly onForbidden: () => void;
}

export class KindFollower {
  #resource: ApiResource;
  readonly #options: KindFollowerOptions;
  readonly #within = new Map<string, Watcher>();
  #everywhere: Watcher;

  constructor(options: KindFollowerOptions) {
    this.#options = options;
    this.#resource = options.resource;
    this.#everywhere = this.#beginEverywhere();
  }

  get resource(): ApiResource {
    return this.#resource;
  }

  /** True where only single namespaces can be followed. */
  get narrow(): boolean {
    return this.#resource.namespaced && this.#everywhere.coverage === 'forbidden';
  }

  /** Coverage of the kind everywhere. */
  get coverage(): Coverage | undefined {
    return this.#everywhere.coverage;
  }

  /** Whether it was listed, everywhere or in some namespace. */
  get readable(): boolean {
    return this.#watchers().some(({ coverage }) => coverage === 'ready');
  }

  get objects(): Iterable<{ readonly name: string }> {
    return this.#everywhere.known.values();
  }

  /** Follows exactly these namespaces. Those that are no longer named are gone. */
  async within(namespaces: ReadonlySet<string>): Promise<void> {
    if (!this.narrow) return;
    const gone: Promise<void>[] = [];
    for (const [namespace, watcher] of this.#within) {
      if (namespaces.has(namespace)) continue;
      this.#within.delete(namespace);
      gone.push(watcher.vanish());
    }
    for (const namespace of namespaces) {
      if (this.#within.has(namespace)) continue;
      const known = new Map([...this.#everywhere.known].filter(([, object]) => object.namespace === namespace));
      const watcher = this.#options.begin({ resource: this.#resource, namespace, known, onCoverage: () => undefined });
      this.#within.set(namespace, watcher);
    }
    await Promise.all(gone);
  }

  /** The server prefers another version: the same objects, read by another path. */
  async readAs(resource: ApiResource): Promise<void> {
    this.#resource = resource;
    const known = await this.#everywhere.stop();
    this.#everywhere = this.#beginEverywhere(known);
    for (const [namespace, watcher] of this.#within) {
      const inside = await watcher.stop();
      this.#within.set(
        namespace,
        this.#options.begin({ resource, namespace, known: inside, onCoverage: () => undefined }),
      );
    }
  }

  async refresh(): Promise<void> {
    await Promise.all(this.#watchers().map((watcher) => watcher.refresh()));
  }

  nudge(): void {
    for (const watcher of this.#watchers()) watcher.nudge();
  }

  /** The API no longer serves the kind. */
  async vanish(): Promise<void> {
    await Promise.all(this.#watchers().map((watcher) => watcher.vanish()));
    this.#within.clear();
  }

  #watchers(): readonly Watcher[] {
    return [this.#everywhere, ...this.#within.values()];
  }

  #beginEverywhere(known?: State['known']): Watcher {
    return this.#options.begin({
      resource: this.#resource,
      ...(known !== undefined && { known }),
      onCoverage: (coverage) => {
        if (coverage === 'forbidden' && this.#resource.namespaced) this.#options.onForbidden();
        if (coverage === 'ready' && this.#within.size > 0) void this.#takeOver();
      },
    });
  }

  /** What a narrow watcher knew and the wide one does not see vanished just before the narrow one could say so. */
  async #takeOver(): Promise<void> {
    const { cluster, clock, emit } = this.#options;
    const narrow = [...this.#within];
    this.#within.clear();
    for (const [namespace, watcher] of narrow) {
      const known = await watcher.stop();
      const at = clock.time();
      const { group, kind } = this.#resource;
      const changes: Change[] = [
        {
          type: 'observe',
          at,
          cluster,
          scope: { group, kind, namespace },
          coverage: 'ready',
          message: 'followed everywhere',
        },
      ];
      for (const [key, object] of known) {
        if (!this.#everywhere.known.has(key))
          changes.push(tombstone({ cluster, resource: this.#resource }, key, object, at));
      }
      await emit(changes);
    }
  }
}
