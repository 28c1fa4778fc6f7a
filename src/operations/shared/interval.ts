/** Intervals of the past, as people write them. */
import { z } from 'zod';
import type { HistoryQueries } from '../../model/history.ts';
import { Problem } from '../../model/problem.ts';
import { compareTime, type Time, timeFrom } from '../../model/time.ts';

export function instantInput(what: string) {
  return z
    .string()
    .optional()
    .describe(`${what}: RFC 3339, or how long before the last sign of life (\`15m\`, \`6h\`, \`2d\`)`);
}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** An instant from RFC 3339 or from how long before another it was (`90s`, `15m ago`, `1.5h`, `2d`); undefined for what is neither. */
export function instantBefore(text: string, ms: number): Time | undefined {
  const [, number, unit] = /^(\d{1,9}(?:\.\d{1,9})?)([smhd])(?: ago)?$/.exec(text.trim()) ?? [];
  if (number === undefined) return timeFrom(text.trim());
  return new Date(ms - Number(number) * UNITS[unit as keyof typeof UNITS]).toISOString();
}

/** An interval with its ends, all that is known where nothing is said. Throws `invalid-input`, and `not-found` in an empty history. */
export async function intervalOf(
  history: HistoryQueries,
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
): Promise<{ readonly from: Time; readonly to: Time }> {
  const extent = await history.extent();
  if (extent === undefined) throw new Problem('not-found', 'nothing has been observed yet');
  const end = Date.parse(extent.to);
  const read = (name: string, text: string | undefined, otherwise: Time): Time => {
    if (text === undefined) return otherwise;
    const instant = instantBefore(text, end);
    if (instant !== undefined) return instant;
    throw new Problem(
      'invalid-input',
      `${name}: "${text}" is no instant; write it as RFC 3339 has it (2026-11-20T10:00:00Z), or as how long ago: 15m, 6h, 2d`,
    );
  };
  const interval = { from: read('from', from, extent.from), to: read('to', to, extent.to) };
  if (compareTime(interval.from, interval.to) > 0)
    throw new Problem(
      'invalid-input',
      `from (${interval.from}) is after to (${interval.to}); history begins at ${extent.from} and ends at ${extent.to}`,
    );
  return interval;
}
