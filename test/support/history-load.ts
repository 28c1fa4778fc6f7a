/** History under load: moments that follow from their number alone, so that whoever finds some can tell what they must hold. */
import assert from 'node:assert/strict';
import { compareTime } from '../../src/model/time.ts';
import type { Database } from '../../src/sinks/history/database.ts';
import type { Entry, Named } from '../../src/sinks/history/entries.ts';
import { idOf } from '../../src/sinks/history/identity.ts';
import { HistoryReader } from '../../src/sinks/history/reader.ts';

const START = Date.UTC(2026, 0, 1) * 1_000;
const THINGS = 500;
/** So many at a time are read back: of each thing one. */
const STRETCH = THINGS;

const words = Array.from({ length: 100 }, (_, at) => `"word-${at}":${(at * 7_919) % 1_000}`).join(',');

function thing(number: number): Named {
  const name = `thing-${number % THINGS}`;
  const names = {
    cluster: 'c',
    group: '',
    kind: 'ConfigMap',
    pseudo: false,
    namespace: 'load',
    name,
    uid: `uid-${name}`,
  };
  return { id: idOf(names), ...names };
}

function textOf(number: number): string {
  return `{"number":${number},"square":${number * number},${words}}`;
}

/** What moment `number`, counted from 1, is made of: a version of one of 500 things. */
export function loadAt(number: number): readonly Entry[] {
  const at = START + number * 1_000;
  return [
    { type: 'moment', at },
    { type: 'version', of: thing(number), text: textOf(number) },
  ];
}

/** How many moments there are; throws unless each after `from` holds what it must, once. */
export async function assertLoad(db: Database, from = 0): Promise<number> {
  const reader = new HistoryReader(db);
  const count = (await reader.last())?.moment ?? 0;
  const [row] = await db.rows('SELECT count(*) FROM version');
  assert.equal(row?.[0], count, 'one version a moment');
  for (let first = from; first < count; first += STRETCH) {
    const last = Math.min(count, first + STRETCH);
    const { standing } = await reader.between(first, last);
    assert.equal(standing.length, last - first);
    const inOrder = standing.toSorted((a, b) => compareTime(a.at ?? '', b.at ?? ''));
    for (const [index, { text, of }] of inOrder.entries()) {
      const number = first + index + 1;
      assert.ok(text === textOf(number) && of.id === thing(number).id, `${number}`);
    }
  }
  return count;
}
