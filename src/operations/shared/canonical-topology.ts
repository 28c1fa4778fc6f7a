/**
 * The canonical topology, schema version 1.0 (Kubilitics V1), for the programs that read it: of a cluster, or around one resource.
 * Invariants of that contract: node ids are unique, every edge joins two nodes of the answer, one edge per source, target and type, and
 * the same nodes and edges give the same `layoutSeed`.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Edge } from '../../model/edge.ts';
import { isEvent, kindKey } from '../../model/groups.ts';
import { compareText } from '../../model/order.ts';
import { type Resource, type ResourceId, resourceTitle } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import type { Context } from '../operation.ts';
import { canonicalEdge, derivations, relationshipTypes } from './canonical-edges.ts';
import { compareResources } from './page.ts';
import { healthStatus } from './schemas.ts';

const nodeSchema = z
  .object({
    id: z
      .string()
      .describe(
        '`Kind/namespace/name`, cluster-scoped `Kind/name`; with the group (`Kind.group/…`) where two groups share a kind',
      ),
    kind: z.string(),
    namespace: z.string(),
    name: z.string(),
    apiVersion: z.string().optional().describe('absent where it is not known'),
    status: z.string(),
    metadata: z.object({
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()).describe('always empty: annotations are not kept'),
      createdAt: z.string(),
      uid: z.string(),
    }),
    computed: z.object({
      health: healthStatus,
      restartCount: z.int().optional(),
      replicas: z.object({ desired: z.int(), ready: z.int(), available: z.int() }).optional(),
    }),
  })
  .meta({ id: 'CanonicalNode' });

const edgeSchema = z
  .object({
    id: z.string(),
    source: z.string(),
    target: z.string(),
    relationshipType: z.enum(relationshipTypes),
    label: z.string(),
    metadata: z.object({ derivation: z.enum(derivations), confidence: z.number(), sourceField: z.string() }),
  })
  .meta({ id: 'CanonicalEdge' });

export const canonicalTopologySchema = z
  .object({
    schemaVersion: z.literal('1.0'),
    nodes: z.array(nodeSchema),
    edges: z.array(edgeSchema),
    metadata: z.object({
      clusterId: z.string(),
      generatedAt: z.string(),
      layoutSeed: z.string(),
      isComplete: z.boolean(),
      warnings: z.array(
        z.object({ code: z.string(), message: z.string(), affectedNodes: z.array(z.string()).optional() }),
      ),
      node_count: z.int(),
      edge_count: z.int(),
    }),
  })
  .meta({ id: 'CanonicalTopology', description: 'Topology in the canonical shape, schema version 1.0.' });

type CanonicalTopology = z.input<typeof canonicalTopologySchema>;
type CanonicalNode = z.input<typeof nodeSchema>;
type CanonicalEdge = z.input<typeof edgeSchema>;
type Warning = CanonicalTopology['metadata']['warnings'][number];

export interface Content {
  readonly cluster: string;
  readonly resources: Iterable<Resource>;
  readonly edges: Iterable<Edge>;
  readonly truncated: boolean;
  /** Edge ids of subgraphs name the label, those of clusters the kind of statement. */
  readonly style: 'cluster' | 'resource';
}

/** The canonical shape of resources and the edges among them. Pseudo resources and Events are no part of the contract. */
export function canonicalTopologyOf(context: Context, content: Content): CanonicalTopology {
  const resources = [...content.resources].filter(isShown).sort(compareResources);
  const ids = nodeIds(resources);
  const nodes = resources.map((resource) => nodeOf(context, resource, ids.get(resource.id) ?? ''));
  const edges = edgesOf(context.view, content, ids);
  const warnings = warningsOf(context.view, content, nodes.length);
  return {
    schemaVersion: '1.0',
    nodes,
    edges,
    metadata: {
      clusterId: content.cluster,
      generatedAt: context.view.at ?? '',
      layoutSeed: layoutSeed(nodes, edges),
      isComplete: warnings.length === 0,
      warnings,
      node_count: nodes.length,
      edge_count: edges.length,
    },
  };
}

export function isShown(resource: Resource): boolean {
  return !resource.pseudo && !isEvent(resource);
}

/** `Kind/namespace/name`; the second and further resources of one such name carry their group. */
function nodeIds(resources: readonly Resource[]): ReadonlyMap<ResourceId, string> {
  const ids = new Map<ResourceId, string>();
  const taken = new Set<string>();
  for (const resource of resources) {
    const title = resourceTitle(resource);
    const id = taken.has(title) ? title.replace(resource.kind, `${resource.kind}.${resource.group}`) : title;
    taken.add(id);
    ids.set(resource.id, id);
  }
  return ids;
}

function nodeOf(context: Context, resource: Resource, id: string): CanonicalNode {
  const { kind, namespace, name, labels, createdAt = '', uid, health, summary } = resource;
  const restarts = summary['restarts'];
  const replicas = replicasOf(resource);
  const apiVersion = apiVersionOf(context, resource);
  return {
    id,
    kind,
    namespace,
    name,
    ...(apiVersion !== undefined && { apiVersion }),
    status: String(summary['status'] ?? summary['phase'] ?? health.reason ?? ''),
    metadata: { labels: { ...labels }, annotations: {}, createdAt, uid },
    computed: {
      health: health.status,
      ...(typeof restarts === 'number' && { restartCount: restarts }),
      ...(replicas && { replicas }),
    },
  };
}

/** Built-in groups and the version that serves their kinds today. */
const builtIn: Readonly<Record<string, string>> = {
  '': 'v1',
  apps: 'v1',
  autoscaling: 'v2',
  batch: 'v1',
  'networking.k8s.io': 'v1',
  policy: 'v1',
  'rbac.authorization.k8s.io': 'v1',
  'storage.k8s.io': 'v1',
};

/** Resources do not keep the version they were served in; undefined where it is not known. */
function apiVersionOf({ kinds = [] }: Context, { group, kind }: Resource): string | undefined {
  const declared = kinds.find((known) => known.group === group && known.kind === kind)?.version;
  const version = declared ?? builtIn[group];
  if (version === undefined) return undefined;
  return group === '' ? version : `${group}/${version}`;
}

/** From the columns of kubectl: `ready` as `2/3`, or `desired`, `ready` and `available` as numbers. */
function replicasOf(resource: Resource): CanonicalNode['computed']['replicas'] {
  if (kindKey(resource) === '/Pod') return undefined;
  const { ready, desired, available } = resource.summary;
  const [left, right] = typeof ready === 'string' ? ready.split('/').map(Number) : [ready, desired];
  if (typeof left !== 'number' || typeof right !== 'number' || !Number.isInteger(left) || !Number.isInteger(right))
    return undefined;
  return { desired: right, ready: left, available: typeof available === 'number' ? available : left };
}

function edgesOf(view: View, { edges, style }: Content, ids: ReadonlyMap<ResourceId, string>): CanonicalEdge[] {
  const unique = new Map<string, CanonicalEdge>();
  for (const edge of edges) {
    const from = view.get(edge.from);
    const to = view.get(edge.to);
    const fromId = ids.get(edge.from);
    const toId = ids.get(edge.to);
    if (!from || !to || fromId === undefined || toId === undefined) continue;
    const { relationshipType, label, derivation, suffix, reverse } = canonicalEdge(edge, from, to);
    const [source, target] = reverse ? [toId, fromId] : [fromId, toId];
    const key = `${source}→${target}:${relationshipType}`;
    if (unique.has(key)) continue;
    unique.set(key, {
      id: style === 'resource' ? `${source}->${target}:${label}` : `${source}-${target}-${suffix}`,
      source,
      target,
      relationshipType,
      label,
      metadata: {
        derivation: style === 'resource' ? 'resourceTopology' : derivation,
        confidence: edge.detail.confidence,
        sourceField: edge.detail.field,
      },
    });
  }
  return [...unique.values()].sort((a, b) => compareText(a.id, b.id));
}

/** SHA-256 over the sorted names of nodes and edges: equal pictures are laid out equally. */
function layoutSeed(nodes: readonly CanonicalNode[], edges: readonly CanonicalEdge[]): string {
  const names = nodes.map(({ kind, namespace, name }) => `${kind}:${namespace}:${name}`).sort();
  const links = edges.map(({ source, target, relationshipType }) => `${source}->${target}:${relationshipType}`).sort();
  return createHash('sha256')
    .update(JSON.stringify({ nodes: names, edges: links }))
    .digest('hex');
}

function warningsOf(view: View, { cluster, truncated }: Content, nodes: number): Warning[] {
  const warnings: Warning[] = [];
  if (truncated)
    warnings.push({ code: 'TOPOLOGY_TRUNCATED', message: `only ${nodes} nodes are shown; narrow it by namespace` });
  for (const scope of view.coverage()) {
    if (
      scope.cluster !== cluster ||
      scope.coverage === 'ready' ||
      scope.coverage === 'absent' ||
      scope.coverage === 'excluded'
    )
      continue;
    warnings.push({
      code: 'KIND_INCOMPLETE',
      message: `${scope.kind}: ${scope.coverage}${scope.message ? `, ${scope.message}` : ''}`,
    });
  }
  return warnings;
}
