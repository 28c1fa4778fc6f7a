/**
 * The graph as it was: the objects of that instant, linked by the same code as the live one. Only the age of an edge is not in its objects;
 * history tells it.
 */
import { Graph } from '../graph/graph.ts';
import { type Change, type KubeObject, type Occurrence, objectRef } from '../model/change.ts';
import type { Describer } from '../model/describe.ts';
import { edgeKey } from '../model/diff.ts';
import type { Edge } from '../model/edge.ts';
import type { EdgeType } from '../model/edges.ts';
import type { Time } from '../model/time.ts';
import type { View } from '../model/view.ts';
import type { Entry } from '../sinks/history/entries.ts';
import { objectOf } from '../sinks/history/noise.ts';
import type { HistoryReader, Standing } from '../sinks/history/reader.ts';
import { namesOf } from '../sinks/history/remember.ts';

export interface RebuildOptions {
  readonly describer: Describer;
  readonly windowMax?: number;
  /** Only what is of these clusters. */
  readonly clusters?: readonly string[];
}

/** A graph of its own with what was known at a moment. `told` hears of every resource and edge of the history. */
export async function rebuild(
  reader: HistoryReader,
  moment: number,
  options: RebuildOptions,
  told?: Comparison,
): Promise<Graph> {
  const graph = new Graph(options);
  const wanted = ({ cluster }: { readonly cluster: string }): boolean => options.clusters?.includes(cluster) ?? true;
  const ids = new Map<number, string>();
  for await (const batch of reader.standingAt(moment)) {
    const standing = batch.filter(({ of }) => wanted(of));
    for (const { no, of } of standing) ids.set(no, of.id);
    graph.apply(standing.flatMap(changesOf));
  }
  const observations = (await reader.observationsUntil(moment)).map((text) => JSON.parse(text) as Change);
  graph.apply(observations.filter(wanted));
  for (const id of ids.values()) told?.resource(id);
  for await (const edges of reader.edgesAt(moment, [...ids.keys()])) {
    for (const edge of edges) {
      const [type, from, to] = [edge.type as EdgeType, ids.get(edge.source), ids.get(edge.target)];
      if (from === undefined || to === undefined) continue;
      graph.date(type, from, to, edge.since);
      told?.edge({ type, from, to });
    }
  }
  return graph;
}

/** Brings a graph of one moment to a later one. Where it cannot, it says so with false, and the graph is of no use any more. */
export async function advance(graph: Graph, reader: HistoryReader, from: number, to: number): Promise<boolean> {
  const { ended, standing, observations, edges } = await reader.between(from, to);
  const deletes = ended.flatMap(({ of, at }): readonly Change[] =>
    of.pseudo && of.kind !== 'Incident' ? [] : [{ type: 'delete', at, cluster: of.cluster, object: objectRef(of) }],
  );
  const observed = observations.map((text) => JSON.parse(text) as Change);
  graph.apply([...deletes, ...standing.flatMap(changesOf), ...observed]);
  for (const edge of edges) graph.date(edge.type as EdgeType, edge.from, edge.to, edge.since);
  // An occurrence that had to make room for others goes only when they come again, and some of them may be gone.
  const present = new Set(standing.map(({ of }) => of.id));
  return ended.every(({ of }) => present.has(of.id) || graph.view.get(of.id) === undefined);
}

/** The change by which a resource came to be what it was; what is only named follows from others. */
function changesOf({
  of: { cluster, pseudo, kind, uid },
  at,
  text,
}: Pick<Standing, 'of' | 'at' | 'text'>): readonly Change[] {
  if (at === undefined || text === undefined) return [];
  if (pseudo && kind === 'Occurrence')
    return [{ type: 'occur', cluster, ...(JSON.parse(text) as { at: Time; occurrence: Occurrence }) }];
  return [{ type: 'apply', at, cluster, object: withUid(objectOf(text), uid) }];
}

/** What was observed without its uid (a manifest) is the object whose uid was known. */
function withUid(object: KubeObject, uid: string): KubeObject {
  return uid === '' || object.metadata.uid === uid ? object : { ...object, metadata: { ...object.metadata, uid } };
}

type Triple = Pick<Edge, 'type' | 'from' | 'to'>;

/**
 * What a history and the graph made of it disagree in, as what would make them agree: they do where kinds or relations are not what they were
 * when it was written.
 */
export class Comparison {
  readonly #resources = new Set<string>();
  readonly #edges = new Map<string, Triple>();

  resource(id: string): void {
    this.#resources.add(id);
  }

  edge(edge: Triple): void {
    this.#edges.set(edgeKey(edge), edge);
  }

  *amends(view: View): Iterable<Entry> {
    for (const id of this.#resources) if (view.get(id) === undefined) yield { type: 'end', id };
    for (const resource of view.resources())
      if (!this.#resources.has(resource.id)) yield { type: 'begin', of: namesOf(resource) };
    const present = new Set<string>();
    for (const { id } of view.resources()) {
      for (const { type, from, to } of view.stored(id, 'out')) {
        const key = edgeKey({ type, from, to });
        present.add(key);
        if (!this.#edges.has(key)) yield { type: 'link', edge: type, from, to };
      }
    }
    for (const [key, { type, from, to }] of this.#edges)
      if (!present.has(key)) yield { type: 'unlink', edge: type, from, to };
  }
}
