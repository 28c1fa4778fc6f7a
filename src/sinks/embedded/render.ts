/**
 * Values of a Grafeo result → JSON that reads well: a node is `{labels, properties}`, an edge `{type, from, to, properties}` with the ids
 * of the resources it joins, a path `{nodes, edges}`, an instant or duration its ISO 8601 text.
 */
import type { Json } from '../../model/change.ts';

/** `idOf`: the `id` property of a node by the store's own number. */
export function jsonFrom(value: unknown, idOf: (node: number) => string): Json {
  switch (typeof value) {
    case 'bigint':
      return value.toString();
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'string':
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : objectFrom(value, idOf);
    default:
      return null;
  }
}

function objectFrom(value: object, idOf: (node: number) => string): Json {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((each) => jsonFrom(each, idOf));
  if (ArrayBuffer.isView(value)) return [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)];
  const { _id, _labels, _type, _source, _target, ...rest } = value as Record<string, unknown>;
  if (typeof _id === 'number' && Array.isArray(_labels)) {
    return { labels: kindFirst(_labels, rest['kind']), properties: mapFrom(rest, idOf) };
  }
  if (typeof _id === 'number' && typeof _source === 'number' && typeof _target === 'number') {
    return { type: String(_type), from: idOf(_source), to: idOf(_target), properties: mapFrom(rest, idOf) };
  }
  return mapFrom(value, idOf);
}

function mapFrom(value: object, idOf: (node: number) => string): Json {
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, jsonFrom(each, idOf)]));
}

/** The store lists labels in the order it met them; people want the kind first. */
function kindFirst(labels: readonly unknown[], kind: unknown): string[] {
  const names = labels.map(String);
  return names.sort((a, b) => Number(b === kind) - Number(a === kind) || (a < b ? -1 : 1));
}
