/**
 * Pages of a list in a stable order, by cursor. A cursor names the last item seen, not a position, so pages neither repeat nor skip
 * what stays while other items come and go.
 */
import { z } from 'zod';
import { Problem } from '../../model/problem.ts';
import type { Resource } from '../../model/resource.ts';

type Value = string | number;

/** What items are ordered by, the first that differs decides. Together the values must tell any two items apart. */
export type Order<T> = readonly ((item: T) => Value)[];

/** The inputs of a list: how many a page holds, and where it begins. */
export function pageInputs(items: string, standard: number, max = 10_000) {
  return {
    limit: z.int().min(1).max(max).default(standard).describe(`${items} on a page`),
    cursor: z.string().optional().describe('`next` of the page before'),
  };
}

/** What the answer of a list says of the other pages. */
export const pageShape = {
  left: z.int().describe('how many follow on later pages'),
  next: z.string().optional().describe('cursor of the next page; absent on the last'),
};

export interface PageChoice {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** The part of an answer that `pageShape` describes. */
export interface Rest {
  readonly left: number;
  readonly next?: string;
}

/** A part of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Everything there is, whatever the page. */
  readonly total: number;
}

/** One page of items that come in any order. */
export function pageOf<T>(items: Iterable<T>, order: Order<T>, choice: PageChoice): Page<T> & { readonly rest: Rest } {
  const pages = new Pages(choice);
  return { ...pages.of(items, order), rest: pages.rest() };
}

/** The same page of several lists side by side: up to `limit` items of each, until every one has ended. */
export class Pages {
  readonly #limit: number;
  /** Where each list goes on, in the order in which they are asked for. */
  readonly #after: readonly unknown[];
  readonly #last: (Key | null)[] = [];
  #left = 0;

  /** Throws `invalid-input` for a cursor that is none. */
  constructor({ limit, cursor }: PageChoice) {
    this.#limit = limit;
    this.#after = cursor === undefined ? [] : keysFrom(cursor);
  }

  /** The page of the next list. Holds no more than a few pages' worth at any time. */
  of<T>(items: Iterable<T>, order: Order<T>): Page<T> {
    const after = this.#keyFor(order.length);
    const compare = comparing(order);
    let total = 0;
    let following = 0;
    let kept: T[] = [];
    let bound: T | undefined;
    for (const item of items) {
      total++;
      if (after && compareToKey(item, order, after) <= 0) continue;
      following++;
      if (bound !== undefined && compare(item, bound) >= 0) continue;
      kept.push(item);
      if (kept.length < 4 * this.#limit + 64) continue;
      kept = kept.sort(compare).slice(0, this.#limit);
      bound = kept.at(-1);
    }
    const page = kept.sort(compare).slice(0, this.#limit);
    const last = page.at(-1);
    this.#last.push(last === undefined ? (after ?? null) : order.map((value) => value(last)));
    this.#left += following - page.length;
    return { items: page, total };
  }

  #keyFor(length: number): Key | undefined {
    const key = this.#after[this.#last.length];
    if (key === null || this.#after.length === 0) return undefined;
    if (isKey(key, length)) return key;
    throw notACursor();
  }

  /** What is left of all lists. */
  rest(): Rest {
    const next = Buffer.from(JSON.stringify(this.#last)).toString('base64url');
    return { left: this.#left, ...(this.#left > 0 && { next }) };
  }
}

type Key = readonly Value[];

/** The comparison that an order means. */
export function comparing<T>(order: Order<T>): (a: T, b: T) => number {
  return (a, b) => {
    for (const value of order) {
      const difference = compareValues(value(a), value(b));
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

/** Order of resources for people: by kind, namespace and name. */
export const resourceOrder: Order<Pick<Resource, 'kind' | 'namespace' | 'name' | 'id'>> = [
  ({ kind }) => kind,
  ({ namespace }) => namespace,
  ({ name }) => name,
  ({ id }) => id,
];

export const compareResources = comparing(resourceOrder);

function compareToKey<T>(item: T, order: Order<T>, key: Key): number {
  let index = 0;
  for (const value of order) {
    const difference = compareValues(value(item), key[index++] ?? '');
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareValues(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function keysFrom(cursor: string): readonly unknown[] {
  try {
    const keys: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(keys) && keys.length > 0) return keys;
  } catch {}
  throw notACursor();
}

function isKey(key: unknown, length: number): key is Key {
  return (
    Array.isArray(key) &&
    key.length === length &&
    key.every((value) => typeof value === 'string' || typeof value === 'number')
  );
}

function notACursor(): Problem {
  return new Problem(
    'invalid-input',
    'cursor: not a cursor of this list; take `next` of the page before, or leave it out',
  );
}
