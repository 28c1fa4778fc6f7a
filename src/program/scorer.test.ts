/** Scorers: statistics that are always there, and a model over HTTP that may not be. */
import assert from 'node:assert/strict';
import { json as read } from 'node:stream/consumers';
import { test } from 'node:test';
import { deployment, estateOf, podStatus } from '../../test/support/estate.ts';
import { recorded } from '../../test/support/recorded.ts';
import { json, scriptedServer } from '../../test/support/scripted-api-server.ts';
import { log, often, together } from '../../test/support/told.ts';
import { Case } from '../analysis/case.ts';
import { featuresOf } from '../analysis/scoring/features.ts';
import { robustScores, unusual } from '../analysis/scoring/robust.ts';
import type { Features, Scorer } from '../model/scorer.ts';
import { httpScorer, robustScorer, scorerOf, withFallback } from './scorer.ts';

const never = new AbortController().signal;
const features: readonly Features[] = [
  { id: 'a', values: { errors: [1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2] } },
  { id: 'b', values: { errors: [1, 2, 1, 2, 1, 2, 1, 2, 1, 60, 80, 70] } },
];

test('HK20 what is as ever scores nothing, what leaps scores high, and one burst long ago makes no difference', () => {
  const [same, leaps] = robustScores(features);
  assert.ok((same?.score ?? 1) < 0.1 && (leaps?.score ?? 0) > 0.9, JSON.stringify([same, leaps]));
  assert.equal(leaps?.feature, 'errors');
  assert.ok(unusual([1, 2, 1, 90, 1, 2, 1, 2, 1, 2, 60, 80, 70]) > 0.9);
  assert.ok(unusual([5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 6, 5]) < 0.1);
  assert.equal(unusual([0, 0, 9, 9]), 0);
});

test('HK21 a model is asked over HTTP, for numbers and ids alone, and answers those that were asked for', async () => {
  let asked: unknown;
  await using server = await scriptedServer(async ({ request }, response) => {
    asked = { body: await read(request), token: request.headers.authorization };
    json(response, {
      scores: [
        { id: 'b', score: 0.7, feature: 'errors' },
        { id: 'stranger', score: 1 },
      ],
    });
  });
  const scorer = httpScorer({ url: server.url, timeoutMs: 1_000, token: 't' });
  assert.deepEqual(await scorer.score(features, never), [{ id: 'b', score: 0.7, feature: 'errors' }]);
  assert.deepEqual(asked, { body: { features }, token: 'Bearer t' });
});

test('HK22 a model that answers nonsense, too late or not at all is a Problem', async () => {
  await using server = await scriptedServer(({ path }, response) => {
    if (path === '/nonsense') json(response, { scores: [{ id: 'a', score: 7 }] });
    if (path === '/fails') json(response, {}, 500);
  });
  const code = async (path: string): Promise<unknown> =>
    httpScorer({ url: `${server.url}${path}`, timeoutMs: 100 })
      .score(features, never)
      .then(String, (error) => error.code);
  assert.equal(await code('/nonsense'), 'store-unreachable');
  assert.equal(await code('/fails'), 'store-unreachable');
  assert.equal(await code('/silent'), 'timeout');
});

test('HK23 what fails again and again is left alone for a while, then tried once; meanwhile statistics score', async () => {
  let [now, calls, isUp] = [0, 0, false];
  const model: Scorer = {
    name: 'model',
    score: async () => {
      calls++;
      if (!isUp) throw new Error('down');
      return [{ id: 'a', score: 1 }];
    },
  };
  const scorer = withFallback(model, robustScorer, () => now);
  for (let round = 0; round < 9; round++) assert.equal((await scorer.score(features, never)).length, 2);
  assert.deepEqual([calls, scorer.name], [5, 'robust']);
  now += 60_000;
  await scorer.score(features, never);
  await scorer.score(features, never);
  assert.equal(calls, 6);
  now += 60_000;
  isUp = true;
  assert.deepEqual([await scorer.score(features, never), scorer.name, calls], [[{ id: 'a', score: 1 }], 'model', 7]);
});

test('HK24 without a model there are statistics; `anomalies` tells who is unusual and by what', async () => {
  assert.equal(scorerOf({ scorer: { timeoutMs: 1 } }, () => 0).name, 'robust');
  const web = deployment('shop/web', { podStatus: podStatus.running() });
  const cart = deployment('shop/cart', { podStatus: podStatus.running() });
  const murmur = often(0, 7_200, 150, () => [log(cart.pod, 'error: again'), log(web.pod, 'error: again')]);
  const story = together(
    { 0: [...web.all, ...cart.all] },
    murmur,
    often(6_300, 7_200, 10, () => [log(web.pod, 'error: much more')]),
  );
  const { features: measured, subjects } = featuresOf(new Case(estateOf(story)), { stepMs: 300_000, steps: 24 });
  assert.deepEqual(measured.map(({ id }) => subjects.get(id)?.name).sort(), ['cart', 'web']);
  const past = await recorded(story);
  const answer = (await past.ask('anomalies', { at: '0s' })) as {
    readonly anomalies: readonly { readonly resource: { readonly name: string }; readonly feature: string }[];
    readonly scorer: string;
  };
  await past.close();
  assert.deepEqual(
    answer.anomalies.map(({ resource, feature }) => [resource.name, feature]),
    [['web', 'errors']],
  );
  assert.equal(answer.scorer, 'robust');
});
