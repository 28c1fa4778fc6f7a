/**
 * How alike two happenings are, or a happening and words: cosine of their words, each worth more the fewer happenings have it (tf-idf). Words are those
 * of the reason and the message, of the canonical type and of what it is about (`container oom killed`, `memory exhaustion`), so that what is called by
 * another name is found; what differs from one time to the next (numbers, digests, generated endings of names) is none.
 */
import { eventTypeNamed, eventTypeOf, intentOf } from '../model/event-types.ts';
import type { Episode } from './seed-ranker.ts';

/** How often each word stands in a text. */
export type Words = ReadonlyMap<string, number>;

/** Words of what people ask for. */
export function wordsOfText(text: string): Words {
  const told = { source: 'log', message: text };
  return counted([...new Set([...split(text), ...meant(told, eventTypeNamed(text) ?? eventTypeOf(told))])]);
}

export function wordsOf({ reason, message, subject }: Pick<Episode, 'reason' | 'message' | 'subject'>): Words {
  const told = { source: 'event', reason, message };
  return counted([...split(reason), ...split(message), ...meant(told, eventTypeOf(told)), subject.kind.toLowerCase()]);
}

/** The canonical type and what it is about, whole and as words. */
function meant(told: { readonly source: string; readonly message: string }, type: string): readonly string[] {
  const intent = intentOf(told, type)?.intent;
  const whole = [...(PLAIN.test(type) ? [] : [type]), ...(intent ? [intent] : [])];
  return whole.flatMap((word) => [word, ...split(word)]);
}

/** Types that say no more than that something was logged. */
const PLAIN = /^(?:log|other)_/;

const STOP = new Set(
  'a an and are as at be by for from has have in is it its of on or that the this to was were will with'.split(' '),
);
/** Parts of `CamelCase`, `snake_case`, `kebab-case`; not what has digits in it, but for short codes (`502`, `x509`). */
function split(text: string): readonly string[] {
  return text
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 1 && word.length < 40 && !STOP.has(word) && !isGenerated(word))
    .map((word) => word.replace(/(?<=[a-z]{3})(?:ing|ed|(?<!s)s)$/, ''));
}

function isGenerated(word: string): boolean {
  return /\d/.test(word) ? !CODE.test(word) : ENDING.test(word) && word !== 'https';
}

/** What Kubernetes adds to names: five of the letters that make no words (`util/rand`). */
const ENDING = /^[bcdfghjklmnpqrstvwxz]{5}$/;
const CODE = /^(?:[1-5]\d\d|x509|http2|i18n|k8s)$/;

function counted(words: readonly string[]): Words {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

export interface Alike<T> {
  readonly item: T;
  /** 0..1; 1: the same words. */
  readonly similarity: number;
  /** Words of both, the most telling first. */
  readonly shared: readonly string[];
}

/** Those of a list that have words in common with others, the most alike first; of equally alike ones in the order of the list. */
export function alike<T>(wanted: Words, items: readonly T[], wordsOfItem: (item: T) => Words): readonly Alike<T>[] {
  const documents = items.map((item) => ({ item, words: wordsOfItem(item) }));
  const rarity = rarityIn(documents.map(({ words }) => words));
  const length = lengthOf(wanted, rarity);
  const found = documents.flatMap(({ item, words }): readonly Alike<T>[] => {
    const shared: (readonly [word: string, worth: number])[] = [];
    let product = 0;
    for (const [word, count] of wanted) {
      const other = words.get(word);
      if (other === undefined) continue;
      const worth = weight(count, rarity(word)) * weight(other, rarity(word));
      product += worth;
      shared.push([word, worth]);
    }
    if (product === 0) return [];
    const similarity = Math.min(1, product / (length * lengthOf(words, rarity)));
    return [{ item, similarity, shared: shared.sort(([, a], [, b]) => b - a).map(([word]) => word) }];
  });
  return found.sort((a, b) => b.similarity - a.similarity);
}

function weight(count: number, rarity: number): number {
  return (1 + Math.log(count)) * rarity;
}

function rarityIn(documents: readonly Words[]): (word: string) => number {
  const counts = new Map<string, number>();
  for (const words of documents) for (const word of words.keys()) counts.set(word, (counts.get(word) ?? 0) + 1);
  return (word) => Math.log(1 + (documents.length + 1) / ((counts.get(word) ?? 0) + 1));
}

function lengthOf(words: Words, rarity: (word: string) => number): number {
  let sum = 0;
  for (const [word, count] of words) sum += weight(count, rarity(word)) ** 2;
  return Math.sqrt(sum);
}
