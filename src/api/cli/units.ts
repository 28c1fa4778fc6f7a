/** Durations and sizes as people write them. */
import { Problem } from '../../model/problem.ts';

const DURATIONS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** `90s`, `15m`, `2h` in milliseconds. */
export function durationFrom(text: string, option: string): number {
  return quantity(text, DURATIONS, `${option} ${text}: write a duration as 90s, 15m or 2h.`);
}

/** `500MB`, `2GiB` in bytes. */
export function bytesFrom(text: string, option: string): number {
  return quantity(text, SIZES, `${option} ${text}: write a size as 500MB or 2GiB.`);
}

function quantity(text: string, units: Readonly<Record<string, number>>, help: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text.trim()) ?? [];
  const factor = Object.hasOwn(units, unit) ? units[unit] : undefined;
  if (digits === undefined || factor === undefined || Number(digits) <= 0) throw new Problem('invalid-input', help);
  return Number(digits) * factor;
}

/** Bytes for people: `12.3 MB`. */
export function bytesText(bytes: number): string {
  for (const [unit, size] of [
    ['GB', 1e9],
    ['MB', 1e6],
    ['kB', 1e3],
  ] as const)
    if (bytes >= size) return `${(bytes / size).toFixed(1)} ${unit}`;
  return `${bytes} B`;
}
