import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer } from './client.ts';
import type { Failure } from './failure.ts';
import { allowedIn } from './permissions.ts';

const never = new AbortController().signal;
const pod = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };
const deployment = { group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', namespaced: true };

/** Which of pods and deployments may be followed when the server answers so. */
async function allowed(answer: Failure | object): Promise<string[]> {
  const reply =
    'message' in answer ? (answer as Failure) : ({ type: 'ok', body: { status: answer }, etag: undefined } as Answer);
  const may = await allowedIn({ post: async () => reply }, 'shop', never);
  return [pod, deployment].filter(may).map(({ plural }) => plural);
}

const rule = (verbs: string[], apiGroups: string[], resources: string[], resourceNames?: string[]): object => ({
  verbs,
  apiGroups,
  resources,
  ...(resourceNames && { resourceNames }),
});

test('U14 a kind may be followed where list and watch are granted, by one rule or by two', async () => {
  assert.deepEqual(await allowed({ resourceRules: [rule(['get', 'list', 'watch'], [''], ['pods'])] }), ['pods']);
  assert.deepEqual(await allowed({ resourceRules: [rule(['list'], ['*'], ['*'])] }), []);
  assert.deepEqual(
    await allowed({ resourceRules: [rule(['list'], ['apps'], ['*']), rule(['watch'], ['*'], ['deployments'])] }),
    ['deployments'],
  );
  assert.deepEqual(await allowed({ resourceRules: [rule(['*'], ['*'], ['*'])] }), ['pods', 'deployments']);
  assert.deepEqual(
    await allowed({ resourceRules: [rule(['*'], [''], ['pods'], ['one'])] }),
    [],
    'single objects are no kind',
  );
});

test('U15 where the server cannot tell, everything is tried', async () => {
  assert.deepEqual(await allowed({ type: 'forbidden', message: 'no' }), ['pods', 'deployments']);
  assert.deepEqual(await allowed({ resourceRules: [], incomplete: true }), ['pods', 'deployments']);
  assert.deepEqual(await allowed({ resourceRules: [rule(['list', 'watch'], [''], ['pods'])], incomplete: true }), [
    'pods',
  ]);
  assert.deepEqual(await allowed({ resourceRules: [], incomplete: false }), []);
});
