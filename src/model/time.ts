/** Instants as the recordings write them: RFC 3339, UTC, up to nanoseconds. The core never reads a clock; time comes in with each change. */

import { compareText } from './order.ts';

/** RFC 3339 timestamp in UTC, for example `2026-11-20T10:00:00.123456Z`. */
export type Time = string;

const FORM =
  /^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60))(?:[.,](\d{1,9}))?\d*(Z|[+-]\d\d:\d\d)$/;

/** Order of two instants: negative, zero or positive. Compares to the nanosecond; accepts any mix of fraction lengths. */
export function compareTime(a: Time, b: Time): number {
  if (a === b) return 0;
  // Of one length and both in UTC they are in the order of their texts.
  if (a.length === b.length && a.endsWith('Z') && b.endsWith('Z')) return compareText(a, b);
  const x = sortableTime(a);
  const y = sortableTime(b);
  return compareText(x, y);
}

/** The instant with nine fraction digits and `Z`, so that text order is time order. */
export function sortableTime(time: Time): string {
  const [, seconds, fraction = ''] = FORM.exec(time) ?? [];
  return seconds === undefined ? time : `${seconds}.${fraction.padEnd(9, '0')}Z`;
}

/** Parses what people and other programs write and returns it in UTC, or undefined when it is not an instant. Keeps sub-millisecond digits. */
export function timeFrom(text: unknown): Time | undefined {
  if (typeof text !== 'string') return undefined;
  const match = FORM.exec(text);
  if (match === null) return undefined;
  if (match[3] === 'Z' || match[3] === '+00:00') {
    const utc = match[2] ? `${match[1]}.${match[2]}Z` : `${match[1]}Z`;
    return utc === text ? text : utc; // what is kept by the hundred thousand should not be a text in pieces
  }
  const shifted = new Date(`${match[1]}${match[3]}`);
  if (Number.isNaN(shifted.getTime())) return undefined;
  return match[2] ? `${shifted.toISOString().slice(0, 19)}.${match[2]}Z` : `${shifted.toISOString().slice(0, 19)}Z`;
}

/** Microseconds since 1970, finer digits cut off; 0 for what is no instant. Exact until 2255, as JavaScript's integers are. */
export function microseconds(time: Time): number {
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) return 0;
  const fraction = FORM.exec(time)?.[2] ?? '';
  return Math.floor(ms / 1000) * 1_000_000 + Number(fraction.slice(0, 6).padEnd(6, '0'));
}

/** The instant so many microseconds after 1970; whole milliseconds as JavaScript writes them. */
export function timeOfMicroseconds(us: number): Time {
  const time = new Date(Math.floor(us / 1000)).toISOString();
  const rest = us % 1000;
  return rest === 0 ? time : `${time.slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}
