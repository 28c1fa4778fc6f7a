/**
 * The graph as one JSON document, the form other programs check: docs/reference/graph-document.md.
 * Invariant: the same graph prints the same bytes, whatever the order in which it came to be; no ages, no revisions.
 */
import type { Dangling, Edge } from '../model/edge.ts';
import type { Resource } from '../model/resource.ts';
import type { View } from '../model/view.ts';

/** Pieces of the document's text, in order; join them or write them one by one. */
export function* graphDocument(view: View): Iterable<string> {
  yield '{"resources":[';
  yield* rows([...view.resources()].sort(byText((resource) => resource.id)), resourceRow);
  yield '],\n "edges":[';
  yield* rows([...view.edges()].sort(byText(({ type, from, to }) => `${from} ${type} ${to}`)), edgeRow);
  yield '],\n "dangling":[';
  yield* rows([...view.dangling()].sort(byText(danglingKey)), danglingRow);
  yield ']}\n';
}

function* rows<T>(items: readonly T[], row: (item: T) => object): Iterable<string> {
  let first = true;
  for (const item of items) {
    yield `${first ? '\n  ' : ',\n  '}${JSON.stringify(row(item))}`;
    first = false;
  }
}

function byText<T>(textOf: (item: T) => string): (a: T, b: T) => number {
  const texts = new Map<T, string>();
  const of = (item: T): string => {
    const known = texts.get(item);
    if (known !== undefined) return known;
    const text = textOf(item);
    texts.set(item, text);
    return text;
  };
  return (a, b) => {
    const x = of(a);
    const y = of(b);
    return x < y ? -1 : x > y ? 1 : 0;
  };
}

function danglingKey({ from, type, target, detail }: Dangling): string {
  return `${from} ${type} ${target.group}/${target.kind}/${target.namespace}/${target.name} ${detail.field}`;
}

function resourceRow({ id, cluster, group, kind, namespace, name, uid, pseudo, health }: Resource): object {
  return { id, cluster, group, kind, namespace, name, uid, pseudo, health: health.status };
}

function edgeRow({ type, from, to, detail: { since: _, ...detail } }: Edge): object {
  return { type, from, to, detail };
}

function danglingRow({ type, from, target, detail }: Dangling): object {
  return { type, from, target, detail };
}
