/** Which kinds are listed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallGraph } from '../../test/support/small-graph.ts';
import { listKinds } from './list-kinds.ts';
import type { KindInfo } from './operation.ts';

const known = (kind: string, group = ''): KindInfo => ({
  group,
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced: true,
});

test('O40 kinds are those of which there is something or may be; all that are known on demand, and no pattern of kinds among them', async () => {
  const view = {
    ...smallGraph(['Service/a/s SELECTS Pod/a/p']),
    coverage: () => [
      {
        cluster: 'c',
        group: '',
        kind: 'Secret',
        namespace: '',
        coverage: 'forbidden' as const,
        since: '2026-01-01T00:00:00Z',
      },
      {
        cluster: 'c',
        group: '',
        kind: 'ConfigMap',
        namespace: '',
        coverage: 'ready' as const,
        since: '2026-01-01T00:00:00Z',
      },
      {
        cluster: 'c',
        group: '*',
        kind: '*',
        namespace: '',
        coverage: 'broken' as const,
        since: '2026-01-01T00:00:00Z',
      },
    ],
  };
  const context = { view, kinds: [known('Pod'), known('Service'), known('Job', 'batch'), known('*', 'x.example')] };
  const kinds = async (all: boolean): Promise<readonly string[]> => {
    const answer = await listKinds.run(context, { all, limit: 100 });
    return 'items' in answer ? answer.items.map(({ kind }) => kind) : [];
  };
  assert.deepEqual(await kinds(false), ['Pod', 'Secret', 'Service']);
  assert.deepEqual(await kinds(true), ['ConfigMap', 'Job', 'Pod', 'Secret', 'Service']);
});
