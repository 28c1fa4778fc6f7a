/** Names written as text `namespace/name` or `name`, as annotations have them. */
import type { EdgeType } from '../model/edges.ts';
import type { KindRef, Relation } from './kind.ts';
import { relation } from './relations.ts';

export interface QualifiedName {
  readonly namespace: string;
  readonly name: string;
}

/** The parts of `namespace/name`; a bare name belongs to `own`. Undefined for what is no such text. */
export function qualifiedName(text: unknown, own: string): QualifiedName | undefined {
  if (typeof text !== 'string') return undefined;
  const parts = text.trim().split('/');
  const [first = '', second] = parts;
  if (parts.length > 2 || first === '' || second === '') return undefined;
  return second === undefined ? { namespace: own, name: first } : { namespace: first, name: second };
}

/** The text at the path names an object of the kind, with or without its namespace. */
export function namesQualified(
  edge: EdgeType,
  path: string,
  target: KindRef,
  options: { readonly note?: string } = {},
): Relation {
  return relation(edge, path, target.kind, options, ({ value, namespace }) => {
    const found = qualifiedName(value, namespace);
    if (found === undefined) return undefined;
    return { target: { by: 'name', group: target.group, kind: target.kind, ...found } };
  });
}
