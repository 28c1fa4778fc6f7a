/** The little statistics that the evaluation needs. */

/** Wilson's interval of a proportion, 95 %. */
export function wilson(hits: number, of: number): readonly [low: number, high: number] {
  if (of === 0) return [0, 1];
  const z = 1.96;
  const share = hits / of;
  const middle = (share + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const half = (z / (1 + (z * z) / of)) * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/** A claim, how sure it was, and whether it was right. */
export interface Claim {
  readonly confidence: number;
  readonly isRight: boolean;
}

export interface Bin {
  readonly low: number;
  readonly high: number;
  readonly count: number;
  readonly confidence: number;
  readonly accuracy: number;
}

/** Claims by how sure they were, in bins of equal width; empty ones left out. */
export function binsOf(claims: readonly Claim[], count = 10): readonly Bin[] {
  return Array.from({ length: count }, (_, index) => {
    const [low, high] = [index / count, (index + 1) / count];
    const inside = claims.filter(({ confidence }) => confidence >= low && (confidence < high || high === 1));
    return {
      low,
      high,
      count: inside.length,
      confidence: mean(inside.map((one) => one.confidence)),
      accuracy: mean(inside.map((one) => Number(one.isRight))),
    };
  }).filter((bin) => bin.count > 0);
}

/** Expected calibration error: how far confidence and accuracy are apart, over the bins, by their size. */
export function calibrationError(claims: readonly Claim[]): number {
  return binsOf(claims).reduce(
    (sum, { count, confidence, accuracy }) => sum + (count / claims.length) * Math.abs(confidence - accuracy),
    0,
  );
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A number for a text, as a seed. */
export function seedOf(text: string): number {
  let seed = 2_166_136_261;
  for (const character of text) seed = Math.imul(seed ^ (character.codePointAt(0) ?? 0), 16_777_619);
  return seed >>> 0;
}
