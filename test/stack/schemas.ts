/** The API's own schemas, as a real API server publishes them at /openapi/v3, and whether a field path leads anywhere in one. */
import { expandBraces, parsePattern } from '../../src/kinds/path.ts';
import type { Login } from './client.ts';
import { get } from './client.ts';

/** The part of an OpenAPI v3 schema that decides which fields there are. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}

interface Document {
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

/** present: the schema has it · open: it leads through a field of any content, where nothing can be proven · absent: it has not. */
export type Verdict = 'present' | 'open' | 'absent';

/** Schemas by `group/Kind`, one a served version. */
export class Schemas {
  readonly #roots = new Map<string, { readonly schema: Schema; readonly document: Document }[]>();

  static async of(login: Login): Promise<Schemas> {
    const schemas = new Schemas();
    const { paths } = await get<{ paths: Record<string, { serverRelativeURL: string }> }>(login, '/openapi/v3');
    for (const [path, { serverRelativeURL }] of Object.entries(paths)) {
      if (/^apis?\/.*v[0-9][a-z0-9]*$/.test(path)) schemas.#read(await get<Document>(login, serverRelativeURL));
    }
    return schemas;
  }

  #read(document: Document): void {
    for (const schema of Object.values(document.components?.schemas ?? {})) {
      const named = schema['x-kubernetes-group-version-kind'] ?? [];
      // What every group has (DeleteOptions, WatchEvent) names more than one.
      const [only] = named;
      if (only === undefined || named.length > 1) continue;
      const key = `${only.group}/${only.kind}`;
      this.#roots.set(key, [...(this.#roots.get(key) ?? []), { schema, document }]);
    }
  }

  has(key: string): boolean {
    return this.#roots.has(key);
  }

  /** Whether a path pattern (without braces) leads to a field of a kind, in any version that is served. */
  verdict(key: string, pattern: string): Verdict {
    const verdicts = (this.#roots.get(key) ?? []).map(({ schema, document }) => verdictIn(schema, pattern, document));
    return verdicts.includes('present') ? 'present' : verdicts.includes('open') ? 'open' : 'absent';
  }
}

function verdictIn(root: Schema, pattern: string, document: Document): Verdict {
  let here = flat([root], document);
  let open = false;
  for (const step of parsePattern(pattern)) {
    open ||= step.type !== 'deep' && here.some(isOpen);
    if (step.type === 'deep') here = descendants(here, document);
    else if (step.type === 'each') here = flat(here.flatMap(elements), document);
    else
      here = flat(
        here.flatMap((schema) => field(schema, step.key)),
        document,
      );
  }
  return here.length > 0 ? 'present' : open ? 'open' : 'absent';
}

/** The schemas themselves behind references and alternatives. */
function flat(schemas: readonly Schema[], document: Document): Schema[] {
  return schemas.flatMap((schema): Schema[] => {
    const { $ref, allOf = [], anyOf = [], oneOf = [] } = schema;
    const inner = [...allOf, ...anyOf, ...oneOf];
    if ($ref !== undefined) {
      const named = document.components?.schemas?.[$ref.slice($ref.lastIndexOf('/') + 1)];
      if (named !== undefined) inner.push(named);
    }
    return [...($ref === undefined ? [schema] : []), ...flat(inner, document)];
  });
}

function field({ properties, additionalProperties }: Schema, key: string): Schema[] {
  const found = properties && Object.hasOwn(properties, key) ? properties[key] : undefined;
  if (found) return [found];
  return typeof additionalProperties === 'object' ? [additionalProperties] : [];
}

/** Elements of a list, values of a map, fields of an object. */
function elements({ items, properties = {}, additionalProperties }: Schema): Schema[] {
  const values = typeof additionalProperties === 'object' ? [additionalProperties] : [];
  return [...(items ? [items] : []), ...values, ...Object.values(properties)];
}

/** Everything at and below; schemas that contain themselves are visited once. */
function descendants(from: readonly Schema[], document: Document): Schema[] {
  const seen = new Set<Schema>();
  const waiting = [...from];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    waiting.push(...flat(elements(next), document));
  }
  return [...seen];
}

/** Any content is allowed here. */
function isOpen(schema: Schema): boolean {
  const { type, properties, additionalProperties, items } = schema;
  if (schema['x-kubernetes-preserve-unknown-fields'] || schema['x-kubernetes-embedded-resource']) return true;
  if (additionalProperties === true) return true;
  if (properties !== undefined || additionalProperties !== undefined || items !== undefined) return false;
  return type === undefined || type === 'object';
}

/** The patterns that a relation's path stands for, one for each alternative in braces. */
export const alternatives = expandBraces;

/** A concrete field (`spec.volumes[2].name`) as the pattern of its place (`spec.volumes[*].name`). */
export function placeOf(field: string): string {
  return field.replace(/\[\d+\]/g, '[*]');
}
