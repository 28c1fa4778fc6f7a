/**
 * Messages of compacted topics: a key and a value, where no value means that what the key names is gone. Over HTTP a key comes with the request, or each
 * record is `{"key": …, "value": …}`.
 */
import { isRecord } from '../change-from-json.ts';
import type { IntakeContext } from './format.ts';

export interface Keyed {
  /** Without the name of a tenant in front of it. */
  readonly key: string | undefined;
  readonly value: unknown;
}

export function keyedFrom(record: unknown, { key }: Pick<IntakeContext, 'key'>): Keyed {
  if (!isRecord(record) || !Object.hasOwn(record, 'value') || !Object.hasOwn(record, 'key'))
    return { key: withoutTenant(key), value: record };
  return { key: withoutTenant(typeof record['key'] === 'string' ? record['key'] : key), value: record['value'] };
}

/** `tenant::rest` → `rest`. */
function withoutTenant(key: string | undefined): string | undefined {
  return key?.replace(/^[^:|>]+::(?=.)/, '');
}

/** Whether a message says that what it is about is gone. */
export function isGone(value: unknown): boolean {
  return (
    value === null ||
    value === '' ||
    (isRecord(value) && /^delete$/i.test(String(value['op'] ?? value['action'] ?? '')))
  );
}
