import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../model/change.ts';
import type { Source } from '../model/source.ts';
import { untilBeforeEnd } from './before-end.ts';
import { emptyReport } from './recording.ts';

/** `1`, `2` … seconds into a recording, each a batch of its own unless joined by `+`. */
async function read(script: string, ms: number): Promise<{ readonly kept: string; readonly changes: number }> {
  const report = emptyReport();
  const source: Source = {
    name: 'script',
    async *changes() {
      for (const batch of script.split(' ')) {
        const changes = batch.split('+').map((second): Change => {
          const at = new Date(Number(second) * 1_000).toISOString();
          return { type: 'reset', at, cluster: 'c', scope: { group: '', kind: 'Pod' }, objects: [] };
        });
        report.changes += changes.length;
        yield changes;
      }
    },
  };
  const batches = untilBeforeEnd(source, ms, report).changes(new AbortController().signal);
  const kept = (await Array.fromAsync(batches)).flat().map(({ at }) => Date.parse(at) / 1_000);
  return { kept: kept.join(' '), changes: report.changes };
}

test('RC40 a recording is read to so long before its end, in its order, and what is left out does not count', async () => {
  assert.deepEqual(await read('1 2 3 4 5', 2_000), { kept: '1 2 3', changes: 3 });
  assert.deepEqual(await read('1+2+3+4+5', 0), { kept: '1 2 3 4 5', changes: 5 });
  assert.deepEqual(
    await read('1 5 2 3 9 4', 4_000),
    { kept: '1 5 2 3 4', changes: 5 },
    'steps back stay where they are',
  );
  assert.deepEqual(await read('1 9 2', 4_000), { kept: '1 2', changes: 2 });
  assert.deepEqual(await read('1 2', 60_000), { kept: '', changes: 0 });
});
