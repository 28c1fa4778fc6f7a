/** A picture of part of the graph: by namespace, by kind, or around a resource; nodes, the edges among them, and what was left out. */
import { z } from 'zod';
import { compareEdgeNames, edgesNamed } from '../graph/walk/edge-name.ts';
import { edgesAmong } from '../graph/walk/edges-among.ts';
import { isHub } from '../graph/walk/hubs.ts';
import { pictureLimits } from '../graph/walk/limits.ts';
import { neighbours } from '../graph/walk/neighbours.ts';
import { type Resource, type ResourceId, urgency } from '../model/resource.ts';
import type { View } from '../model/view.ts';
import { type Context, operation } from './operation.ts';
import {
  chosen,
  clustersInput,
  directionInput,
  edgeFilter,
  edgeInputs,
  healthInput,
  kindsInput,
  namespacesInput,
  resourceFilter,
  resourceInput,
} from './shared/inputs.ts';
import { compareResources } from './shared/page.ts';
import { resourceFrom } from './shared/resolve.ts';
import { edgeSchema, resourceSchema, stamp, stampShape, warningSchema } from './shared/schemas.ts';
import { standing } from './shared/standing.ts';

const EDGES_MAX = pictureLimits.edges;

const input = z.strictObject({
  around: resourceInput
    .optional()
    .describe('the resource in the middle, named as everywhere; without it the picture is by namespace and kind'),
  depth: z.int().min(1).max(6).default(2).describe('steps from `around`'),
  direction: directionInput,
  hubs: z
    .boolean()
    .default(false)
    .describe('walk through hubs (namespaces, nodes, classes, images, …) instead of showing them as leaves'),
  clusters: clustersInput,
  namespaces: namespacesInput,
  kinds: kindsInput,
  health: healthInput,
  ...edgeInputs,
  outside: z
    .boolean()
    .default(true)
    .describe('with `namespaces`: also what their resources point to elsewhere (volumes, nodes, roles), as leaves'),
  limit: z.int().min(1).max(10_000).default(500).describe('most nodes'),
});

type Input = z.output<typeof input>;

export const topology = operation({
  name: 'topology',
  title: 'Topology',
  description:
    'Draws a part of the graph. Around a resource it walks to a depth and stops at hubs, so that the picture stays about that resource. ' +
    'What does not fit under `limit` is cut, the healthy first, and a warning says so.',
  route: 'GET /topology',
  input,
  output: z.object({
    ...stampShape,
    nodes: z.array(resourceSchema),
    edges: z.array(edgeSchema),
    leaves: z
      .array(z.object({ id: z.string(), edges: z.int() }))
      .describe('hubs shown as leaves, with the number of edges they have; ask around one to open it'),
    truncated: z.boolean(),
    warnings: z.array(warningSchema),
  }),
  examples: [
    { title: 'A namespace', input: { namespaces: ['shop'] } },
    { title: 'Around a Deployment', input: { around: 'Deployment/payments/payments-api', depth: 1 } },
    { title: 'Who owns what', input: { namespaces: ['shop'], types: ['OWNS'] } },
  ],
  run(context, input) {
    const picture =
      input.around === undefined ? pictureOf(context, input) : pictureAround(context, input, input.around);
    const { edges, truncated: edgesCut } = edgesAmong(context.view, picture.nodes, EDGES_MAX, picture.accepts);
    const truncated = picture.truncated || edgesCut;
    return {
      ...stamp(context, { clusters: input.clusters, namespaces: input.namespaces }),
      nodes: [...picture.nodes.values()].sort(compareResources),
      edges: edgesNamed(context.view, edges.toSorted(compareEdgeNames)),
      leaves: picture.leaves.map((id) => ({ id, edges: edgeNumber(context.view, id) })),
      truncated,
      warnings: truncated ? [cutWarning(picture.nodes.size, edgesCut)] : [],
    };
  },
});

interface Picture {
  readonly nodes: Map<ResourceId, Resource>;
  readonly accepts: Parameters<typeof edgesAmong>[3];
  readonly leaves: readonly ResourceId[];
  readonly truncated: boolean;
}

/** Everything chosen by namespace, kind and state, and what it points to outside. */
function pictureOf(context: Context, input: Input): Picture {
  const accepts = edgeFilter(input);
  const { kept, cut } = mostUrgent([...chosen(context, input)], input.limit);
  const nodes = new Map(kept.map((resource) => [resource.id, resource]));
  if (!input.namespaces || !input.outside) return { nodes, accepts, leaves: [], truncated: cut };
  const { leaves, full } = addOutside(context, input, nodes, accepts);
  return { nodes, accepts, leaves, truncated: cut || full };
}

/** Adds what the nodes point to outside of their namespaces. */
function addOutside(
  context: Context,
  { namespaces, limit, ...choice }: Input,
  nodes: Map<ResourceId, Resource>,
  accepts: Picture['accepts'],
): { readonly leaves: readonly ResourceId[]; readonly full: boolean } {
  const { view } = context;
  const isChosen = resourceFilter(context, { clusters: choice.clusters, kinds: choice.kinds, health: choice.health });
  const leaves: ResourceId[] = [];
  let left = EDGES_MAX;
  let full = false;
  for (const id of [...nodes.keys()]) {
    view.scan(id, 'out', (type, other) => {
      if (left-- <= 0) return false;
      if (nodes.has(other.id) || accepts?.(type) === false) return true;
      if (namespaces?.includes(other.namespace) || !isChosen(other)) return true;
      if (nodes.size >= limit) {
        full = true;
        return false;
      }
      nodes.set(other.id, standing(view, other));
      if (isHub(other)) leaves.push(other.id);
      return true;
    });
    if (full || left < 0) return { leaves, full: true };
  }
  return { leaves, full: false };
}

/** What surrounds a resource. */
function pictureAround(context: Context, input: Input, text: string): Picture {
  const { view } = context;
  const middle = resourceFrom(context, text);
  const accepts = edgeFilter(input);
  const isChosen = resourceFilter(context, { ...input, namespaces: undefined });
  const isNear = ({ namespace }: Resource): boolean =>
    !input.namespaces || namespace === '' || input.namespaces.includes(namespace);
  const isShown = input.kinds ? isChosen : (resource: Resource) => resource.pseudo || isChosen(resource);
  const { distances, leaves, truncated } = neighbours(view, [middle.id], {
    depth: input.depth,
    direction: input.direction,
    expandHubs: input.hubs,
    limits: { resources: input.limit, edges: EDGES_MAX },
    accepts: (type, other) => accepts?.(type) !== false && isNear(other) && isShown(other),
  });
  const nodes = new Map<ResourceId, Resource>();
  for (const id of distances.keys()) {
    const resource = view.get(id);
    if (resource) nodes.set(id, standing(view, resource));
  }
  return { nodes, accepts, leaves, truncated };
}

/** No more than the limit: the unhealthy first, then by kind, namespace and name. */
function mostUrgent(resources: Resource[], limit: number): { readonly kept: Resource[]; readonly cut: boolean } {
  if (resources.length <= limit) return { kept: resources, cut: false };
  const byUrgency = (a: Resource, b: Resource): number =>
    urgency[a.health.status] - urgency[b.health.status] || compareResources(a, b);
  return { kept: resources.sort(byUrgency).slice(0, limit), cut: true };
}

function edgeNumber(view: View, id: ResourceId): number {
  const { out, in: reached } = view.degree(id);
  return out + reached;
}

function cutWarning(nodes: number, edgesCut: boolean): z.input<typeof warningSchema> {
  const what = edgesCut ? `not all edges of these ${nodes} nodes are shown` : `only ${nodes} nodes are shown`;
  return { code: 'TOPOLOGY_TRUNCATED', message: `${what}; narrow it by namespace, kind or depth, or raise limit` };
}
