/** Every source keeps its contract. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { silentLogger } from '../../src/lib/logger.ts';
import type { KubeObject } from '../../src/model/change.ts';
import { Problem } from '../../src/model/problem.ts';
import { systemClock } from '../../src/sources/kubernetes/clock.ts';
import { connect } from '../../src/sources/kubernetes/connect.ts';
import {
  type KubernetesSourceOptions,
  kubernetesSnapshot,
  kubernetesSource,
} from '../../src/sources/kubernetes/source.ts';
import { type KubeviewSourceOptions, kubeviewSnapshot, kubeviewSource } from '../../src/sources/kubeview/source.ts';
import { emptyReport, recordingSource } from '../../src/sources/recording.ts';
import { redaction } from '../../src/sources/redact.ts';
import { replayed } from '../../src/sources/replay.ts';
import { Kubeview } from '../support/kubeview.ts';
import { scriptedServer } from '../support/scripted-api-server.ts';
import { smallApiServer } from '../support/small-api-server.ts';
import { type OpenSource, plurals, sourceContract } from './source.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-sources-'));
after(() => rmSync(folder, { recursive: true }));
const redact = redaction('a key for this test');
const AT = '2026-01-01T00:00:00Z';

sourceContract({
  name: 'an array',
  open: async (objects) => ({
    source: {
      name: 'an array',
      async *changes(stop) {
        for (const object of objects) {
          if (stop.aborted) return;
          yield [redact.change({ type: 'apply', at: AT, cluster: 'c', object })];
        }
      },
    },
  }),
});

let recordings = 0;
async function recording(objects: readonly KubeObject[], form: '' | '.gz' | '.zst'): Promise<OpenSource> {
  const path = join(folder, `${++recordings}.jsonl${form}`);
  const lines = objects
    .map((object) => `${JSON.stringify({ type: 'apply', at: AT, cluster: 'c', object })}\n`)
    .join('');
  writeFileSync(path, form === '.gz' ? gzipSync(lines) : form === '.zst' ? zstdCompressSync(lines) : lines);
  return { source: recordingSource({ paths: [path], redact: redact.change }, emptyReport()) };
}

const openUnreadable = async (): Promise<OpenSource> => ({
  source: recordingSource({ paths: [join(folder, 'none.jsonl')], redact: redact.change }, emptyReport()),
});
for (const form of ['', '.gz', '.zst'] as const)
  sourceContract({ name: `a recording${form}`, open: (objects) => recording(objects, form), openUnreadable });

sourceContract({
  name: 'a recording at its pace',
  async open(objects) {
    const { source } = await recording(objects, '');
    return { source: replayed(source, { speed: 1_000, waitMsMax: 1, sleep: async () => undefined }) };
  },
});

/** The options of a source on a server, with a kubeconfig of its own. */
function optionsFor(server: string): KubernetesSourceOptions {
  const kubeconfig = join(folder, `kubeconfig-${++recordings}`);
  const context = { name: 'c', context: { cluster: 'c', user: 'u' } };
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server } }],
      users: [{ name: 'u', user: {} }],
      contexts: [context],
    }),
  );
  const clock = systemClock();
  return {
    cluster: connect({ kubeconfig, context: 'c', environment: {}, clock }),
    redact: redact.object,
    clock,
    random: Math.random,
    streamingLists: 'never',
    pageSize: 100,
  };
}

for (const [name, make] of [
  ['a cluster', kubernetesSource],
  ['one look at a cluster', kubernetesSnapshot],
] as const)
  sourceContract({
    name,
    async open(objects) {
      const server = await scriptedServer(smallApiServer({ objects, plurals }));
      return { source: make(optionsFor(server.url)), end: () => server[Symbol.asyncDispose]() };
    },
    ...(make === kubernetesSnapshot && {
      openUnreadable: async () => ({ source: make(optionsFor('http://127.0.0.1:1')) }),
    }),
  });

/** KubeView tells of Namespaces only that they are there, and of Nodes nothing. */
const shown = (objects: readonly KubeObject[]): readonly KubeObject[] =>
  objects.flatMap((object) => {
    if (object.kind === 'Node') return [];
    const { apiVersion, kind, metadata } = object;
    return [kind === 'Namespace' ? { apiVersion, kind, metadata: { name: metadata.name } } : object];
  });

function kubeviewOptions(url: string): KubeviewSourceOptions {
  return {
    url,
    clientId: 'a-test',
    cluster: 'c',
    refreshSeconds: 300,
    include: [],
    exclude: [],
    kinds: [],
    environment: {},
    redact: redact.object,
    clock: systemClock(),
    random: Math.random,
    log: silentLogger,
    times: { spaceMs: 1 },
  };
}

sourceContract({
  name: 'KubeView',
  shown,
  async open(objects) {
    // What KubeView cuts off it says when it repeats everything.
    const server = await new Kubeview({ objects, pingMs: 10, resyncMs: 200 }).start();
    return { source: kubeviewSource(kubeviewOptions(server.url)), end: () => server[Symbol.asyncDispose]() };
  },
});

test('SO7 one look at KubeView: a world that cannot be read at all is a Problem', async () => {
  const reading = Array.fromAsync(
    kubeviewSnapshot(kubeviewOptions('http://127.0.0.1:1')).changes(new AbortController().signal),
  );
  await assert.rejects(reading, (error) => error instanceof Problem && error.message !== '');
});
