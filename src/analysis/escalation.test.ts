import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, object } from '../../test/support/estate.ts';
import { Graph } from '../graph/graph.ts';
import { describer } from '../kinds/index.ts';
import type { Change } from '../model/change.ts';
import { occurrenceOf } from '../model/occurrences.ts';
import { escalationsIn } from './escalation.ts';

const pod = object('v1', 'Pod', 'shop/web-1');
const told = (second: number, reason = 'Slow', severity: 'warning' | 'info' = 'warning'): Change => ({
  type: 'occur',
  at: at(second),
  cluster: 'c',
  occurrence: {
    id: `${reason}-${second}`,
    source: 'app',
    severity,
    reason,
    subject: { kind: 'Pod', name: 'web-1', namespace: 'shop' },
  },
});

/** Severities by id after what was told, and after looking twice. */
function severities(...changes: readonly Change[]): Record<string, unknown> {
  const graph = new Graph({ describer });
  graph.apply([{ type: 'apply', at: at(0), cluster: 'c', object: pod }, ...changes]);
  const all = (): string[] => Array.from(graph.view.resources({ kind: 'Occurrence' }), ({ id }) => id);
  graph.apply(escalationsIn(graph.view, all()));
  assert.deepEqual(escalationsIn(graph.view, all()), [], 'once');
  for (const one of graph.view.resources({ kind: 'Occurrence' }))
    assert.notEqual(occurrenceOf(one).severity, 'error', 'analysis is given what was said');
  return Object.fromEntries(
    Array.from(graph.view.resources({ kind: 'Occurrence' }), ({ name, summary }) => [
      name.replace('app:', ''),
      summary['severity'],
    ]),
  );
}

test('HA7 the whole of a run goes up one level, once: four of the same within five minutes, both ends counted', () => {
  assert.deepEqual(severities(told(0), told(100), told(200), told(300)), {
    'Slow-0': 'error',
    'Slow-100': 'error',
    'Slow-200': 'error',
    'Slow-300': 'error',
  });
  assert.deepEqual(severities(told(0), told(100), told(200), told(301)), {
    'Slow-0': 'warning',
    'Slow-100': 'warning',
    'Slow-200': 'warning',
    'Slow-301': 'warning',
  });
});

test('HA7 others, news, and what came long before do not count', () => {
  assert.equal(severities(told(0), told(1), told(2), told(3, 'Other'))['Slow-2'], 'warning');
  assert.equal(
    severities(told(0, 'Slow', 'info'), told(1, 'Slow', 'info'), told(2, 'Slow', 'info'), told(3, 'Slow', 'info'))[
      'Slow-3'
    ],
    'info',
  );
  const run = severities(told(0), told(1_000), told(1_100), told(1_200), told(1_250), told(1_260));
  assert.deepEqual([run['Slow-0'], run['Slow-1000'], run['Slow-1260']], ['warning', 'error', 'error']);
});
