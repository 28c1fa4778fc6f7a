/** The RCA API of a knowledge graph, asked over HTTP of the demo's recording: real content in their field names, and their errors. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openEstate } from '../../../test/support/api-estate.ts';
import { at, deployment, event, podStatus } from '../../../test/support/estate.ts';
import { type Answer, demo, type ServedRecording, servedRecording } from '../../../test/support/served-recording.ts';
import type { KubeObject } from '../../model/change.ts';
import { eventsShape, healthShape, resourceShape, statsShape, surroundingsShape, timelineShape } from './kg-graph.ts';
import { causalShape, semanticShape, similarShape } from './kg-search.ts';
import { rcaResult } from './rca.ts';

const API = 'Deployment/payments/payments-api';
const path = encodeURIComponent;

let served: ServedRecording;
before(async () => {
  served = await servedRecording(demo);
});
after(() => served.close());

async function ok<T>(schema: { parse(value: unknown): T }, where: string, body?: unknown): Promise<T> {
  const answer = await served.ask(where, body);
  assert.equal(answer.status, 200, `${where}: ${answer.text.slice(0, 300)}`);
  return schema.parse(answer.body);
}

function assertError({ status, body, text }: Answer, wanted: number, code: string, message: RegExp): void {
  assert.equal(status, wanted, text);
  const { error } = body as { error: { code: string; message: string; timestamp: string } };
  assert.equal(error.code, code);
  assert.match(error.message, message);
  assert.match(error.timestamp, /^\d{4}-\d\d-\d\dT/);
}

async function newest(): Promise<string> {
  const { newest_event } = await ok(statsShape, '/graph/stats');
  return newest_event ?? assert.fail('nothing happened');
}

describe('an RCA API', () => {
  it('RW10 an event has causes with the three scores, best first, what is wrong, who suffers, a timeline and a recommendation', async () => {
    const event = await newest();
    const found = await ok(rcaResult, '/rca', { event_id: event, min_confidence: 0.4 });
    assert.equal(found.reason, 'Unhealthy');
    assert.match(found.message, /payments-api\.payments\.svc/);
    assert.equal(found.subject.namespace, 'shop');
    assert.match(found.subject.rid, /^pod:[0-9a-f-]{36}$/);
    assert.equal(found.subject.labels?.['app'], 'checkout');
    assert.ok(found.potential_causes.length > 3);
    for (const [index, cause] of found.potential_causes.entries()) {
      const { confidence, temporal_score, distance_score, domain_score, hops, explanation } = cause;
      const sum = 0.3 * temporal_score + 0.3 * distance_score + 0.4 * domain_score;
      assert.ok(Math.abs(sum - confidence) < 0.002);
      assert.ok(confidence >= 0.4 && confidence <= (found.potential_causes[index - 1]?.confidence ?? 1));
      assert.ok(Math.abs(distance_score - 1 / (hops + 1)) < 0.001);
      assert.match(explanation, /before|same time/);
    }
    assert.equal(found.root_cause?.resource.kind, 'Secret');
    assert.equal(found.root_cause?.resource.name, 'db-credentials');
    assert.equal(found.related_incident?.severity, 'FATAL');
    assert.ok(found.blast_radius.some(({ kind, name }) => kind === 'Service' && name === 'checkout'));
    assert.equal(found.timeline.at(-1)?.event_time, found.event_time);
    assert.equal(found.timeline.at(-1)?.resource, found.subject.rid);
    assert.match(found.recommendation.action, /db-credentials/);
    assert.equal(found.recommendation.command, found.suggestions[1]);
    assert.equal(found.recommendation.automated, false);
    const again = await ok(rcaResult, `/rca/${found.event_id}?include_timeline=false&include_blast_radius=false`);
    assert.equal(again.event_id, found.event_id);
    assert.deepEqual([again.timeline, again.blast_radius], [[], []]);
    assert.deepEqual(again.potential_causes, found.potential_causes);
  });

  it('RW11 fewer hops, a shorter window and more confidence leave causes out; the variant enhanced gives at most five', async () => {
    const event_id = await newest();
    const causes = async (more: object): Promise<readonly { hops: number; confidence: number; event_time: string }[]> =>
      (await ok(rcaResult, '/rca', { event_id, min_confidence: 0, ...more })).potential_causes;
    const all = await causes({});
    const near = await causes({ max_hops: 1 });
    assert.ok(near.length < all.length && near.every(({ hops }) => hops <= 1));
    const short = await causes({ time_window_minutes: 0.2 });
    assert.ok(short.length < all.length && short.every(({ event_time }) => event_time >= '2026-11-21T14:30:18'));
    assert.ok((await causes({ min_confidence: 0.559 })).length < all.length);
    assert.equal((await causes({ ranker: 'enhanced' })).length, 5);
  });

  it('RW12 the events of a resource, and many events, are analysed together; ids that nothing bears are named', async () => {
    const { body } = await served.ask('/rca/resource', { resource_uid: API, time_window_hours: 24 });
    const { analysis_count, analyses } = body as { analysis_count: number; analyses: { reason: string }[] };
    assert.equal(analysis_count, analyses.length);
    assert.ok(analyses.some(({ reason }) => reason === 'ScalingReplicaSet'));
    for (const analysis of analyses)
      assert.equal(rcaResult.parse(analysis).root_cause?.resource.name, 'db-credentials');
    const none = await served.ask('/rca/resource', { resource_uid: API, severity: ['FATAL'] });
    assert.equal((none.body as { analysis_count: number }).analysis_count, 0);
    const many = await served.ask('/rca/bulk', { event_ids: [await newest(), 'nobody'] });
    const { total, results, not_found } = many.body as { total: number; results: unknown[]; not_found: string[] };
    assert.deepEqual([total, results.length, not_found], [2, 1, ['nobody']]);
    const last = await ok(rcaResult, '/rca', { resource_uid: 'Pod/payments/settlement-29921190-4qz9f' });
    assert.equal(last.subject.name, 'settlement-29921190-4qz9f');
  });

  it('RW13 statistics hold every map and both instants, flat and nested, and agree with themselves', async () => {
    const { graph, ...flat } = await ok(statsShape, '/graph/stats');
    const sum = (map: Readonly<Record<string, number>>): number =>
      Object.values(map).reduce((all, one) => all + one, 0);
    assert.equal(sum(flat.resources_by_kind), flat.resources);
    assert.equal(sum(flat.edges_by_type), flat.edges);
    assert.equal(sum(flat.events_by_severity), flat.episodic_events);
    assert.ok(flat.resources > 300 && flat.edges > 1_000 && flat.episodic_events > 30);
    assert.ok((flat.edges_by_type['SELECTS'] ?? 0) > 0 && (flat.events_by_severity['WARNING'] ?? 0) > 0);
    assert.ok((flat.oldest_event ?? '') < (flat.newest_event ?? ''));
    assert.equal(graph.resources.total, flat.resources);
    assert.equal(graph.events.by_severity['WARNING'], flat.events_by_severity['WARNING']);
    assert.equal('Event' in flat.resources_by_kind, false);
  });

  it('RW14 a timeline has the events of an interval, the latest first, by severity and namespace, with their incident on wish', async () => {
    const whole = await ok(timelineShape, '/graph/timeline');
    const times = whole.events.map(({ event_time }) => event_time);
    assert.deepEqual(times, times.toSorted().reverse());
    assert.equal(whole.total, whole.events.length);
    const query = 'start_time=2026-11-21T14:29:40Z&severity=WARNING&namespaces=shop&include_incidents=true';
    const part = await ok(timelineShape, `/graph/timeline?${query}`);
    assert.ok(part.total > 0 && part.total < whole.total);
    for (const { severity, subject, event_time, incident_id } of part.events) {
      assert.deepEqual([severity, subject.namespace], ['WARNING', 'shop']);
      assert.ok(event_time >= '2026-11-21T14:29:40');
      assert.match(incident_id ?? '', /db-credentials/);
    }
    assert.equal(part.start_time, '2026-11-21T14:29:40.000Z');
  });

  it('RW15 a resource is found by its uid and by its names, with status and spec of the object, its surroundings and its events', async () => {
    const found = await ok(resourceShape, `/graph/resource/${path(API)}`);
    assert.equal(found.spec?.['replicas'], 2);
    assert.equal(found.health.status, 'critical');
    assert.deepEqual(await ok(resourceShape, `/graph/resource/${found.uid}`), found);
    assert.deepEqual(await ok(resourceShape, `/graph/resource/${path(found.rid)}`), found);
    const { relationships, depth } = await ok(surroundingsShape, `/graph/topology/${found.uid}?depth=2`);
    assert.equal(depth, 2);
    const of = (kind: string, name: string) =>
      relationships.find(({ target }) => target.kind === kind && target.name === name)?.path;
    assert.deepEqual(of('Service', 'ledger-db'), ['CALLS']);
    assert.equal(of('Pod', 'payments-api-f888fd97f-dk6wt')?.length, 2);
    assert.ok(relationships.every((one) => one.path.length >= 1 && one.path.length <= 2));
    const events = await ok(eventsShape, `/graph/events/${found.uid}?severity=INFO&limit=1`);
    assert.ok(events.total_count >= 2);
    assert.deepEqual(
      events.events.map(({ severity }) => severity),
      ['INFO'],
    );
    const all = await ok(eventsShape, `/graph/events/${found.uid}`);
    assert.ok(all.events.some(({ reason }) => reason === 'ScalingReplicaSet'));
  });

  it('RW16 health is a score of incidents and events, and no better than the state of the object', async () => {
    const sick = await ok(healthShape, `/resources/${path(API)}/health`);
    assert.deepEqual([sick.status, sick.recent_incidents], ['critical', 1]);
    const counted = (name: string): number =>
      sick.checks.find((check) => check.name === name)?.value ?? assert.fail(name);
    const less = 20 * counted('fatal_events') + 10 * counted('error_events') + 5 * counted('warning_events');
    assert.equal(sick.health_score, 85 - less);
    const [state] = sick.checks;
    assert.deepEqual([state?.name, state?.status, state?.message], ['state', 'critical', '0 of 2 available']);
    const well = await ok(healthShape, '/resources/Node%2Fworker-1/health');
    assert.deepEqual([well.health_score, well.status], [100, 'healthy']);
    const namespace = await served.ask('/resources/Namespace/health');
    assertError(namespace, 404, 'RESOURCE_NOT_FOUND', /Namespace\/health/);
  });

  it('RW17 events like one, and like words, are found whatever they are called; chains lead back from effect to root', async () => {
    const { results } = await ok(similarShape, '/search/similar', { event_id: await newest(), top_k: 5 });
    assert.equal(results[0]?.reason, 'Unhealthy');
    assert.ok((results[0]?.similarity ?? 0) > 0.9);
    assert.deepEqual(results[0]?.root_causes, ['Secret/payments/db-credentials SecretDeleted']);
    const words = await ok(semanticShape, '/search/semantic', {
      query: 'health check failed',
      filters: { kind: ['Pod'], severity: ['WARNING'] },
    });
    assert.ok(words.total_results > 0);
    assert.equal(words.results[0]?.reason, 'Unhealthy', 'the words are not in its message');
    assert.equal((await ok(semanticShape, '/search/semantic', { query: 'zebra crossing' })).total_results, 0);
    const { causal_chains } = await ok(causalShape, '/search/causal', {
      query: 'readiness probe failed',
      min_confidence: 0.5,
    });
    const [chain] = causal_chains;
    assert.equal(chain?.effect_reason, 'Unhealthy');
    assert.equal(chain?.chain_length, chain?.causal_path.length);
    const product = chain?.causal_path.reduce((all, { confidence }) => all * confidence, 1) ?? 0;
    assert.ok(Math.abs(product - (chain?.overall_confidence ?? 0)) < 1e-9);
    assert.match(chain?.explanation ?? '', / → Unhealthy$/);
  });

  it('RW18 what is not valid is 400 and what nothing bears 404, in their form of errors, or as problems for those who accept them', async () => {
    const bad: readonly (readonly [where: string, body: unknown, message: RegExp])[] = [
      ['/rca', {}, /event_id/],
      ['/rca', { event: 'x' }, /event_id/],
      ['/rca', { event_id: 'x', max_hops: 'many' }, /max_hops/],
      ['/rca', '{"event_id"', /JSON/i],
      ['/rca/resource', {}, /resource_uid/],
      ['/rca/resource', { resource_uid: API, severity: ['LOUD'] }, /severity/],
      ['/rca/bulk', { event_ids: 'x' }, /event_ids/],
      ['/rca/bulk', { event_ids: Array.from({ length: 101 }, () => 'x') }, /event_ids/],
      ['/search/similar', {}, /event_id/],
      ['/search/similar', { event_id: 'x', top_k: 0 }, /top_k/],
      ['/search/semantic', {}, /query/],
      ['/search/semantic', { query: 'x', filters: { level: ['x'] } }, /filters/],
      ['/search/causal', { query: '' }, /query/],
      ['/search/causal', { query: 'x', max_chain_length: 99 }, /max_chain_length/],
      ['/rca/x?max_hops=-1', undefined, /max_hops/],
      ['/rca/x?hops=1', undefined, /hops/],
      ['/graph/stats?x=1', undefined, /x: no such/],
      ['/graph/timeline?limit=0', undefined, /limit/],
      ['/graph/timeline?start_time=soon', undefined, /instant/],
      ['/graph/timeline?severity=LOUD', undefined, /LOUD/],
      ['/graph/resource/x?depth=1', undefined, /depth/],
      [`/graph/topology/${path(API)}?depth=9`, undefined, /depth/],
      [`/graph/events/${path(API)}?severity=LOUD`, undefined, /LOUD/],
      [`/graph/events/${path(API)}?limit=many`, undefined, /limit/],
    ];
    for (const [where, body, message] of bad) {
      const answer = await served.ask(where, body);
      if (where === '/rca' && typeof body === 'string') assert.equal(answer.status, 400);
      else assertError(answer, 400, 'VALIDATION_ERROR', message);
    }
    for (const where of [
      '/rca/nobody',
      '/graph/resource/nobody',
      '/graph/topology/nobody',
      '/graph/events/nobody',
      '/resources/nobody/health',
    ])
      assertError(await served.ask(where), 404, 'RESOURCE_NOT_FOUND', /nobody/);
    for (const [where, body] of [
      ['/rca', { event_id: 'nobody' }],
      ['/search/similar', { event_id: 'nobody' }],
      ['/rca/resource', { resource_uid: 'Pod/a/b' }],
    ] as const)
      assertError(await served.ask(where, body), 404, 'RESOURCE_NOT_FOUND', /nobody|Pod\/a\/b/);
    const problem = await served.ask('/rca/nobody', undefined, { accept: 'application/problem+json' });
    assert.equal(problem.status, 404);
    assert.match(problem.type, /^application\/problem\+json/);
  });
});

it('RW29 the token may be shown as an API key', async () => {
  const { api } = await openEstate({ token: 'let-me-in' });
  const ask = async (headers: Record<string, string>): Promise<number> =>
    (await api.app.inject({ method: 'GET', url: '/api/v1/graph/stats', headers })).statusCode;
  assert.equal(await ask({}), 401);
  assert.equal(await ask({ 'x-api-key': 'let-me-out' }), 401);
  assert.equal(await ask({ 'x-api-key': 'let-me-in' }), 200);
  assert.equal(await ask({ authorization: 'Bearer let-me-in' }), 200);
  await api.close();
});

it('RW32 where incidents are kept, the analysis of an event names the one that it is part of, and statistics count them', async () => {
  const estate = await openEstate();
  const { pod } = deployment('shop/api', { podStatus: podStatus.waiting('ImagePullBackOff', 'not found') });
  const pulled = event(pod, 'BackOff', 'Back-off pulling image');
  const { kind, metadata } = pod;
  const incident = {
    apiVersion: 'kube-kg.dev/v1',
    kind: 'Incident',
    metadata: { name: 'pod-api-imagenotfound-1a2b3c' },
    spec: {
      title: 'Pod/shop/api: ImagePullBackOff',
      severity: 'critical',
      startedAt: '2026-11-21T10:00:00Z',
      symptoms: [
        {
          resource: { kind, namespace: metadata.namespace, name: metadata.name, group: '', id: `c/${metadata.uid}` },
          reason: 'ImagePullBackOff',
        },
      ],
      causes: [],
      happenings: [pulled.metadata.uid],
    },
    status: { state: 'acknowledged' },
  };
  estate.apply(pod, pulled, incident as unknown as KubeObject);
  const ask = async (url: string): Promise<unknown> =>
    (await estate.api.app.inject({ method: 'GET', url: `/api/v1${url}` })).json();
  const { related_incident } = rcaResult.parse(await ask(`/rca/${path(pulled.metadata.uid ?? '')}`));
  assert.deepEqual(
    [
      related_incident?.incident_id,
      related_incident?.status,
      related_incident?.severity,
      related_incident?.event_count,
    ],
    [incident.metadata.name, 'acknowledged', 'FATAL', 1],
  );
  const { incidents, graph } = statsShape.parse(await ask('/graph/stats'));
  assert.deepEqual([incidents, graph.incidents.acknowledged], [1, 1]);
  await estate.api.close();
});

it('RW33 an Event that has expired is found in the history, and analysed as things were then', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kube-kg-expired-'));
  const { all, pod } = deployment('shop/web', { podStatus: podStatus.waiting('CrashLoopBackOff', 'back-off') });
  const [killed, crashed] = [
    event(pod, 'OOMKilled', 'killed', { first: 10 }),
    event(pod, 'CrashLoopBackOff', 'again', { first: 40 }),
  ];
  const lines = [
    ...all.map((seen) => ('apply' in seen ? { type: 'apply', at: at(0), object: seen.apply } : {})),
    { type: 'apply', at: at(10), object: killed },
    { type: 'apply', at: at(40), object: crashed },
    ...[killed, crashed].map((object) => ({ type: 'delete', at: at(3_600), object })),
  ];
  const file = join(folder, 'expired.jsonl');
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const past = await servedRecording(file);
  try {
    assert.equal(statsShape.parse((await past.ask('/graph/stats')).body).events_by_severity['FATAL'], 0);
    const { potential_causes, event_time } = rcaResult.parse(
      (await past.ask(`/rca/${crashed.metadata.uid?.replaceAll('/', '%2F')}`)).body,
    );
    assert.equal(event_time, '2026-11-21T10:00:40.000Z');
    assert.deepEqual(
      potential_causes.map(({ reason, hops, domain_score }) => [reason, hops, domain_score]),
      [['OOMKilled', 0, 0.95]],
    );
  } finally {
    await past.close();
    rmSync(folder, { recursive: true });
  }
});
