import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describer } from '../kinds/index.ts';
import { silentLogger } from '../lib/logger.ts';
import type { Change } from '../model/change.ts';
import { Analyst } from './analyst.ts';
import { openPipeline } from './pipeline.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 10, 21, 10, 0, second)).toISOString();

function told(number: number): Change {
  const subject = { kind: 'Pod', namespace: 'shop', name: `web-${number % 7}` };
  return {
    type: 'occur',
    at: at(Math.floor(number / 1_000)),
    cluster: 'c',
    occurrence: { id: String(number), source: 'log', severity: 'error', message: 'connection refused', subject },
  };
}

test('IC8 under a storm what waits for the analyst is bounded, what it lets go is counted, and nothing happens within a commit', async () => {
  const pipeline = openPipeline({ describer, epoch: 'e', windowMax: 2_000, log: silentLogger, now: () => 0 });
  const nothing = async () => [];
  const analyst = await Analyst.open({
    pipeline,
    history: { courses: nothing, versions: nothing },
    live: false,
    now: () => Date.parse(at(0)),
    log: silentLogger,
  });
  pipeline.feed.subscribe((commit) => analyst.see(commit));
  const pods = Array.from(
    { length: 7 },
    (_, number): Change => ({
      type: 'apply',
      at: at(0),
      cluster: 'c',
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { namespace: 'shop', name: `web-${number}`, uid: `u${number}` },
      },
    }),
  );
  pipeline.take(pods);
  const before = pipeline.view.revision;
  for (let start = 0; start < 50_000; start += 500)
    pipeline.take(Array.from({ length: 500 }, (_, index) => told(start + index)));
  assert.equal(pipeline.view.revision, before + 100, 'the analyst applied nothing meanwhile');
  assert.equal(analyst.waiting, 20_000);
  assert.equal(analyst.lost, 30_000);
  await analyst.look();
  assert.ok(analyst.waiting < 20_000);
  assert.ok(pipeline.view.resourceCount < 3_000, 'the window is what it was');
});
