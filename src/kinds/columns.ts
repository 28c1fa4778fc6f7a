/** Cells of `kubectl get` that several kinds share. Times stay instants: a column that says "3m ago" would change without the object. */

const ACCESS_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

/** `RWO,ROX`; undefined when there are none. */
export function accessModes(modes: readonly string[] | undefined): string | undefined {
  if (modes === undefined || modes.length === 0) return undefined;
  return [...new Set(modes)].map((mode) => ACCESS_MODES[mode] ?? mode).join(',');
}

/** Number of entries of a map of data; redacted values count as they did before. */
export function entryCount(...maps: readonly unknown[]): number {
  return maps.reduce<number>((sum, map) => sum + (map ? Object.keys(map).length : 0), 0);
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** Time between two instants in kubectl's manner, the two largest units: `2d3h`, `15m`, `42s`. Undefined unless both are instants in order. */
export function duration(from: string | undefined, to: string | undefined): string | undefined {
  if (from === undefined || to === undefined) return undefined;
  let seconds = Math.round((Date.parse(to) - Date.parse(from)) / 1000);
  if (Number.isNaN(seconds) || seconds < 0) return undefined;
  let text = '';
  let parts = 0;
  for (const [unit, size] of UNITS) {
    const count = Math.floor(seconds / size);
    if (count > 0 && parts < 2) text += `${count}${unit}`;
    if (count > 0 || parts > 0) parts++;
    seconds -= count * size;
  }
  return text === '' ? '0s' : text;
}

/** A short text that differs when the data does: with the count of entries it shows that they changed, and nothing of what they are. */
export function digestOf(...maps: readonly unknown[]): string | undefined {
  let [a, b] = [0x2545f491, 0x1b873593];
  let seen = false;
  for (const map of maps) {
    if (typeof map !== 'object' || map === null) continue;
    for (const key of Object.keys(map).sort()) {
      const value = (map as Readonly<Record<string, unknown>>)[key];
      seen = true;
      for (const text of [key, typeof value === 'string' ? value : (JSON.stringify(value) ?? '')]) {
        for (let index = 0; index < text.length; index++) {
          const code = text.charCodeAt(index);
          a = Math.imul(a ^ code, 0x9e3779b1);
          b = Math.imul(b ^ (code + 1), 0x85ebca6b) ^ (a >>> 15);
        }
        a ^= text.length + 0x7f;
      }
    }
  }
  return seen ? [a, b].map((word) => (word >>> 0).toString(36)).join('') : undefined;
}
