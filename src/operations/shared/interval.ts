/** Intervals of the past, as people write them. */
import { z } from 'zod';
import { type HistoryQueries, SILENCE_MS } from '../../model/history.ts';
import { Problem } from '../../model/problem.ts';
import { compareTime, type Time, timeFrom } from '../../model/time.ts';

export function instantInput(what: string) {
  return z
    .string()
    .optional()
    .describe(`${what}: RFC 3339, or how long before the last sign of life (\`15m\`, \`6h\`, \`2d\`)`);
}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** How long ago, in milliseconds: `90s`, `15m ago`, `1.5h`, `2d`; undefined for what says no such thing. */
export function ageIn(text: string): number | undefined {
  const [, number, unit] = /^(\d{1,9}(?:\.\d{1,9})?)([smhd])(?: ago)?$/.exec(text.trim()) ?? [];
  return number === undefined ? undefined : Number(number) * UNITS[unit as keyof typeof UNITS];
}

/** An instant from RFC 3339, a day or a time of a day in UTC (`2026-11-21`, `2026-11-21T14:29`), or how long before another it was; undefined for what is none. */
export function instantBefore(text: string, ms: number): Time | undefined {
  const age = ageIn(text);
  if (age !== undefined) return new Date(Math.max(0, ms - age)).toISOString();
  const [given = '', day, time = 'T00:00', seconds = ':00'] =
    /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d)?(:\d\d)?$/.exec(text.trim()) ?? [];
  return timeFrom(given === '' ? text.trim() : `${day}${time}${seconds}Z`);
}

/** Says how to write an instant. */
export function noInstant(name: string, text: string): Problem {
  return new Problem(
    'invalid-input',
    `${name}: "${text}" is no instant; write it as RFC 3339 has it (2026-11-20T10:00:00Z, or with an offset), in UTC without one (2026-11-20, 2026-11-20T10:00), or as how long ago (90s, 15m, 6h, 2d)`,
  );
}

export interface Interval {
  readonly from: Time;
  readonly to: Time;
  /** What of it is not known, for people. */
  readonly hints: readonly string[];
}

/**
 * An interval with its ends, all that is known where nothing is said. `compared`: its ends are held against each other, so that it begins no earlier than
 * something was known, and where nothing is said with what was listed first. Throws `invalid-input`, and `not-found` where nothing had been observed.
 */
export async function intervalOf(
  history: HistoryQueries,
  asked: { readonly from?: string | undefined; readonly to?: string | undefined },
  { compared = false } = {},
): Promise<Interval> {
  const extent = await history.extent();
  if (extent === undefined) throw new Problem('not-found', 'nothing has been observed yet');
  const end = Date.parse(extent.to);
  const read = (name: 'from' | 'to', otherwise: Time): Time => {
    const text = asked[name];
    if (text === undefined) return otherwise;
    const instant = instantBefore(text, end);
    if (instant === undefined) throw noInstant(name, text);
    return instant;
  };
  const to = read('to', extent.to);
  if (compareTime(to, extent.from) < 0)
    throw new Problem('not-found', `nothing was observed until ${to}; history begins at ${extent.from}`);
  const begin = compared && compareTime(extent.listed, to) <= 0 ? extent.listed : extent.from;
  const wanted = read('from', begin);
  const isEarly = compareTime(wanted, extent.from) < 0;
  const from = compared && isEarly ? begin : wanted;
  if (compareTime(from, to) > 0)
    throw new Problem(
      'invalid-input',
      asked.to === undefined
        ? `from (${from}) is after the end of history, ${to}`
        : `from (${from}) is after to (${to}); history begins at ${extent.from} and ends at ${extent.to}`,
    );
  const hints: string[] = [];
  if (isEarly)
    hints.push(
      compared
        ? `history begins later than ${wanted}: compared with ${from}, when everything was known first`
        : `history begins at ${extent.from}; what was before is not known`,
    );
  if (Date.parse(to) > end + SILENCE_MS) hints.push(`history ends at ${extent.to}; what came after is not known`);
  return { from, to, hints };
}
