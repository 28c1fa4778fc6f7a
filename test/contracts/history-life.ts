/** A made-up life of an estate as entries of history, and what is to be read back of it: the truth at each of its moments, line by line. */
import assert from 'node:assert/strict';
import { timeOfMicroseconds } from '../../src/model/time.ts';
import type { Database } from '../../src/sinks/history/database.ts';
import type { Entry, Named } from '../../src/sinks/history/entries.ts';
import { idOf } from '../../src/sinks/history/identity.ts';
import { HistoryReader } from '../../src/sinks/history/reader.ts';
import { contentOf } from '../../src/sinks/history/version-writer.ts';
import { type Random, seededRandom } from '../support/random.ts';

/** Microseconds since 1970 of the first moment; each is a second later. */
export const START = Date.UTC(2026, 0, 1) * 1_000;
const SECOND = 1_000_000;
const EDGES = ['OWNS', 'SELECTS', 'MOUNTS'];

export function named(name: string, names: Partial<Omit<Named, 'id' | 'name'>> = {}): Named {
  const all = {
    cluster: 'c',
    group: '',
    kind: 'ConfigMap',
    pseudo: false,
    namespace: 'shop',
    uid: `uid-${name}`,
    ...names,
    name,
  };
  return { id: idOf(all), ...all };
}

export function momentAt(second: number): Entry {
  return { type: 'moment', at: START + second * SECOND };
}

interface Present {
  readonly of: Named;
  text?: string;
  at?: number;
}

interface Edge {
  readonly type: string;
  readonly from: string;
  readonly to: string;
}

/** Makes batches; the same seed makes the same. */
export class Life {
  readonly truth: (readonly string[])[] = [];
  readonly #random: Random;
  readonly #present = new Map<string, Present>();
  readonly #edges = new Map<string, Edge & { readonly since: number }>();
  readonly #observations: string[] = [];
  #made = 0;

  constructor(seed: number | string) {
    this.#random = seededRandom(seed);
  }

  /** Entries of so many moments. */
  live(moments: number): readonly Entry[] {
    return Array.from({ length: moments }, () => this.#moment()).flat();
  }

  #moment(): readonly Entry[] {
    const random = this.#random;
    const second = this.truth.length;
    const entries: Entry[] = [momentAt(second)];
    const changed = new Set<string>();
    for (let count = 1 + random.int(6); count > 0; count--) {
      if (this.#present.size > 8 && random.chance(0.25)) this.#end(entries, changed);
      else this.#change(entries, second, changed);
    }
    for (let count = random.int(4); count > 0; count--) this.#join(entries, second);
    if (random.chance(0.2)) {
      const text = JSON.stringify({ type: 'observe', at: second, note: `say "${second}" \\ ${random.int(99)}` });
      this.#observations.push(text);
      entries.push({ type: 'observe', text });
    }
    this.truth.push(this.#lines());
    return entries;
  }

  #end(entries: Entry[], changed: ReadonlySet<string>): void {
    const id = this.#random.pick([...this.#present.keys()]);
    if (changed.has(id)) return;
    this.#present.delete(id);
    for (const [key, { from, to }] of this.#edges) if (from === id || to === id) this.#edges.delete(key);
    entries.push({ type: 'end', id });
  }

  #change(entries: Entry[], second: number, changed: Set<string>): void {
    const random = this.#random;
    const number = random.int(30);
    // Few names, so that resources come again: under another uid, or the same when there is none.
    const of = named(`thing-${number}`, {
      uid: number % 3 === 0 ? '' : `u${number}-${random.int(2)}`,
      cluster: random.pick(['c', 'd']),
      pseudo: number % 10 === 0,
    });
    if (changed.has(of.id)) return;
    changed.add(of.id);
    const known = this.#present.get(of.id) ?? { of };
    this.#present.set(of.id, known);
    if (of.pseudo) return void entries.push({ type: 'begin', of });
    const repeats = known.text !== undefined && random.chance(0.2);
    const content = repeats
      ? contentOf(known.text ?? '')
      : JSON.stringify({ ...of, filling: this.#filling(), made: this.#made++ });
    const text = random.chance(0.5) ? `${content}\n${JSON.stringify([second])}` : content;
    if (!repeats) Object.assign(known, { text, at: second });
    entries.push({ type: 'version', of, text });
  }

  /** Alike, as versions are, but for some words. */
  #filling(): string {
    return Array.from(
      { length: 20 + this.#random.int(80) },
      (_, at) => `${at % 7}: ${this.#random.int(at % 5 === 0 ? 1e9 : 3)}`,
    ).join(', ');
  }

  #join(entries: Entry[], second: number): void {
    const random = this.#random;
    const ids = [...this.#present.keys()];
    if (ids.length === 0) return;
    const edge = { type: random.pick(EDGES), from: random.pick(ids), to: random.pick(ids) };
    const key = JSON.stringify(edge);
    const known = this.#edges.get(key);
    if (known?.since === second) return;
    if (known) this.#edges.delete(key);
    else this.#edges.set(key, { ...edge, since: second });
    entries.push({ type: known ? 'unlink' : 'link', edge: edge.type, from: edge.from, to: edge.to });
  }

  #lines(): readonly string[] {
    const time = (second: number): string => timeOfMicroseconds(START + second * SECOND);
    return [
      ...[...this.#present].map(([id, { at, text }]) =>
        resourceLine(id, at === undefined ? undefined : time(at), text),
      ),
      ...[...this.#edges.values()].map(({ type, from, to, since }) =>
        JSON.stringify(['edge', type, from, to, time(since)]),
      ),
      ...this.#observations.map((text) => JSON.stringify(['observed', text])),
    ].sort();
  }
}

function resourceLine(id: string, at: string | undefined, text: string | undefined): string {
  return JSON.stringify(['resource', id, at ?? null, text ?? null]);
}

/** What a history says of one of its moments, counted from 1. */
export async function linesAt(db: Database, moment: number): Promise<readonly string[]> {
  const reader = new HistoryReader(db);
  const ids = new Map<number, string>();
  const lines: string[] = [];
  for await (const batch of reader.standingAt(moment)) {
    for (const { no, of, at, text } of batch) {
      ids.set(no, of.id);
      lines.push(resourceLine(of.id, at, text));
    }
  }
  for await (const batch of reader.edgesAt(moment, [...ids.keys()])) {
    for (const { type, source, target, since } of batch)
      lines.push(JSON.stringify(['edge', type, ids.get(source), ids.get(target), since]));
  }
  for (const text of await reader.observationsUntil(moment)) lines.push(JSON.stringify(['observed', text]));
  return lines.sort();
}

/** Every moment, or those that are named (counted from 1), is as it was, and there are as many as there should be. */
export async function assertHistory(db: Database, { truth }: Life, moments?: readonly number[]): Promise<void> {
  assert.equal((await new HistoryReader(db).last())?.moment ?? 0, truth.length, 'as many moments as were written');
  for (const moment of moments ?? truth.keys().map((index) => index + 1))
    assert.deepEqual(await linesAt(db, moment), truth[moment - 1], `moment ${moment}`);
}
