/** Updates from outside through a real server: what they do to the graph, and what becomes of those that cannot be taken. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Sending, sending } from '../../../test/support/intake.ts';

const node = { action: 'CREATE', kind: 'Node', uid: 'uid-n1', name: 'n1' };
const claim = {
  action: 'CREATE',
  kind: 'PersistentVolumeClaim',
  uid: 'uid-data',
  name: 'data',
  namespace: 'shop',
  labels: { app: 'web' },
};
const event = {
  action: 'CREATE',
  event_id: 'e1',
  event_time: '2026-11-22T10:00:00Z',
  severity: 'FATAL',
  reason: 'OOMKilled',
  message: 'killed',
  subject_uid: 'uid-web-1',
};

interface Rca {
  readonly severity: string;
  readonly reason: string;
  readonly event_time: string;
  readonly subject: { readonly name: string };
  readonly notes: readonly string[];
  readonly potential_causes: readonly {
    readonly event_id: string;
    readonly hops: number;
    readonly distance_score: number;
    readonly domain_score: number;
    readonly confidence: number;
  }[];
}

interface Stats {
  readonly resources_by_kind: Readonly<Record<string, number>>;
  readonly events_by_severity: Readonly<Record<string, number>>;
}

interface Surroundings {
  readonly relationships: readonly { readonly target: { readonly kind: string; readonly name: string } }[];
}

async function rca(server: Sending, id: string): Promise<{ status: number; body: Rca }> {
  return server.send('/api/v1/rca', { event_id: id, min_confidence: 0 });
}

test('RW19 resources, edges and events of an update are in the graph, and go again', async () => {
  await using server = await sending();
  const edge = { action: 'CREATE', from: 'uid-web-1', to: 'uid-data', type: 'CLAIMS' };
  const { status, body } = await server.send('/api/v1/updates', {
    timestamp: '2026-11-22T10:00:00Z',
    resources: [node, claim],
    edges: [edge],
    events: [event],
  });
  assert.equal(status, 200);
  assert.deepEqual(body, { status: 'ok', updated: 4, ignored: 0, rejected: 0, reasons: {} });
  const found = await rca(server, 'e1');
  assert.equal(found.status, 200);
  assert.deepEqual([found.body.severity, found.body.reason, found.body.subject.name], ['FATAL', 'OOMKilled', 'web-1']);
  assert.equal(found.body.event_time, '2026-11-22T10:00:00.000Z');
  assert.match(
    found.body.notes[0] ?? '',
    /keeps neither/,
    'without a history nothing can be explained, and it says why',
  );
  const surroundings = await server.ask<Surroundings>('/api/v1/graph/topology/uid-data?depth=2');
  assert.ok(surroundings.relationships.some(({ target }) => target.kind === 'TopologyLink'));
  assert.ok(surroundings.relationships.some(({ target }) => target.name === 'web-1'));
  const gone = await server.send('/api/v1/graph/updates', {
    resources: [{ ...node, action: 'DELETE' }],
    edges: [{ ...edge, action: 'DELETE' }],
  });
  assert.equal(gone.body.updated, 2);
  const stats = await server.ask<Stats>('/api/v1/graph/stats');
  assert.equal(stats.resources_by_kind['Node'], undefined);
  assert.equal(stats.resources_by_kind['TopologyLink'], undefined);
});

test('RW19 an update says who caused whom before: the same event sent twice is one, and earlier ones are its causes', async () => {
  await using server = await sending();
  const restart = {
    ...event,
    event_id: 'e2',
    event_time: '2026-11-22T10:01:00Z',
    severity: 'ERROR',
    reason: 'CrashLoopBackOff',
  };
  const { body } = await server.send('/api/v1/updates/batch', {
    updates: [{ events: [event] }, { events: [event, restart] }],
  });
  assert.equal(body.updated, 3);
  assert.equal((await server.ask<Stats>('/api/v1/graph/stats')).events_by_severity['FATAL'], 1);
  const found = await rca(server, 'e2');
  const [cause] = found.body.potential_causes;
  assert.deepEqual([cause?.event_id, cause?.hops, cause?.distance_score, cause?.domain_score], ['e1', 0, 1, 0.95]);
  assert.ok(Math.abs((cause?.confidence ?? 0) - (0.3 * (14 / 15) + 0.3 + 0.38)) < 0.001);
});

test('RW20 what is followed is known better; what cannot be taken is a dead letter with its reason, and all of it 400', async () => {
  await using server = await sending();
  const pod = {
    action: 'UPDATE',
    kind: 'Pod',
    uid: 'uid-web-1',
    name: 'web-1',
    namespace: 'shop',
    status: { phase: 'Failed' },
  };
  const { body } = await server.send('/api/v1/updates', {
    resources: [pod, node],
    edges: [{ action: 'CREATE', from: 'nobody', to: 'uid-n1', type: 'X' }],
  });
  assert.deepEqual([body.updated, body.ignored, body.rejected], [1, 1, 1]);
  assert.deepEqual(Object.values(body.reasons), [1, 1]);
  const kept = await server.ask<{ status: Readonly<Record<string, string>> }>('/api/v1/graph/resource/uid-web-1');
  assert.equal(kept.status['status'] ?? kept.status['phase'], 'Running');
  const letters = await server.ask('/api/v1/dead-letters');
  assert.match(JSON.stringify(letters), /nobody/);
  for (const [path, sent, wanted] of [
    ['/api/v1/updates', { edges: [{ action: 'CREATE', from: 'nobody', to: 'nobody', type: 'X' }] }, /rejected/],
    ['/api/v1/updates', { resources: [{ action: 'PAINT', kind: 'Pod', uid: 'x', name: 'y' }] }, /action/],
    ['/api/v1/updates', { resource: [] }, /resource/],
    ['/api/v1/graph/updates', [], /mapping/],
    ['/api/v1/updates/batch', {}, /updates/],
    ['/api/v1/updates/batch', { updates: [{ events: [{ event_id: 'x' }] }] }, /subject_uid/],
  ] as const) {
    const answer = await server.send(path, sent);
    assert.equal(answer.status, 400, JSON.stringify(answer.body));
    assert.equal(answer.body.error.code, 'VALIDATION_ERROR');
    assert.match(answer.body.error.message, wanted);
  }
});
