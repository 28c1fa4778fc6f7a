/** Who may ask for what, how often, and what is on record. What acts is told by the test; the pipeline and the graph are the real ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployment, object, podStatus } from '../../test/support/estate.ts';
import { describer } from '../kinds/index.ts';
import { silentLogger } from '../lib/logger.ts';
import type { ActionName, Asked, Remediated, RemediationDesk } from '../model/remediation.ts';
import type { Resource } from '../model/resource.ts';
import { listRemediations } from '../operations/list-remediations.ts';
import { perform } from '../operations/operation.ts';
import { remediate } from '../operations/remediate.ts';
import type { Acted } from '../sources/kubernetes/actions.ts';
import { load } from './config.ts';
import { openPipeline, type Pipeline } from './pipeline.ts';
import { remediationOf } from './remediation.ts';

const START = Date.parse('2026-11-21T10:00:00Z');
const allowed = {
  KG_REMEDIATION_ENABLED: 'true',
  KG_REMEDIATION_KINDS: 'Deployment,Node',
  KG_REMEDIATION_NAMESPACES: 'shop-*',
  KG_REMEDIATION_PER_HOUR: '3',
  KG_SERVER_TOKEN: 'a-long-enough-token',
};

interface Desk {
  readonly desk: RemediationDesk;
  readonly pipeline: Pipeline;
  /** What was acted on, `name forReal`. */
  readonly acts: readonly string[];
  readonly later: (seconds: number) => void;
  readonly ask: (
    name: ActionName,
    kind: string,
    namespace: string,
    target: string,
    more?: Partial<Asked>,
  ) => Promise<Remediated>;
}

function opened(
  environment: Readonly<Record<string, string>> = allowed,
  answer: Acted = { type: 'ok', text: 'restart the pods' },
): Desk {
  let now = START;
  const acts: string[] = [];
  const pipeline = openPipeline({ describer, epoch: 'e', log: silentLogger, now: () => now });
  const shop = ['shop-a/web', 'shop-a/cart', 'shop-a/mail', 'shop-a/search', 'office/web'].flatMap((name) =>
    deployment(name, { podStatus: podStatus.running() }).all.map((seen) => ('apply' in seen ? seen.apply : {})),
  );
  for (const one of [...shop, object('v1', 'Node', 'n1')])
    pipeline.take([{ type: 'apply', at: new Date(now).toISOString(), cluster: 'c', object: one as never }]);
  const desk = remediationOf(load({ environment }), {
    pipeline,
    inputs: [
      {
        cluster: 'c',
        act: async (target, _, forReal) => {
          acts.push(`${target.name} ${forReal}`);
          return answer;
        },
      },
    ],
    redact: (text) => text.replaceAll('hunter2', '***'),
    now: () => now,
  });
  assert.ok(desk);
  const found = (kind: string, namespace: string, name: string): Resource => {
    const group = kind === 'Deployment' ? 'apps' : '';
    const resource = pipeline.view.byName({ cluster: 'c', group, kind, namespace, name });
    assert.ok(resource, name);
    return resource;
  };
  return {
    desk,
    pipeline,
    acts,
    later: (seconds) => {
      now += seconds * 1_000;
    },
    ask: (name, kind, namespace, target, more = {}) =>
      desk.remediate({
        name,
        target: found(kind, namespace, target),
        by: 'ada',
        why: 'it hangs',
        forReal: true,
        ...more,
      }),
  };
}

test('HK1 nothing is ever done unless it is enabled, and then only where a token is asked for', async () => {
  const { KG_SERVER_TOKEN: _, ...open } = allowed;
  const options = { pipeline: opened().pipeline, inputs: [], redact: String, now: () => START };
  assert.equal(remediationOf(load({ environment: {} }), options), undefined);
  assert.throws(() => remediationOf(load({ environment: open }), options), { code: 'invalid-config' });
  const { view } = opened().pipeline;
  const input = { action: 'restart', resource: 'Deployment/shop-a/web', why: 'x' };
  await assert.rejects(perform(remediate, { view }, input), { code: 'unsupported' });
});

test('HK2 only the actions, kinds and namespaces that are listed may be acted on; what is refused is on record', async () => {
  const { ask, acts, pipeline } = opened();
  const results = [
    await ask('restart', 'Deployment', 'office', 'web'),
    await ask('delete-pod', 'Deployment', 'shop-a', 'web'),
    await ask('delete-pod', 'Pod', 'shop-a', 'web-rs1-x'),
    await ask('restart', 'Deployment', 'shop-a', 'web'),
    await ask('cordon', 'Node', '', 'n1'),
  ];
  assert.deepEqual(
    results.map(({ result }) => result),
    ['refused', 'refused', 'refused', 'done', 'done'],
  );
  assert.deepEqual(acts, ['web true', 'n1 true']);
  const nothing = opened({ KG_REMEDIATION_ENABLED: 'true', KG_SERVER_TOKEN: 'a-long-enough-token' });
  assert.equal((await nothing.ask('cordon', 'Node', '', 'n1')).result, 'refused');
  const one = opened({ ...allowed, KG_REMEDIATION_ACTIONS: 'cordon' });
  assert.equal((await one.ask('restart', 'Deployment', 'shop-a', 'web')).result, 'refused');
  const { items } = (await perform(listRemediations, { view: pipeline.view }, {})) as {
    items: readonly { result: string; by: string; why: string }[];
  };
  assert.equal(items.length, 5);
  assert.ok(items.every(({ by, why }) => by === 'ada' && why === 'it hangs'));
});

test('HK3 no more is done in an hour than may be, and not the same again at once; trying is free', async () => {
  const { ask, later } = opened();
  const web = () => ask('restart', 'Deployment', 'shop-a', 'web');
  assert.equal((await web()).result, 'done');
  later(60);
  assert.match((await web()).message, /wait 240 s/);
  assert.equal((await ask('restart', 'Deployment', 'shop-a', 'web', { forReal: false })).result, 'tried');
  later(300);
  assert.equal((await web()).result, 'done');
  assert.equal((await ask('restart', 'Deployment', 'shop-a', 'cart')).result, 'done');
  assert.match((await ask('restart', 'Deployment', 'shop-a', 'mail')).message, /perHour/);
  later(3_700);
  assert.equal((await ask('restart', 'Deployment', 'shop-a', 'mail')).result, 'done');
});

test('HK4 every record says who, what, why and what became of it, about its target, and holds no secret', async () => {
  const failed: Acted = { type: 'unreachable', message: 'connection reset, password hunter2', tried: false };
  const { ask, pipeline } = opened(allowed, failed);
  const { id, result, message } = await ask('restart', 'Deployment', 'shop-a', 'web');
  assert.equal(result, 'failed');
  assert.doesNotMatch(message, /hunter2/);
  const [record, ...others] = [...pipeline.view.resources({ group: '', kind: 'Occurrence' })];
  assert.equal(others.length, 0);
  assert.equal(record?.name, `remediation:${id}`);
  const [about] = pipeline.view.out(record?.id ?? '', 'ABOUT');
  assert.equal(about && pipeline.view.get(about.to)?.name, 'web');
  assert.deepEqual(
    [record?.labels['by'], record?.labels['why'], record?.labels['result'], record?.labels['action']],
    ['ada', 'it hangs', 'failed', 'restart'],
  );
  assert.doesNotMatch(JSON.stringify(record), /hunter2/);
});

test('HK5 the operation tries unless it is told yes, and names who it is for', async () => {
  const { desk, pipeline, acts } = opened();
  const context = { view: pipeline.view, remediation: desk };
  const input = { action: 'restart', resource: 'Deployment/shop-a/web', why: 'it hangs', by: 'ada' };
  const tried = (await perform(remediate, context, input)) as { result: string; resource: { name: string } };
  assert.deepEqual([tried.result, tried.resource.name, acts], ['tried', 'web', ['web false']]);
  const done = (await perform(remediate, context, { ...input, yes: true })) as { result: string };
  assert.deepEqual([done.result, acts.at(-1)], ['done', 'web true']);
  await assert.rejects(perform(remediate, context, { ...input, why: undefined }), { code: 'invalid-input' });
});
