/**
 * What a mirror holds, against a view, by fingerprints: what to write when they differ. Reads a row a resource, and the edges of those only
 * whose sum differs. Invariants: reads only; what is not known because nobody has listed it yet is not called gone.
 */
import { slices } from '../../lib/slices.ts';
import type { Edge } from '../../model/edge.ts';
import type { ResourceId } from '../../model/resource.ts';
import type { ScopeCoverage, View } from '../../model/view.ts';
import type { Connection } from './connection.ts';
import { Fingerprints } from './fingerprint.ts';
import { readEdges, readNames, readNodes } from './statements.ts';

/** Resources whose names are read at once. */
const NAMED = 1_000;

/** Ids of resources of the clusters that are compared. */
export interface Differences {
  /** In the store only, and in no scope that is still being listed. */
  readonly gone: readonly ResourceId[];
  /** In the view only. */
  readonly came: ReadonlySet<ResourceId>;
  /** In both, with other labels or properties. */
  readonly changed: readonly ResourceId[];
  /** In both, with other edges leaving them. */
  readonly retied: readonly ResourceId[];
}

export async function differences(
  connection: Connection,
  view: View,
  clusters: readonly string[],
  unlisted: readonly ScopeCoverage[],
): Promise<Differences> {
  const came = new Set<ResourceId>();
  for (const cluster of clusters) for (const { id } of view.resources({ cluster })) came.add(id);
  const fingerprints = new Fingerprints();
  const gone: ResourceId[] = [];
  const changed: ResourceId[] = [];
  const retied: ResourceId[] = [];
  for await (const row of connection.read({ text: readNodes, params: { clusters } })) {
    const [id, fingerprint, count, sum] = row as [string, number, number, number];
    const resource = view.get(id);
    came.delete(id);
    if (resource === undefined) {
      gone.push(id);
      continue;
    }
    if (fingerprints.node(resource) !== fingerprint) changed.push(id);
    const out = sumOf(view.stored(id, 'out'), fingerprints);
    if (out.count !== count || out.sum !== sum) retied.push(id);
  }
  return { gone: unlisted.length === 0 ? gone : await outside(connection, gone, unlisted), came, changed, retied };
}

/** Those of the resources that are in none of the scopes. */
async function outside(
  connection: Connection,
  ids: readonly ResourceId[],
  scopes: readonly ScopeCoverage[],
): Promise<readonly ResourceId[]> {
  const found: ResourceId[] = [];
  for (const slice of slices(ids, NAMED)) {
    for await (const [id, ...name] of connection.read({ text: readNames, params: { ids: slice } })) {
      const [cluster, group, kind, namespace] = name;
      const isIn = (scope: ScopeCoverage): boolean =>
        scope.cluster === cluster &&
        (scope.group === '*' || scope.group === group) &&
        (scope.kind === '*' || scope.kind === kind) &&
        (scope.namespace === '' || scope.namespace === namespace);
      if (!scopes.some(isIn)) found.push(String(id));
    }
  }
  return found;
}

function sumOf(edges: Iterable<Edge>, fingerprints: Fingerprints): { readonly count: number; readonly sum: number } {
  let [count, sum] = [0, 0];
  for (const edge of edges) {
    count++;
    sum += fingerprints.edge(edge);
  }
  return { count, sum };
}

export interface EdgeDifferences {
  readonly ended: readonly Pick<Edge, 'type' | 'from' | 'to'>[];
  /** Came, or are stated otherwise. */
  readonly put: readonly Edge[];
}

/** Of the edges that leave these resources. */
export async function edgeDifferences(
  connection: Connection,
  view: View,
  ids: readonly ResourceId[],
): Promise<EdgeDifferences> {
  const stored = new Map<string, { readonly edge: Pick<Edge, 'type' | 'from' | 'to'>; fingerprint?: number }>();
  const ended: Pick<Edge, 'type' | 'from' | 'to'>[] = [];
  for await (const row of connection.read({ text: readEdges, params: { ids } })) {
    const [from, type, to, fingerprint] = row as [string, string, string, number];
    const key = `${type}|${from}|${to}`;
    // One of a type joins the same two, so a second goes, and the first with it.
    if (stored.has(key)) stored.set(key, { edge: { type, from, to } });
    else stored.set(key, { edge: { type, from, to }, fingerprint });
  }
  const fingerprints = new Fingerprints();
  const put: Edge[] = [];
  for (const id of ids) {
    for (const edge of view.stored(id, 'out')) {
      const key = `${edge.type}|${edge.from}|${edge.to}`;
      const known = stored.get(key);
      if (known?.fingerprint === undefined || known.fingerprint !== fingerprints.edge(edge)) put.push(edge);
      if (known?.fingerprint !== undefined) stored.delete(key);
    }
  }
  for (const { edge } of stored.values()) ended.push(edge);
  return { ended, put };
}
