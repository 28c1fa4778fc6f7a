/**
 * A View over given resources and edges: a fixed graph for tests. Never changes after it is made.
 * Edges whose ends are not among the resources are left out, as in any View.
 */
import type { Dangling, Edge } from '../../src/model/edge.ts';
import { type EdgeType, edgeInfo } from '../../src/model/edges.ts';
import { kindKey } from '../../src/model/groups.ts';
import type { Resource, ResourceId } from '../../src/model/resource.ts';
import type { Time } from '../../src/model/time.ts';
import type { Gap, ResourceFilter, ResourceName, ScopeCoverage, View } from '../../src/model/view.ts';

export interface ViewContent {
  readonly resources: readonly Resource[];
  readonly edges?: readonly Edge[];
  readonly dangling?: readonly Dangling[];
  readonly coverage?: readonly ScopeCoverage[];
  readonly gaps?: readonly Gap[];
  readonly revision?: number;
  readonly at?: Time;
}

const none: readonly Edge[] = [];

/** The view of exactly this content. Of two resources with one id the later counts. */
export function viewFromArrays(content: ViewContent): View {
  const byId = new Map(content.resources.map((resource) => [resource.id, resource]));
  const byName = new Map(content.resources.map((resource) => [nameKey(resource), resource]));
  const edges = (content.edges ?? []).filter(({ from, to }) => byId.has(from) && byId.has(to));
  const out = Map.groupBy(edges, ({ from }) => from);
  const reaching = Map.groupBy(edges, ({ to }) => to);
  const dangling = content.dangling ?? [];
  return {
    revision: content.revision ?? 1,
    at: content.at,
    clusters: [...new Set(content.resources.map(({ cluster }) => cluster))],
    resourceCount: byId.size,
    edgeCount: edges.filter(isStored).length,
    get: (id) => byId.get(id),
    byName: (name) => byName.get(nameKey(name)),
    resources: (filter) => (filter ? content.resources.filter((resource) => fits(resource, filter)) : byId.values()),
    kinds: () => new Map(content.resources.map((resource) => [kindKey(resource), resource])).values(),
    edges: () => edges,
    out: (id, type) => ofType(out.get(id) ?? none, type),
    in: (id, type) => ofType(reaching.get(id) ?? none, type),
    stored: (id, direction) => ((direction === 'out' ? out : reaching).get(id) ?? none).filter(isStored),
    scan: (id, direction, visit, wants) => {
      for (const edge of (direction === 'out' ? out : reaching).get(id) ?? none) {
        const other = byId.get(direction === 'out' ? edge.to : edge.from);
        if (!other || !isStored(edge) || wants?.(edge.type) === false) continue;
        if (visit(edge.type, other, () => edge.detail.optional ?? false) === false) return;
      }
    },
    edge: (type, from, to) => out.get(from)?.find((edge) => edge.type === type && edge.to === to && isStored(edge)),
    degree: (id) => ({
      out: (out.get(id) ?? none).filter(isStored).length,
      in: (reaching.get(id) ?? none).filter(isStored).length,
    }),
    dangling: (id?: ResourceId) => (id === undefined ? dangling : dangling.filter(({ from }) => from === id)),
    coverage: () => content.coverage ?? [],
    gaps: () => content.gaps ?? [],
  };
}

function nameKey({ cluster, group, kind, namespace, name }: ResourceName): string {
  return JSON.stringify([cluster, group, kind, namespace, name]);
}

function fits(resource: Resource, { cluster, group, kind, namespace }: ResourceFilter): boolean {
  return (
    (cluster === undefined || resource.cluster === cluster) &&
    (group === undefined || resource.group === group) &&
    (kind === undefined || resource.kind === kind) &&
    (namespace === undefined || resource.namespace === namespace)
  );
}

function isStored({ type }: Edge): boolean {
  return edgeInfo(type).computed !== true;
}

function ofType(edges: readonly Edge[], type: EdgeType | undefined): readonly Edge[] {
  return type === undefined ? edges : edges.filter((edge) => edge.type === type);
}
