/**
 * The graph as one JSON document, `{"resources":[…],"edges":[…],"dangling":[…]}`: the form that other programs read, for `graph` and `export`.
 * Invariant: the same graph prints the same bytes, whatever the order in which it came to be. Resources stand by kind, namespace and name,
 * edges and broken references by where they leave; when an edge was first seen is left out.
 */
import type { Dangling, Edge } from '../../model/edge.ts';
import type { Resource } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { compareResources, comparing, type Order } from './page.ts';

export interface DocumentOptions {
  /** The resources of the document, all of the view by default. Edges and broken references are theirs. */
  readonly resources?: readonly Resource[];
  /** Also the n × m statements that are answered on demand. */
  readonly computed?: boolean;
  /** Whole resources with labels, summary and the reason of their health, not only who they are and how they do. */
  readonly whole?: boolean;
  /** Fields that stand before the lists. */
  readonly head?: object;
}

const PIECE = 262_144;

/** Pieces of the document's text, in order; join them or write them one by one. Read it in one go, the view moves on. */
export function* graphDocument(view: View, options: DocumentOptions = {}): Iterable<string> {
  const { computed = false, whole = false, head = {} } = options;
  const resources = (options.resources ?? [...view.resources()]).toSorted(compareResources);
  const ids = options.resources && new Set(resources.map(({ id }) => id));
  const edgesOf = ({ id }: Resource): Edge[] => {
    const edges = [...(computed ? view.out(id) : view.stored(id, 'out'))];
    return (ids ? edges.filter(({ to }) => ids.has(to)) : edges).sort(comparing(edgeOrder));
  };
  const fields = JSON.stringify(head).slice(1, -1);
  yield `{${fields}${fields === '' ? '' : ','}"resources":[`;
  yield* lines(resources, (resource) => [whole ? resource : nameOf(resource)]);
  yield '\n],\n"edges":[';
  yield* lines(resources, (resource) => edgesOf(resource).map(withoutTime));
  yield '\n],\n"dangling":[';
  yield* lines(resources, ({ id }) => [...view.dangling(id)].sort(comparing(danglingOrder)).map(withoutTime));
  yield '\n]}\n';
}

const edgeOrder: Order<Edge> = [({ type }) => type, ({ to }) => to];

const danglingOrder: Order<Dangling> = [
  ({ type }) => type,
  ({ target: { group, kind, namespace, name } }) => [group, kind, namespace, name].join('/'),
  ({ detail }) => detail.field,
];

function nameOf({ id, cluster, group, kind, namespace, name, uid, pseudo, health }: Resource): object {
  return { id, cluster, group, kind, namespace, name, uid, pseudo, health: health.status };
}

function withoutTime<T extends Edge | Dangling>({ detail: { since: _, ...detail }, ...rest }: T): object {
  return { ...rest, detail };
}

/** Lines of JSON separated by commas, a thousand or so in a piece. */
function* lines(items: readonly Resource[], linesOf: (item: Resource) => readonly object[]): Iterable<string> {
  let piece = '';
  let separator = '\n';
  for (const item of items) {
    for (const line of linesOf(item)) {
      piece += separator + JSON.stringify(line);
      separator = ',\n';
    }
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield piece;
}
