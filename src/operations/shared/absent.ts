/**
 * What is referred to and does not exist, seen as if it stood there and did not work: so that whoever asks about it learns who needs it.
 * Invariant: the view differs from the one it is made of only in what is missing and in the edges that lead there.
 */
import type { Dangling, Edge } from '../../model/edge.ts';
import type { EdgeType } from '../../model/edges.ts';
import { compareText } from '../../model/order.ts';
import type { Resource, ResourceId } from '../../model/resource.ts';
import type { EdgeVisitor, ResourceName, View } from '../../model/view.ts';

/** The view with everything that is missing in it; nothing else is copied. `resources` and `edges` list what exists, as before. */
export function withAbsent(view: View): View {
  const absent = new Map<ResourceId, Resource>();
  const leaving = new Map<ResourceId, Edge[]>();
  const reaching = new Map<ResourceId, Edge[]>();
  const push = (map: Map<ResourceId, Edge[]>, id: ResourceId, edge: Edge): unknown =>
    map.get(id)?.push(edge) ?? map.set(id, [edge]);
  const seen = new Set<string>();
  for (const dangling of [...view.dangling()].sort(byField)) {
    const declarer = view.get(dangling.from);
    if (declarer === undefined || dangling.detail.reason !== 'missing') continue;
    const resource = standIn(declarer.cluster, dangling);
    const edge = edgeTo(resource.id, dangling);
    const key = `${edge.type} ${edge.from} ${edge.to}`;
    absent.set(resource.id, resource);
    if (!seen.has(key)) push(leaving, edge.from, edge);
    if (!seen.has(key)) push(reaching, edge.to, edge);
    seen.add(key);
  }
  const get = (id: ResourceId): Resource | undefined => view.get(id) ?? absent.get(id);
  const more = (id: ResourceId, direction: 'out' | 'in', type?: EdgeType): readonly Edge[] =>
    ((direction === 'out' ? leaving : reaching).get(id) ?? []).filter(
      (edge) => type === undefined || edge.type === type,
    );
  return {
    revision: view.revision,
    at: view.at,
    clusters: view.clusters,
    resourceCount: view.resourceCount,
    edgeCount: view.edgeCount,
    get,
    byName: (name) => view.byName(name) ?? absent.get(absentId(name)),
    resources: (filter) => view.resources(filter),
    kinds: () => [...view.kinds(), ...absent.values()],
    edges: () => view.edges(),
    out: (id, type) => [...view.out(id, type), ...more(id, 'out', type)],
    in: (id, type) => [...view.in(id, type), ...more(id, 'in', type)],
    stored: (id, direction) => [...view.stored(id, direction), ...more(id, direction)],
    scan(id, direction, visit, wants) {
      let ended = false;
      const visitUntilEnd: EdgeVisitor = (...found) => {
        ended = visit(...found) === false;
        return !ended;
      };
      view.scan(id, direction, visitUntilEnd, wants);
      for (const { type, from, to, detail } of ended ? [] : more(id, direction)) {
        const other = get(direction === 'out' ? to : from);
        if (other && wants?.(type) !== false && visit(type, other, () => detail.optional === true) === false) return;
      }
    },
    edge: (type, from, to) => view.edge(type, from, to) ?? more(from, 'out', type).find((edge) => edge.to === to),
    degree(id) {
      const known = view.degree(id);
      return { out: known.out + more(id, 'out').length, in: known.in + more(id, 'in').length };
    },
    dangling: (id) => view.dangling(id),
    coverage: () => view.coverage(),
    gaps: () => view.gaps(),
  };
}

/** Whether an object may lack what it refers to: bindings that Kubernetes ships name accounts and roles that a cluster need not have. */
export function isShipped({ labels }: Resource): boolean {
  return labels['kubernetes.io/bootstrapping'] === 'rbac-defaults';
}

/**
 * Whether a missing target is only unknown: of a kind without namespaces (a Node, a StorageClass) that a cluster of which only a part was recorded
 * holds nothing of. Who observes a whole cluster says of every kind how well; a hand-written recording says of none.
 */
export function beyondRecording(view: View): (cluster: string, target: Dangling['target']) => boolean {
  const observed = new Set(view.coverage().map(({ cluster }) => cluster));
  return (cluster, { group, kind, namespace }) =>
    namespace === '' &&
    !observed.has(cluster) &&
    view.resources({ cluster, group, kind })[Symbol.iterator]().next().done === true;
}

/** The id of what is missing, as that of any object without a uid. */
function absentId({ cluster, group, kind, namespace, name }: ResourceName): ResourceId {
  return `${cluster}/=${group}/${kind}/${namespace}/${name}`;
}

function standIn(cluster: string, { target: { group, kind, namespace, name } }: Dangling): Resource {
  return {
    id: absentId({ cluster, group, kind, namespace, name }),
    cluster,
    group,
    kind,
    namespace,
    name,
    uid: '',
    pseudo: false,
    labels: {},
    summary: {},
    health: { status: 'critical', reason: 'Missing', message: 'it is referred to and does not exist' },
  };
}

/** An owner is named by what it owns; every other edge leaves whoever declares it. */
function edgeTo(id: ResourceId, { type, from, detail: { reason: _, ...detail } }: Dangling): Edge {
  return type === 'OWNS' ? { type, from: id, to: from, detail } : { type, from, to: id, detail };
}

function byField(a: Dangling, b: Dangling): number {
  return compareText(a.type, b.type) || compareText(a.from, b.from) || compareText(a.detail.field, b.detail.field);
}
