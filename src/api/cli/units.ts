/** Durations and sizes as options of commands. */
import { bytesIn, millisecondsIn } from '../../lib/quantity.ts';
import { Problem } from '../../model/problem.ts';

/** `90s`, `15m`, `2h`, `7d` in milliseconds. Throws `invalid-input`. */
export function durationFrom(text: string, option: string): number {
  return positive(millisecondsIn(text), `${option} ${text}: write a duration as 90s, 15m, 2h or 7d.`);
}

/** `500MB`, `2GiB` in bytes. Throws `invalid-input`. */
export function bytesFrom(text: string, option: string): number {
  return positive(bytesIn(text), `${option} ${text}: write a size as 500MB or 2GiB.`);
}

function positive(quantity: number | undefined, help: string): number {
  if (quantity === undefined || quantity <= 0) throw new Problem('invalid-input', help);
  return quantity;
}
