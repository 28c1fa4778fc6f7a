/** Incidents page by page, and of one resource by every name that it has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runIn } from '../../test/support/command.ts';
import { deployment, podStatus } from '../../test/support/estate.ts';
import { recorded } from '../../test/support/recorded.ts';
import { demo } from '../../test/support/served-recording.ts';
import type { Explanation } from './explain.ts';

const names = ['a', 'b', 'c', 'd', 'e'];
const broken = names.flatMap((name) => {
  const message = `Back-off pulling image "registry.local/${name}:1": not found`;
  return deployment(`shop/${name}`, { podStatus: podStatus.waiting('ImagePullBackOff', message) }).all;
});

test('RW31 incidents come in pages that hold each once, in the order of the whole', async () => {
  const story = await recorded({ 0: broken });
  const ask = (input: object): Promise<Explanation> => story.ask('explain', { at: '0s', ...input });
  const whole = await ask({});
  assert.equal(whole.incidents.length, names.length);
  assert.equal('next' in whole, false);
  const paged: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const { incidents, healthy, left = 0, next } = await ask({ limit: 2, ...(cursor !== undefined && { cursor }) });
    paged.push(...incidents.map(({ id }) => id));
    assert.equal(healthy, false);
    assert.equal(left, names.length - paged.length);
    if (next === undefined) break;
    cursor = next;
  }
  assert.deepEqual(
    paged,
    whole.incidents.map(({ id }) => id),
  );
  await assert.rejects(ask({ cursor: 'nonsense' }), { code: 'invalid-input' });
  await assert.rejects(ask({ limit: 0 }), { code: 'invalid-input' });
  await story.close();
});

test('RW31 on the command line a resource goes by its short and plural names too', async () => {
  const titles = async (resource: string): Promise<readonly string[]> => {
    const { code, out, err } = await runIn({}, ['explain', demo, '--resource', resource, '--json']);
    assert.equal(code, 0, err);
    return (JSON.parse(out) as Explanation).incidents.map(({ title }) => title);
  };
  const wanted = await titles('Deployment/shop/checkout');
  assert.match(wanted[0] ?? '', /checkout|db-credentials/);
  assert.deepEqual(await titles('deploy/shop/checkout'), wanted);
  assert.deepEqual(await titles('deployments.apps/shop/checkout'), wanted);
  assert.equal((await runIn({}, ['explain', demo, '--resource', 'deploy/shop/nobody'])).code, 1);
});
