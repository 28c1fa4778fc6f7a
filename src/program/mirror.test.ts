import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallGraph } from '../../test/support/small-graph.ts';
import { stillLoading } from '../api/health.ts';
import type { Coverage } from '../model/change.ts';
import type { ScopeCoverage } from '../model/view.ts';
import { listedOf } from './mirror.ts';

const scope = (kind: string, coverage: Coverage, message?: string): ScopeCoverage => ({
  cluster: 'c',
  group: kind === '*' ? '*' : '',
  kind,
  namespace: '',
  coverage,
  since: '2026-01-01T00:00:00Z',
  ...(message !== undefined && { message }),
});

test('NJ19 a kind that cannot be listed holds up neither readiness nor the mirror; one that is on its way does', () => {
  const clusters = ['c'];
  const awaited = (...coverage: ScopeCoverage[]): readonly string[] => {
    const view = smallGraph(['Pod/shop/web'], { coverage });
    const missing = stillLoading({ view, clusters });
    assert.deepEqual(listedOf({ view, clusters }), missing.length === 0 ? clusters : [], 'both go by the same');
    return missing;
  };
  const [pods, there] = [scope('Pod', 'ready'), scope('*', 'ready')];
  assert.deepEqual(awaited(there, pods), []);
  assert.deepEqual(awaited(there, pods, scope('Widget', 'loading')), ['cluster c: Widget is loading']);
  assert.deepEqual(awaited(there, pods, scope('Widget', 'loading', 'its conversion webhook failed')), []);
  const lost = scope('*', 'broken', 'connect ECONNREFUSED');
  assert.deepEqual(
    awaited(lost, scope('Pod', 'loading', 'connect ECONNREFUSED')),
    ['cluster c: Pod is loading'],
    'the kind can be listed once the cluster is there',
  );
  assert.deepEqual(awaited(scope('*', 'loading', 'connect ECONNREFUSED')), ['cluster c: not reached yet']);
});
