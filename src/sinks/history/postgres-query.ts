/** Questions in the words of PostgreSQL's client, and its answers in ours. */
import type { QueryConfig } from 'pg';
import { restored, storable } from './characters.ts';
import type { Value } from './database.ts';

export type Values = readonly (Value | readonly Value[])[];

export type Query = QueryConfig & { readonly rowMode?: 'array' };

export function queryOf(text: string, values: Values): Query {
  const mapped = values.map((value) => (Array.isArray(value) ? value.map(bound) : bound(value as Value)));
  return { text, values: mapped, rowMode: 'array' };
}

export function bound(value: Value): Value {
  return typeof value === 'string' ? storable(value) : value;
}

/** Types by their object id (pg_type.dat), as SQLite gives them: integers and truth as numbers. */
export function parserOf(type: number): (text: string) => Value {
  return parsers.get(type) ?? restored;
}

const parsers: ReadonlyMap<number, (text: string) => Value> = new Map([
  [16, (text: string): Value => (text === 't' ? 1 : 0)],
  // timestamptz, in UTC and as ISO 8601 has it but for the T.
  [1184, (text: string): Value => text.replace(' ', 'T').replace(/\+00$/, 'Z')],
  [17, (text: string): Value => Buffer.from(text.slice(2), 'hex')],
  ...[20, 21, 23, 26, 700, 701, 1700].map((type) => [type, Number] as const),
]);
