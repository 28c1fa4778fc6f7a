/**
 * User-defined relations: a YAML file → relations of kinds, the same data as the built-in table. Format and example: docs/reference/user-relations.md.
 * Invariant: a file is taken whole or not at all; every fault is listed with its line.
 */
import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import type { UserRelations } from '../kinds/compiled-kinds.ts';
import type { KindRef, Relation } from '../kinds/kind.ts';
import { expandBraces, parsePattern } from '../kinds/path.ts';
import { names, ownNamespace, selects } from '../kinds/relations.ts';
import { placeOf, plainWords } from '../lib/plain-words.ts';
import { edgeInfo } from '../model/edges.ts';
import { canonicalKind, kindKey } from '../model/groups.ts';
import { Problem } from '../model/problem.ts';
import { selectorFrom } from '../model/selector.ts';

const pattern = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    try {
      for (const one of expandBraces(text)) parsePattern(one);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    }
  });

/** A second name of a kind means the kind. */
const kindName = z
  .strictObject({ group: z.string().default(''), kind: z.string().min(1) })
  .transform(({ group, kind }) => canonicalKind(group, kind));

const entry = z
  .strictObject({
    from: kindName.describe('the kind that declares the relation'),
    to: kindName.describe('the kind it points at'),
    edge: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]{0,62}$/, 'an edge name is UPPER_SNAKE, for example USES_DATABASE')
      .refine(
        (name) => !edgeInfo(name).computed,
        'edges of this name are answered when read, never stored; choose another',
      ),
    path: pattern.optional().describe('field that holds a name, or an object with `name`'),
    selector: pattern.optional().describe('field that holds a label selector'),
    scope: z
      .union([z.enum(['same', 'cluster', 'all']), z.strictObject({ field: z.string().min(1) })])
      .default('same')
      .describe(
        'where targets live: the own namespace, no namespace, every namespace (selectors), or the namespace in a field beside the name',
      ),
    name: z.string().min(1).default('name').describe('field of the object at `path` that holds the name'),
    optional: z.boolean().default(false).describe('a missing target is not broken'),
    reverse: z.boolean().default(false).describe('the edge runs from the target to the declaring object'),
    confidence: z.enum(['exact', 'naming', 'heuristic']).default('exact'),
    empty: z.enum(['none', 'all']).default('none').describe('what an empty selector selects'),
  })
  .superRefine(({ path, selector, scope }, context) => {
    if ((path === undefined) === (selector === undefined))
      context.addIssue({ code: 'custom', message: 'give either path or selector' });
    if (scope === 'all' && selector === undefined)
      context.addIssue({ code: 'custom', path: ['scope'], message: 'scope "all" is for selectors' });
    if (typeof scope === 'object' && selector !== undefined)
      context.addIssue({ code: 'custom', path: ['scope'], message: 'a namespace field is for paths' });
  });

const schema = z.strictObject({ relations: z.array(entry) });

/** Reads and validates a file. Throws Problem `invalid-config` whose details read `file:line: what is wrong`. */
export function readRelations(path: string): UserRelations {
  return relationsFrom(readText(path), path);
}

/** The file's text. Throws Problem `invalid-config`. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Problem('invalid-config', `The relations file ${path} cannot be read.`, {
      cause,
      details: [String(cause)],
    });
  }
}

export function relationsFrom(text: string, path: string): UserRelations {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const details = document.errors.map(
    ({ message, linePos }) => `${path}:${linePos?.[0].line ?? 1}: ${message.split('\n')[0]}`,
  );
  const result = details.length > 0 ? undefined : schema.safeParse(document.toJS(), { error: plainWords });
  for (const { path: where, message } of result?.error?.issues ?? []) {
    details.push(`${path}:${lineOf(document, where, lines)}: ${placeOf(where) || 'file'}: ${message}`);
  }
  if (!result?.success)
    throw new Problem('invalid-config', `The relations file ${path} has ${details.length} fault(s).`, { details });
  const byKind = new Map<string, Relation[]>();
  for (const one of result.data.relations) {
    const key = kindKey(one.from);
    byKind.set(key, [...(byKind.get(key) ?? []), relationFrom(one)]);
  }
  return byKind;
}

/** Line of the deepest node on the way that exists. */
function lineOf(document: ReturnType<typeof parseDocument>, where: readonly PropertyKey[], lines: LineCounter): number {
  for (let length = where.length; length > 0; length--) {
    const node = document.getIn(where.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

function relationFrom({
  to,
  edge,
  path,
  selector,
  scope,
  name,
  optional,
  reverse,
  confidence,
  empty,
}: z.infer<typeof entry>): Relation {
  const target: KindRef = { ...to, namespaced: scope !== 'cluster' };
  const note = 'defined by the user';
  if (selector !== undefined) {
    return selects(edge, selector, target, {
      empty,
      reverse,
      note,
      namespaces: (found) =>
        scope === 'all' ? { type: 'all' } : selectorFrom(found.value) && ownNamespace(found, target),
    });
  }
  const namespace = typeof scope === 'object' ? scope.field : undefined;
  return names(edge, path ?? '', target, {
    name,
    reverse,
    confidence,
    note,
    ...(optional && { optional }),
    ...(namespace !== undefined && { namespace }),
  });
}
