/**
 * What every source must do (`src/model/source.ts`). A source's test gives a way to open one on a world that holds a given estate; the suite
 * reads it in every way a reader may, and holds the graph of what it says against the graph of the estate.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Graph } from '../../src/graph/graph.ts';
import { describer } from '../../src/kinds/index.ts';
import type { Change, KubeObject } from '../../src/model/change.ts';
import { Problem } from '../../src/model/problem.ts';
import type { Source } from '../../src/model/source.ts';
import { timeFrom } from '../../src/model/time.ts';
import { graphDocument } from '../../src/operations/shared/graph-document.ts';

export interface OpenSource {
  readonly source: Source;
  /** Ends the world it looks at. */
  end?(): PromiseLike<void>;
}

export interface SourceUnderTest {
  readonly name: string;
  /** A source of cluster `c` on a world that holds these objects, as they are before any redaction. */
  open(objects: readonly KubeObject[]): Promise<OpenSource>;
  /** What such a world tells of these objects, where it does not tell all of each. */
  shown?(objects: readonly KubeObject[]): readonly KubeObject[];
  /** A source on a world that cannot be read at all. Left out by sources that wait for theirs. */
  openUnreadable?(): Promise<OpenSource>;
}

const CANARY = 'CANARY-correct-horse-battery';
const SECRET = Buffer.from(CANARY).toString('base64');

function pod(number: number): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `web-${number}`,
      namespace: 'shop',
      uid: `uid-web-${number}`,
      resourceVersion: '7',
      labels: { app: 'web' },
    },
    spec: {
      nodeName: 'n1',
      containers: [
        {
          name: 'c',
          image: 'nginx:1',
          env: [{ name: 'DB_PASSWORD', value: CANARY }],
          envFrom: [{ secretRef: { name: number % 2 === 0 ? 'card' : 'missing' } }],
        },
      ],
    },
    status: { phase: 'Running' },
  };
}

const simple = (apiVersion: string, kind: string, name: string, more: object = {}, namespace?: string): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, uid: `uid-${kind}-${name}`, resourceVersion: '7', ...(namespace !== undefined && { namespace }) },
  ...more,
});

/** What the suite's world holds: several pages of pods, what they refer to, a secret, and an object that nobody can use. */
export const estate: readonly KubeObject[] = [
  simple('v1', 'Namespace', 'shop'),
  simple('v1', 'Node', 'n1'),
  simple('v1', 'Secret', 'card', { data: { password: SECRET }, type: 'Opaque' }, 'shop'),
  simple('v1', 'Service', 'web', { spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } }, 'shop'),
  simple('apps/v1', 'Deployment', 'web', { spec: { selector: { matchLabels: { app: 'web' } }, template: {} } }, 'shop'),
  ...Array.from({ length: 1_205 }, (_, number) => pod(number)),
];

/** Names of the collections of the estate. */
export const plurals = {
  Namespace: 'namespaces',
  Node: 'nodes',
  Secret: 'secrets',
  Service: 'services',
  Deployment: 'deployments',
  Pod: 'pods',
};

function documentOf(changes: readonly Change[]): string {
  const graph = new Graph({ describer });
  graph.apply(changes);
  return [...graphDocument(graph.view, { computed: true })].join('');
}

/** Reads until the graph of what was said is the expected one, or the source has ended. */
async function readUntil(
  expected: string,
  source: Source,
  stop: AbortController,
  each = async () => {},
): Promise<readonly Change[]> {
  const changes: Change[] = [];
  const patience = setTimeout(() => stop.abort(), 20_000);
  let pods = 0;
  for await (const batch of source.changes(stop.signal)) {
    changes.push(...batch);
    pods += batch.filter((change) => change.type === 'apply' && change.object.kind === 'Pod').length;
    await each();
    // A source that follows its world does not end by itself.
    if (pods >= 1_205 && documentOf(changes) === expected) break;
  }
  clearTimeout(patience);
  return changes;
}

/** How many sockets, files and timers keep this process. */
function held(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource !== 'Immediate').length;
}

/** Registers the suite for one source. */
export function sourceContract({ name, open, openUnreadable, shown = (objects) => objects }: SourceUnderTest): void {
  const expected = documentOf(
    shown(estate).map((object) => ({ type: 'apply', at: '2026-01-01T00:00:00Z', cluster: 'c', object })),
  );
  const read = (source: Source, stop: AbortController, each?: () => Promise<void>): Promise<readonly Change[]> =>
    readUntil(expected, source, stop, each);
  const it = (title: string, run: (opened: OpenSource) => Promise<void>, world = () => open(estate)): void => {
    test(title, async () => {
      const opened = await world();
      try {
        await run(opened);
      } finally {
        await opened.end?.();
      }
    });
  };

  it(`SO1 ${name}: what it says gives the graph of its world, in well-formed changes`, async ({ source }) => {
    assert.notEqual(source.name, '');
    const changes = await read(source, new AbortController());
    assert.equal(documentOf(changes), expected);
    for (const { at, cluster } of changes) {
      assert.equal(cluster, 'c');
      assert.notEqual(timeFrom(at), undefined, at);
    }
  });

  it(`SO2 ${name}: no secret leaves it`, async ({ source }) => {
    const text = JSON.stringify(await read(source, new AbortController()));
    assert.ok(!text.includes(CANARY) && !text.includes(SECRET));
    assert.ok(text.includes('"card"'), 'the Secret is there');
  });

  it(`SO3 ${name}: who reads slowly gets everything`, async ({ source }) => {
    let turns = 0;
    const changes = await read(source, new AbortController(), async () => {
      for (let turn = 0; turn < (turns++ % 5) * 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    });
    assert.equal(documentOf(changes), expected);
  });

  it(`SO4 ${name}: it ends without an error, and without saying the rest, when it is stopped, before the first batch and after it`, async ({
    source,
  }) => {
    const early = new AbortController();
    early.abort();
    const before = await Array.fromAsync(source.changes(early.signal));
    assert.ok(before.length <= 1, `${before.length} batches of a source that was stopped before it began`);
    const opened = await open(estate);
    const stop = new AbortController();
    const batches: number[] = [];
    for await (const batch of opened.source.changes(stop.signal)) {
      batches.push(batch.length);
      stop.abort();
    }
    await opened.end?.();
    const [first = 0, ...after] = batches;
    const left = estate.length - first;
    assert.ok(left <= 0 || after.reduce((sum, length) => sum + length, 0) < left, 'it said the rest all the same');
  });

  it(`SO5 ${name}: a reader that leaves ends it: nothing of it keeps the process`, async ({ source }) => {
    const before = held();
    for await (const _ of source.changes(new AbortController().signal)) break;
    const patience = Date.now() + 5_000;
    // Between two requests nothing is held for a moment.
    for (let free = 0; free < 100 && Date.now() < patience; free = held() <= before ? free + 1 : 0)
      await new Promise((resolve) => setImmediate(resolve));
    assert.ok(held() <= before, `it still holds ${process.getActiveResourcesInfo().join(', ')}`);
  });

  const broken = [
    { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'shop', uid: 'uid-nameless', resourceVersion: '7' } },
    { apiVersion: 'v1', kind: 'Pod', metadata: null },
  ] as unknown as KubeObject[];
  it(
    `SO6 ${name}: objects that nobody can use do not stop the others`,
    async ({ source }) => assert.equal(documentOf(await read(source, new AbortController())), expected),
    () => open([...estate.slice(0, 700), ...broken, ...estate.slice(700)]),
  );

  if (openUnreadable === undefined) return;
  it(
    `SO7 ${name}: a world that cannot be read at all is a Problem`,
    async ({ source }) => {
      const reading = Array.fromAsync(source.changes(new AbortController().signal));
      await assert.rejects(reading, (error) => error instanceof Problem && error.message !== '');
    },
    openUnreadable,
  );
}
