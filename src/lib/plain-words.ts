/** What is wrong with a value, in words that say what to do: the error map of every schema that checks what people write. */
import type { z } from 'zod';
import { nearest } from './nearest.ts';

/** A fault that a schema found, before it has a text. */
export type RawFault = z.core.$ZodRawIssue;

/** Completes "limit …". Undefined where the schema's own words are as good. Values are shown only where a secret cannot be among them. */
export function plainWords(fault: RawFault): string | undefined {
  switch (fault.code) {
    case 'invalid_type':
      return wrongType(fault);
    case 'invalid_value':
      return notAmong(fault);
    case 'too_small':
      return bound(fault, 'at least', fault.minimum);
    case 'too_big':
      return bound(fault, 'at most', fault.maximum);
    case 'unrecognized_keys':
      return `has nothing called ${fault.keys.join(', ')}`;
    case 'invalid_format':
      return `must be ${formats[fault.format] ?? `a ${fault.format}`}`;
    default:
      return undefined;
  }
}

const formats: Readonly<Record<string, string>> = {
  url: 'an address like http://host:8080',
  regex: 'written otherwise',
  datetime: 'a time like 2026-11-20T10:05:00Z',
};

const types: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'a mapping of names to values',
  record: 'a mapping of names to values',
};

function wrongType({ expected, input }: RawFault & { readonly code: 'invalid_type' }): string {
  if (input === undefined) return 'is required';
  const wanted = types[expected] ?? expected;
  const given =
    typeof input === 'string' && (expected === 'number' || expected === 'int') ? `, "${input}" is none` : '';
  return `must be ${wanted}${given}`;
}

function notAmong({ values, input }: RawFault & { readonly code: 'invalid_value' }): string {
  const known = values.map(String);
  if (input === undefined) return `is required: ${listed(known)}`;
  const [near] = typeof input === 'string' ? nearest(input, known) : [];
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  const given = typeof input === 'string' ? `"${input}" is not known; ` : '';
  return `${given}give ${listed(known)}${hint}`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function bound({ origin, input }: RawFault, words: string, limit: unknown): string {
  const what = { string: 'characters', array: 'entries', set: 'entries' }[String(origin)];
  const given = typeof input === 'string' || Array.isArray(input) ? input.length : undefined;
  if (given === 0 && words === 'at least' && limit === 1) return 'must not be empty';
  if (what === undefined) return `must be ${words} ${limit}`;
  return `must have ${words} ${limit} ${limit === 1 ? what.replace(/ies$/, 'y').replace(/s$/, '') : what}${given === undefined ? '' : `; it has ${given}`}`;
}

/** Where a fault is, as people write it: `health`, `relations[2].from`. The place in a plain list is not said: the fault names the value. */
export function placeOf(path: readonly PropertyKey[]): string {
  const named = typeof path.at(-1) === 'number' ? path.slice(0, -1) : path;
  return named.reduce<string>(
    (text, step) =>
      typeof step === 'number' ? `${text}[${step}]` : text === '' ? String(step) : `${text}.${String(step)}`,
    '',
  );
}
