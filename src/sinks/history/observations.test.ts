/** Which observations are needed, against the ledger that reads them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../../test/support/random.ts';
import { CoverageLedger } from '../../graph/coverage.ts';
import type { Change, Coverage } from '../../model/change.ts';
import { needlessObservations, type Observed } from './observations.ts';

const coverages: readonly Coverage[] = ['loading', 'ready', 'forbidden', 'excluded', 'absent', 'broken'];

test('HI49 coverage and the gaps that last are the same without the observations that are not needed', () => {
  const random = seededRandom('observations');
  for (let round = 0; round < 300; round++) {
    const observed: Observed[] = Array.from({ length: 1 + random.int(12) }, (_, no) => {
      const at = `2026-01-01T00:00:${String(no).padStart(2, '0')}Z`;
      const scope = { group: '', kind: random.pick(['Pod', 'Node']) };
      const coverage = random.pick(coverages);
      const message = random.pick(['one', 'other']);
      const resumed = coverage === 'ready' && random.chance(0.3);
      return { no, text: JSON.stringify({ type: 'observe', at, cluster: 'c', scope, coverage, message, resumed }) };
    });
    const needless = new Set(needlessObservations(observed));
    const rest = observed.filter(({ no }) => !needless.has(no));
    assert.deepEqual(standing(rest), standing(observed), JSON.stringify(observed));
    assert.ok(rest.length <= 8, 'four of a scope at most');
  }
});

function standing(observed: readonly Observed[]): unknown {
  const ledger = new CoverageLedger();
  for (const { text } of observed) ledger.observe(JSON.parse(text) as Extract<Change, { type: 'observe' }>);
  const sorted = (list: readonly object[]): readonly string[] => list.map((each) => JSON.stringify(each)).sort();
  return [sorted(ledger.scopes()), sorted(ledger.gaps().filter(({ to }) => to === undefined))];
}
