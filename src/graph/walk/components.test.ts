import assert from 'node:assert/strict';
import { test } from 'node:test';
import { smallGraph } from '../../../test/support/small-graph.ts';
import { components } from './components.ts';
import { cycles } from './cycles.ts';

test('N7 components hang together through everything but hubs', () => {
  const view = smallGraph([
    'Service/a/s SELECTS Pod/a/p',
    'Pod/a/p MOUNTS ConfigMap/a/c',
    'Pod/a/q IN_NAMESPACE Namespace/a',
    'Pod/a/p IN_NAMESPACE Namespace/a',
  ]);
  assert.deepEqual(components(view), {
    components: [['ConfigMap/a/c', 'Pod/a/p', 'Service/a/s'], ['Pod/a/q']],
    truncated: false,
  });
  assert.equal(components(view, { maxEdges: 1 }).truncated, true);
  assert.equal(components(view, { accepts: () => false }).components.length, 4);
});

test('N8 cycles: one shortest for each set of resources that reach each other', () => {
  const view = smallGraph([
    'A/1 OWNS A/2',
    'A/2 OWNS A/3',
    'A/3 OWNS A/1',
    'A/3 OWNS A/4',
    'B/1 DEPENDS_ON B/2',
    'B/2 DEPENDS_ON B/1',
    'B/2 OWNS A/1',
    'C/1 OWNS C/2',
    'C/2 DEPENDS_ON C/1',
  ]);
  const owners = cycles(view, ['OWNS']).cycles;
  assert.deepEqual(
    owners.map(({ members }) => members),
    [['A/1', 'A/2', 'A/3']],
  );
  assert.deepEqual(
    owners[0]?.edges.map(({ from, to }) => `${from}>${to}`),
    ['A/1>A/2', 'A/2>A/3', 'A/3>A/1'],
  );
  assert.deepEqual(
    cycles(view, ['OWNS', 'DEPENDS_ON']).cycles.map(({ members }) => members),
    [
      ['A/1', 'A/2', 'A/3'],
      ['B/1', 'B/2'],
      ['C/1', 'C/2'],
    ],
  );
  assert.equal(cycles(view, ['OWNS'], 1).truncated, true);
});

test('N8 a chain of a hundred thousand owners is no cycle and no stack overflow', () => {
  const chain = Array.from({ length: 100_000 }, (_, index) => `A/${index} OWNS A/${index + 1}`);
  assert.deepEqual(cycles(smallGraph(chain), ['OWNS']), { cycles: [], truncated: false });
});
