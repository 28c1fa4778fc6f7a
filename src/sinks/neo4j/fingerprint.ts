/**
 * What a mirrored node or relationship carries besides its facts: a fingerprint of them, 32 bits. It tells what is ours from what others keep
 * in the same database, and lets a synchronisation read it where it would otherwise write everything again.
 *
 * Invariant: equal facts have equal fingerprints in every process of every version that writes them alike.
 */
import type { Edge } from '../../model/edge.ts';
import type { Resource, Scalar } from '../../model/resource.ts';

/** Property of nodes and relationships that are ours and hold now. */
export const FINGERPRINT = '_kg';

/** To be raised when rows (sinks/cypher/rows.ts, values.ts) say the same facts in another way, so that stores are written anew. */
const LAYOUT = 1;

/** Makes fingerprints of many; texts that come again are read once. Drop it afterwards, it grows with what it has seen. */
export class Fingerprints {
  readonly #hashes = new Map<string, number>();

  /** Of all that a node says; the id, and what is told by it, included. */
  node({ id, kind, namespace, name, createdAt, health, summary, labels }: Resource): number {
    let state = this.#mix(LAYOUT, id);
    state = this.#mix(this.#mix(this.#mix(state, kind), namespace), name);
    state = this.#mix(state, createdAt);
    state = this.#mix(this.#mix(this.#mix(state, health.status), health.reason), health.message);
    return finished(this.#mixAll(this.#mixAll(state, summary), labels));
  }

  /**
   * Of what leads out of one resource: the sum of these stands for all of them. `since` is left out: it is when we saw the edge first, and who
   * starts anew should not know better than who saw more.
   */
  edge({ type, to, detail }: Edge): number {
    const { rule, field, confidence, value, via, more, optional, attributes } = detail;
    let state = this.#mix(this.#mix(this.#mix(LAYOUT, type), to), rule);
    state = this.#mix(this.#mix(this.#mix(state, field), detail.class), confidence);
    state = this.#mix(this.#mix(this.#mix(this.#mix(state, value), via), more), optional);
    return finished(attributes === undefined ? state : this.#mixAll(state, attributes));
  }

  #mixAll(state: number, values: Readonly<Record<string, Scalar>>): number {
    let mixed = Math.imul(state, 31);
    for (const key in values) mixed = this.#mix(this.#mix(mixed, key), values[key]);
    return mixed;
  }

  #mix(state: number, value: Scalar | undefined): number {
    const mixed = Math.imul(state ^ this.#hash(value), 0x9e3779b1);
    return mixed ^ (mixed >>> 15);
  }

  #hash(value: Scalar | undefined): number {
    if (typeof value !== 'string') return value === undefined ? 1 : hash(`${typeof value} ${value}`);
    let known = this.#hashes.get(value);
    if (known === undefined) {
      known = hash(value);
      this.#hashes.set(value, known);
    }
    return known;
  }
}

/** FNV-1a over the UTF-16 of a text, 32 bits. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return finished(value);
}

/** The last step of MurmurHash3: every bit depends on every other. */
function finished(state: number): number {
  let value = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
