/**
 * The API's own schemas, as a real API server publishes them at /openapi/v3 and as CustomResourceDefinitions carry them, and whether a field
 * path leads anywhere in one.
 */
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

/** The part of a CustomResourceDefinition that says which fields its kind has. */
export interface Definition {
  readonly kind: string;
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly served: boolean; readonly schema?: { readonly openAPIV3Schema?: Schema } }[];
  };
}

/** An OpenAPI document, of version 3 or 2. */
export interface Document {
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
  readonly definitions?: Readonly<Record<string, Schema>>;
}

const schemasIn = ({ components, definitions }: Document): Readonly<Record<string, Schema>> =>
  components?.schemas ?? definitions ?? {};

interface Root {
  readonly schema: Schema;
  readonly document: Document;
}

/** present: the schema has it · open: it leads through a field of any content, where nothing can be proven · absent: it has not. */
export type Verdict = 'present' | 'open' | 'absent';

const OBJECT_META = { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' };

/** Schemas by `group/Kind`, one a served version. */
export class Schemas {
  readonly #roots = new Map<string, readonly Root[]>();

  static async of(login: Login): Promise<Schemas> {
    const schemas = new Schemas();
    const { paths } = await get<{ paths: Record<string, { serverRelativeURL: string }> }>(login, '/openapi/v3');
    for (const [path, { serverRelativeURL }] of Object.entries(paths)) {
      if (/^apis?\/.*v[0-9][a-z0-9]*$/.test(path)) schemas.#read(await get<Document>(login, serverRelativeURL));
    }
    return schemas;
  }

  /** Takes a definition's schemas as the API server would complete them: every object has apiVersion, kind and metadata. */
  define({ spec }: Definition): void {
    const [{ document = {} } = {}] = this.#roots.get('/Pod') ?? [];
    for (const { served, schema } of spec.versions) {
      const { properties, ...rest } = schema?.openAPIV3Schema ?? {};
      const whole = { ...properties, apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: OBJECT_META };
      if (served) this.#add(`${spec.group}/${spec.names.kind}`, { schema: { ...rest, properties: whole }, document });
    }
  }

  /** Takes the types of an OpenAPI document by their names: `com.github.openshift.api.apps.v1.X` is X of apps.openshift.io. */
  takeTypes(document: Document): void {
    for (const [name, schema] of Object.entries(schemasIn(document))) {
      const [, project, folder, kind] =
        /^com\.github\.([a-z]+)\.api\.([a-z]+)\.v[0-9a-z]+\.([A-Z]\w*)$/.exec(name) ?? [];
      if (kind !== undefined) this.#add(`${folder}.${project}.io/${kind}`, { schema, document });
    }
  }

  #add(key: string, root: Root): void {
    this.#roots.set(key, [...(this.#roots.get(key) ?? []), root]);
  }

  #read(document: Document): void {
    for (const schema of Object.values(schemasIn(document))) {
      const named = schema['x-kubernetes-group-version-kind'] ?? [];
      // What every group has (DeleteOptions, WatchEvent) names more than one.
      const [only] = named;
      if (only === undefined || named.length > 1) continue;
      this.#add(`${only.group}/${only.kind}`, { schema, document });
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
      const named = schemasIn(document)[$ref.slice($ref.lastIndexOf('/') + 1)];
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
  return type === undefined || type === 'object' || type === 'array';
}

/** The patterns that a relation's path stands for, one for each alternative in braces. */
export const alternatives = expandBraces;

/** A concrete field (`spec.volumes[2].name`) as the pattern of its place (`spec.volumes[*].name`). */
export function placeOf(field: string): string {
  return field.replace(/\[\d+\]/g, '[*]');
}
