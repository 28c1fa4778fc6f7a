/**
 * Seeded pseudo-random numbers: the same seed gives the same sequence in every process and on every machine.
 * For workloads, tests and jitter that must be repeatable; not for anything secret.
 */

export interface Random {
  /** Uniform in [0, 1), with 32 bits of resolution. */
  next(): number;
  /** Uniform integer in [0, below). */
  int(below: number): number;
  /** True with the given probability, 0..1. */
  chance(probability: number): boolean;
  /** One entry of a list that is not empty; throws a RangeError on an empty one. */
  pick<T>(list: readonly T[]): T;
}

/** A generator of its own for a seed: `mulberry32` (period 2³², passes gjrand; 32 bits of state). Text seeds are hashed. */
export function seededRandom(seed: number | string): Random {
  let state = typeof seed === 'number' ? seed >>> 0 : hash32(seed);
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    return scramble(state) / 0x1_0000_0000;
  };
  const int = (below: number): number => Math.floor(next() * below);
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (list) => {
      if (list.length === 0) throw new RangeError('cannot pick from an empty list');
      return list[int(list.length)] as (typeof list)[number];
    },
  };
}

/** FNV-1a over UTF-16 code units, then mixed so that texts that differ in the last character differ everywhere. Unsigned 32 bits. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return scramble(hash >>> 0);
}

function scramble(state: number): number {
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return (mixed ^ (mixed >>> 14)) >>> 0;
}
