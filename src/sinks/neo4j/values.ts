/**
 * Properties of a row → values of the driver. Invariant: a whole number is an integer and an instant a zoned datetime there, as in the
 * embedded store; a JavaScript number alone would become a float.
 */
import { DateTime, int } from 'neo4j-driver';
import { type Time, timeFrom } from '../../model/time.ts';
import type { Properties, Property } from '../cypher/rows.ts';
import { tokenName } from './names.ts';

/** What the driver takes as a map. */
export type Values = Record<string, unknown>;

export function valuesFrom(properties: Properties): Values {
  const values: Values = {};
  for (const key in properties) {
    const property = properties[key];
    if (property !== undefined) values[tokenName(key)] = valueFrom(property);
  }
  return values;
}

function valueFrom(property: Property): unknown {
  if (typeof property === 'number') return Number.isSafeInteger(property) ? int(property) : property;
  return typeof property === 'object' ? instantFrom(property.$zoned_datetime) : property;
}

/** The instant in UTC, to the nanosecond. What is no instant stays text. */
export function instantFrom(time: Time): unknown {
  const utc = timeFrom(time);
  const [, year, month, day, hour, minute, second, fraction = ''] =
    /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)(?:\.(\d+))?Z$/.exec(utc ?? '') ?? [];
  if (year === undefined) return time;
  const [y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0] = [year, month, day, hour, minute, second].map(Number);
  return new DateTime(y, mo, d, h, mi, s, Number(fraction.padEnd(9, '0')), 0);
}
