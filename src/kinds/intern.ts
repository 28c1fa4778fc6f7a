/**
 * Equal values become one value in memory: a hundred thousand objects say `app=web`, `key: password` and `1/1` again and again.
 * Bounded: a full table is forgotten and begun anew, which costs memory, never correctness.
 */
import type { Target } from '../model/reference.ts';
import type { Health, Scalar } from '../model/resource.ts';
import type { Labels } from '../model/selector.ts';
import { PathNames } from './path.ts';

const TEXTS_MAX = 20_000;
const RECORDS_MAX = 4_000;
const TARGETS_MAX = 4_000;
const TEXT_LENGTH_MAX = 128;

type FlatRecord = Readonly<Record<string, Scalar>>;

export class Interner {
  readonly paths = new PathNames();
  readonly #texts = new Map<string, string>();
  #records = newPlace();
  #recordsKnown = 0;
  readonly #targets = new Map<string, Target>();
  #lastLabels: Labels = {};
  #lastNamed: Target | undefined;

  /** The text, the same one for equal texts; long ones are left alone. */
  text(text: string): string {
    if (text.length > TEXT_LENGTH_MAX) return text;
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    if (this.#texts.size >= TEXTS_MAX) this.#texts.clear();
    this.#texts.set(text, text);
    return text;
  }

  /** A copy of a record with its texts interned. */
  texts<T extends FlatRecord>(record: T): T {
    const copy: Record<string, Scalar> = {};
    for (const name in record) {
      const value = record[name] as Scalar;
      copy[name] = typeof value === 'string' ? this.text(value) : value;
    }
    return copy as T;
  }

  /** Labels; lists come in order of names, so the pods of one workload follow one another and share theirs. */
  labels(labels: Labels): Labels {
    if (!sameEntries(labels, this.#lastLabels)) this.#lastLabels = this.texts(labels);
    return this.#lastLabels;
  }

  /** A state of health: without a message there are few. */
  health(health: Health): Health {
    return health.message === undefined ? this.record({ ...health }) : health;
  }

  /** A target that is more than a name, the same one for equal targets: the owner of siblings, what a workload's pods tolerate or keep away from. */
  target(target: Target): Target {
    if (target.by === 'id') {
      // As with labels: siblings follow one another.
      if (this.#lastNamed === undefined || !sameEntries(target, this.#lastNamed)) this.#lastNamed = target;
      return this.#lastNamed;
    }
    if (target.by !== 'labels') return target;
    const key = JSON.stringify(target);
    const known = this.#targets.get(key);
    if (known !== undefined) return known;
    if (this.#targets.size >= TARGETS_MAX) this.#targets.clear();
    this.#targets.set(key, target);
    return target;
  }

  /** A record of which few are distinct, the same one for equal records in the same order of keys. */
  record<T extends FlatRecord>(record: T): T {
    let place = this.#records;
    for (const name in record) {
      const value = record[name] as Scalar;
      place = below(below(place, name), value);
    }
    if (place.record !== undefined) return place.record as T;
    place.record = this.texts(record);
    if (++this.#recordsKnown > RECORDS_MAX) {
      this.#records = newPlace();
      this.#recordsKnown = 0;
    }
    return place.record as T;
  }
}

/** Where a record stands in the tree of records: names and values, in turn, lead to it. */
interface Place {
  below: Map<Scalar, Place> | undefined;
  record: FlatRecord | undefined;
}

const newPlace = (): Place => ({ below: undefined, record: undefined });

function below(place: Place, step: Scalar): Place {
  place.below ??= new Map();
  let next = place.below.get(step);
  if (next === undefined) {
    next = newPlace();
    place.below.set(step, next);
  }
  return next;
}

function sameEntries<T extends object>(a: T, b: T): boolean {
  let count = 0;
  for (const key in a) {
    if (a[key] !== b[key]) return false;
    count++;
  }
  for (const _ in b) count--;
  return count === 0;
}
