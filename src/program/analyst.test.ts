/** A server that keeps incidents: a fault that was recorded on a real cluster comes, is acknowledged, outlasts a restart, is taken back, and is remembered. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { read } from '../../test/lab/finish.ts';
import { RECORDINGS } from '../../test/lab/labels.ts';
import { createChannel } from '../lib/channel.ts';
import type { Change, KubeObject } from '../model/change.ts';
import { load } from './config.ts';
import type { Input } from './inputs.ts';
import { rulesOf } from './live-relations.ts';
import { startServer } from './server.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-analyst-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const recording = read(join(RECORDINGS, 'development', 'config-key-removed.jsonl.zst'));
const cluster = 'main';
let clock = Date.parse(recording.at(-1)?.at ?? '');
const now = (): string => new Date(clock).toISOString();

/** A source that says what it is told to say. */
function spoken(): { readonly input: Input; say(changes: readonly Change[]): Promise<void> } {
  const channel = createChannel<Change>({ capacity: 1_000_000, batchMax: 10_000 });
  return {
    say: (changes) => channel.push(changes),
    input: {
      name: 'spoken',
      cluster,
      async *changes(stop) {
        stop.addEventListener('abort', () => channel.close(), { once: true });
        yield* channel.batches();
      },
    },
  };
}

async function served(url: string) {
  const overrides = {
    'server.port': 0,
    'history.url': url,
    'log.level': 'silent',
    'analysis.settleMs': 0,
    'analysis.rest': 0,
    'analysis.resolveSeconds': 5,
  };
  const config = load({ environment: {}, overrides });
  const stop = new AbortController();
  const { input, say } = spoken();
  const rules = rulesOf(config);
  const server = await startServer(config, { sources: [input], rules } as never, {
    now: () => clock,
    stop: stop.signal,
  });
  const ask = async <T>(path: string, init?: RequestInit): Promise<T> =>
    (await fetch(`${server.url}/api/v1${path}`, init)).json() as Promise<T>;
  return {
    ...server,
    say,
    ask,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await server.close();
    },
  };
}

const headers = { 'content-type': 'application/json' };

interface Row {
  readonly name: string;
  readonly state: string;
  readonly cause?: string;
  readonly reason?: string;
  readonly acknowledgedBy?: string;
  readonly endedAt?: string;
}
interface List {
  readonly items: readonly Row[];
  readonly counts: Readonly<Record<string, number>>;
}
interface Whole {
  readonly incident: Row & {
    readonly happenings: readonly { readonly type: string; readonly triggeredBy: readonly unknown[] }[];
    readonly explained: { readonly symptoms: readonly unknown[] };
  };
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 200; tries++) {
    const found = await look();
    if (found !== undefined) return found;
    await delay(50);
  }
  throw new Error(`never: ${what}`);
}

/** What takes everything back to how it was before an instant. */
function takenBack(before: string): readonly Change[] {
  const then = new Map<string, KubeObject>();
  const last = new Map<string, KubeObject>();
  for (const change of recording) {
    const objects = change.type === 'apply' ? [change.object] : change.type === 'reset' ? change.objects : [];
    for (const object of objects) {
      const { uid = '' } = object.metadata;
      if (object.kind === 'Event' || uid === '') continue;
      if (change.at < before) then.set(uid, object);
      last.set(uid, object);
    }
    if (change.type === 'delete') last.delete(change.object.metadata.uid ?? '');
  }
  const changes: Change[] = [];
  for (const [uid, object] of then)
    if (last.get(uid) !== object) changes.push({ type: 'apply', at: now(), cluster, object });
  for (const [uid, object] of last) if (!then.has(uid)) changes.push({ type: 'delete', at: now(), cluster, object });
  return changes;
}

test('IC1 an incident opens, is acknowledged, outlasts a restart, is resolved when the fault is taken back, and the past knows it as it was', async () => {
  const url = join(folder, 'incidents.db');
  let name = '';
  {
    await using server = await served(url);
    await server.say(recording);
    const open = await until('an incident', async () => (await server.ask<List>('/incidents')).items[0]);
    assert.deepEqual(
      [open.state, open.cause, open.reason],
      ['open', 'ConfigMap/apiarist/frames', 'ConfigMapKeyMissing'],
    );
    name = open.name;
    const body = JSON.stringify({ state: 'acknowledged', by: 'ada', note: 'looking' });
    const said = await server.ask<Whole>(`/incidents/${name}`, { method: 'PATCH', headers, body });
    assert.deepEqual([said.incident.state, said.incident.acknowledgedBy], ['acknowledged', 'ada']);
    const theirs = await server.ask<{ data: object[]; pagination: object }>(
      '/incidents?page=1&page_size=5&status=acknowledged',
    );
    assert.deepEqual(theirs.pagination, { page: 1, page_size: 5, total_pages: 1, total_count: 1 });
    assert.deepEqual(
      ['incident_id', 'status', 'acknowledged_by'].map((key) => (theirs.data[0] as Record<string, unknown>)[key]),
      [name, 'acknowledged', 'ada'],
    );
    const { incident } = await server.ask<Whole>(`/incidents/${name}`);
    assert.ok(incident.explained.symptoms.length > 0);
    const failed = incident.happenings.find(({ type }) => type === 'container_config_failed');
    assert.ok((failed?.triggeredBy.length ?? 0) > 0, 'the change of the ConfigMap triggered it');
    const query =
      "MATCH (c:Event {type: 'config_changed'})-[t:TRIGGERED]->(e:Event) RETURN c.object, t.confidence, t.lag";
    const { rows } = await server.ask<{ rows: unknown[][] }>('/query', {
      method: 'POST',
      headers,
      body: JSON.stringify({ query }),
    });
    assert.deepEqual(rows[0]?.slice(0, 2), ['ConfigMap/frames', 0.8]);
  }
  clock += 1_000;
  const acknowledged = now();
  clock += 60_000;
  await using server = await served(url);
  const [known] = (await server.ask<List>('/incidents')).items;
  assert.deepEqual([known?.name, known?.state, known?.acknowledgedBy], [name, 'acknowledged', 'ada'], 'as it was');
  await server.say(takenBack(recording.find(isChangeOfSettings)?.at ?? ''));
  await delay(300);
  clock += 10_000;
  await server.say([{ type: 'apply', at: now(), cluster, object: unrelated }]);
  const ended = await until('a resolution', async () => {
    const { incident } = await server.ask<Whole>(`/incidents/${name}`);
    return incident.state === 'resolved' ? incident : undefined;
  });
  assert.ok(ended.endedAt);
  assert.deepEqual((await server.ask<List>('/incidents')).items, [], 'nothing is wrong any more');
  const then = await server.ask<List>(`/incidents?at=${acknowledged}`);
  assert.deepEqual(
    then.items.map((row) => [row.name, row.state]),
    [[name, 'acknowledged']],
  );
  const { incident } = await server.ask<Whole>(`/incidents/${name}?at=${acknowledged}`);
  assert.equal(incident.acknowledgedBy, 'ada');
  assert.ok(
    incident.happenings.some(({ triggeredBy }) => triggeredBy.length > 0),
    'what triggered what is computed for the past',
  );
});

function isChangeOfSettings(change: Change, index: number): boolean {
  return (
    index > 0 &&
    change.type === 'apply' &&
    change.object.kind === 'ConfigMap' &&
    change.object.metadata.name === 'frames' &&
    change.at > (recording[0]?.at ?? '')
  );
}

const unrelated = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'x', name: 'y', uid: 'uid-unrelated' },
};
