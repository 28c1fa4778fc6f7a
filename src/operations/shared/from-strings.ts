/** Inputs from text: what query strings and command lines have instead of numbers, booleans and lists. */
import { z } from 'zod';
import type { Operation } from '../operation.ts';

interface PropertySchema {
  readonly type?: string | readonly string[];
  readonly 'x-separator'?: string;
}

const schemas = new WeakMap<z.ZodObject, Readonly<Record<string, PropertySchema>>>();

/**
 * The input that the texts mean, by the operation's schema. What does not parse is left as it is, for the schema to refuse.
 * Lists may be given several times, and, where no value can hold a comma, separated by commas.
 */
export function inputFromStrings(
  { input }: Pick<Operation, 'input'>,
  texts: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, unknown> {
  const properties = propertiesOf(input);
  const result: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(texts)) {
    if (text !== undefined) result[name] = valueFrom(properties[name] ?? {}, text);
  }
  return result;
}

function propertiesOf(input: z.ZodObject): Readonly<Record<string, PropertySchema>> {
  let properties = schemas.get(input);
  if (properties === undefined) {
    const schema = z.toJSONSchema(input, { io: 'input' });
    properties = (schema.properties ?? {}) as Record<string, PropertySchema>;
    schemas.set(input, properties);
  }
  return properties;
}

function valueFrom(schema: PropertySchema, text: string | readonly string[]): unknown {
  if (schema.type === 'array') {
    const values = typeof text === 'string' ? [text] : text;
    const separator = schema['x-separator'];
    return separator === undefined
      ? values
      : values.flatMap((value) => value.split(separator)).filter((value) => value !== '');
  }
  if (typeof text !== 'string') return text;
  switch (schema.type) {
    case 'integer':
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
    case 'boolean':
      return text === 'true' || text === '1' || text === '' ? true : text === 'false' || text === '0' ? false : text;
    case 'object':
      return jsonFrom(text);
    default:
      return text;
  }
}

function jsonFrom(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
