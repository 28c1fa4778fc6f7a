/** Why a pod is not well and whom a Service touches, asked over HTTP of the demo's recording; and what is said where nobody can tell. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { demo, type ServedRecording, servedRecording } from '../../../test/support/served-recording.ts';

let served: ServedRecording;
before(async () => {
  served = await servedRecording(demo);
});
after(() => served.close());

describe('the query API of an event pipeline', () => {
  it('RW21 why tells the cause in one sentence, what happened when, who suffers and what to do', async () => {
    const { status, body } = await served.ask('/why?pod=checkout-d59f7887d-cz8ff&namespace=shop');
    assert.equal(status, 200);
    const { root_cause, timeline, impact, suggestions, ...names } = body as {
      root_cause: string;
      timeline: { timestamp: string; event: string; details: string }[];
      impact: string[];
      suggestions: string[];
    };
    assert.deepEqual(names, { pod: 'checkout-d59f7887d-cz8ff', namespace: 'shop' });
    assert.match(root_cause, /^Secret\/payments\/db-credentials.*deleted/);
    assert.deepEqual(
      timeline.map(({ timestamp }) => timestamp),
      timeline.map(({ timestamp }) => timestamp).toSorted(),
    );
    assert.ok(timeline.some(({ event, details }) => event === 'Unhealthy' && /payments-api/.test(details)));
    assert.ok(timeline.some(({ event }) => /change/.test(event)));
    assert.ok(impact.includes('Service/shop/checkout'));
    assert.ok(suggestions.some((text) => text.startsWith('kubectl ')));
    const well = await served.ask('/why?pod=coredns-64fd4b4794-5q6gv&namespace=kube-system');
    if (well.status === 200) assert.equal((well.body as { root_cause: string }).root_cause, '');
  });

  it('RW22 impact of a Service tells its pods, their workloads, who depends on it and how bad that is; of a resource it is the question itself', async () => {
    const { body } = await served.ask('/impact?service=payments-api&namespace=payments');
    const answer = body as Record<string, string[] & string>;
    assert.deepEqual(answer['affected_apps'], ['Deployment/payments/payments-api']);
    assert.equal(answer['affected_pods']?.length, 2);
    assert.ok(answer['downstream_dependencies']?.includes('Deployment/shop/checkout'));
    assert.equal(answer['severity'], 'critical');
    const calm = (await served.ask('/impact?service=ledger-db&namespace=payments')).body as { severity: string };
    assert.equal(calm.severity, 'high', 'something breaks with it');
    const own = await served.ask('/impact?resource=Node/worker-1&limit=1');
    assert.ok('impacted' in (own.body as object));
    assert.ok('impacted' in ((await served.ask('/impact/Node/worker-1?limit=1')).body as object));
  });

  it('RW23 a missing parameter is 400 and a name that nothing bears 404, in plain text or as problems', async () => {
    for (const [path, status, words] of [
      ['/why', 400, /Missing required parameter: pod/],
      ['/why?pod=', 400, /pod/],
      ['/why?pods=x', 400, /pods/],
      ['/why?pod=nobody&namespace=shop', 404, /nobody/],
      ['/impact?namespace=shop', 400, /Missing required parameter: service/],
      ['/impact?service=web&service=api', 400, /once/],
      ['/impact?service=nobody', 404, /nobody/],
    ] as const) {
      const answer = await served.ask(path);
      assert.equal(answer.status, status, path);
      assert.match(answer.type, /^text\/plain/, path);
      assert.match(answer.text, words, path);
    }
    const problem = await served.ask('/why', undefined, { accept: 'application/problem+json' });
    assert.match(problem.type, /^application\/problem\+json/);
    assert.deepEqual((await served.ask('/health')).body && Object.keys((await served.ask('/health')).body as object), [
      'status',
      'timestamp',
      'services',
    ]);
  });
});

describe('without a history', () => {
  it('RW24 what needs whole objects says that nobody keeps them and what to do; the rest answers, and says what it lacks', async () => {
    const bare = await servedRecording(demo, { history: false });
    try {
      const explain = await bare.ask('/explain');
      assert.equal(explain.status, 501);
      assert.match(explain.text, /--history/);
      assert.match(explain.text, /kube-kg explain/);
      assert.equal((await bare.ask('/why?pod=checkout-d59f7887d-cz8ff&namespace=shop')).status, 501);
      const { newest_event } = (await bare.ask('/graph/stats')).body as { newest_event: string };
      const rca = await bare.ask('/rca', { event_id: newest_event });
      assert.equal(rca.status, 200);
      const { potential_causes, blast_radius, root_cause, notes } = rca.body as Record<string, unknown[]>;
      assert.ok((potential_causes?.length ?? 0) > 0 && (blast_radius?.length ?? 0) > 0);
      assert.equal(root_cause, undefined);
      assert.match(String(notes?.[0]), /--history/);
      assert.equal((await bare.ask('/resources/Node%2Fworker-1/health')).status, 200);
    } finally {
      await bare.close();
    }
  });
});
