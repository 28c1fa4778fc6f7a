/**
 * What every sink must do (`src/model/sink.ts`). A sink's test gives a way to open an empty one and to look into its store; the suite writes
 * random histories of a real graph into it and holds what is there against the view.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Graph } from '../../src/graph/graph.ts';
import { describer } from '../../src/kinds/index.ts';
import type { Change } from '../../src/model/change.ts';
import type { Commit } from '../../src/model/commit.ts';
import { settle } from '../../src/model/diff.ts';
import type { Edge } from '../../src/model/edge.ts';
import type { Resource } from '../../src/model/resource.ts';
import type { Sink } from '../../src/model/sink.ts';
import type { View } from '../../src/model/view.ts';
import { realObject } from '../fuzz/real-objects.ts';
import { type Random, seededRandom } from '../support/random.ts';

/** What a store holds, in words that every store has: `resourceLine` and `edgeLine`, in any order. */
export type Contents = readonly string[];

export interface OpenSink {
  readonly sink: Sink;
  contents(): Promise<Contents>;
  /** Ends what the test needed besides the sink. */
  end?(): Promise<void>;
}

type Named = Pick<Resource, 'id' | 'kind' | 'namespace' | 'name'> & { readonly health: string };

/** Who it is and how it does: what is updated must be seen to be. */
export function resourceLine({ id, kind, namespace, name, health }: Named): string {
  return JSON.stringify([id, kind, namespace, name, health]);
}

/** What it joins and why. */
export function edgeLine({ type, from, to, field }: Pick<Edge, 'type' | 'from' | 'to'> & { field: string }): string {
  return JSON.stringify([type, from, to, field]);
}

const AT = '2026-01-01T00:00:00Z';

function wanted(view: View): Contents {
  const lines: string[] = [];
  for (const resource of view.resources()) {
    lines.push(resourceLine({ ...resource, health: resource.health.status }));
    for (const edge of view.stored(resource.id, 'out')) lines.push(edgeLine({ ...edge, field: edge.detail.field }));
  }
  return lines.sort();
}

/** A graph with a life of its own. */
class World {
  readonly #graph = new Graph({ describer });
  readonly #random: Random;
  readonly #known = new Map<string, Change & { type: 'apply' }>();

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  get view(): View {
    return this.#graph.view;
  }

  /** One to eight objects come, change or go. */
  live(): Commit {
    const random = this.#random;
    const commit = this.#graph.apply(Array.from({ length: 1 + random.int(8) }, () => this.#change(random)));
    // A diff is to be read before the next commit.
    void commit.diff;
    return commit;
  }

  #change(random: Random): Change {
    if (this.#known.size > 5 && random.chance(0.3)) {
      const [key, { object }] = random.pick([...this.#known]);
      this.#known.delete(key);
      return { type: 'delete', at: AT, cluster: 'c', object };
    }
    const change = { type: 'apply', at: AT, cluster: 'c', object: realObject(random) } as const;
    const { kind, metadata } = change.object;
    this.#known.set(`${kind}/${metadata.namespace}/${metadata.name}`, change);
    return change;
  }
}

/** Registers the suite for one sink. `open` gives an empty one each time. */
export function sinkContract(name: string, open: () => Promise<OpenSink>): void {
  const it = (title: string, run: (open: OpenSink) => Promise<void>): void => {
    test(title, async () => {
      const opened = await open();
      try {
        await run(opened);
      } finally {
        await opened.sink.close();
        await opened.end?.();
      }
    });
  };
  const holds = async ({ contents }: OpenSink, { view }: World, when: string): Promise<void> =>
    assert.deepEqual([...(await contents())].sort(), wanted(view), when);

  it(`SK1 ${name}: a replacement leaves exactly the view, whatever was there before`, async (opened) => {
    const first = new World(1);
    for (let step = 0; step < 10; step++) first.live();
    await opened.sink.replace(first.view, 1);
    await holds(opened, first, 'the first');
    await opened.sink.replace(first.view, 1);
    await holds(opened, first, 'the same again');
    const other = new World(2);
    for (let step = 0; step < 10; step++) other.live();
    await opened.sink.replace(other.view, 2);
    await holds(opened, other, 'another world');
    await opened.sink.replace(new World(3).view, 3);
    assert.deepEqual(await opened.contents(), [], 'an empty world');
  });

  it(`SK2 ${name}: writes leave exactly the view, also said twice and several squashed into one`, async (opened) => {
    const world = new World(4);
    const random = seededRandom('writes');
    await opened.sink.replace(world.view, 1);
    for (let step = 0; step < 40; step++) {
      const commits = Array.from({ length: 1 + random.int(3) }, () => world.live());
      const diff = settle(commits.map((commit) => commit.diff));
      await opened.sink.write(diff);
      if (random.chance(0.2)) await opened.sink.write(diff);
      await holds(opened, world, `step ${step}`);
    }
  });

  it(`SK3 ${name}: what changes while a replacement is under way is right after the write that follows`, async (opened) => {
    const world = new World(5);
    for (let step = 0; step < 20; step++) world.live();
    const commits: Commit[] = [];
    for (let generation = 1; generation <= 5; generation++) {
      const replacing = opened.sink.replace(world.view, generation);
      for (let step = 0; step < 5; step++) {
        await new Promise((resolve) => setImmediate(resolve));
        commits.push(world.live());
      }
      await replacing;
      await opened.sink.write(settle(commits.splice(0).map(({ diff }) => diff)));
      await holds(opened, world, `generation ${generation}`);
    }
  });

  it(`SK4 ${name}: an empty diff changes nothing, and closing is safe twice and before the first write`, async (opened) => {
    const world = new World(6);
    world.live();
    await opened.sink.replace(world.view, 1);
    await opened.sink.write(settle([]));
    await holds(opened, world, 'after an empty diff');
    await opened.sink.close();
    await opened.sink.close();
    const unused = await open();
    await unused.sink.close();
    await unused.end?.();
  });
}
