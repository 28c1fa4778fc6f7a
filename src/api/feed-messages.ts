/**
 * The messages of the change feed, the same for SSE and WebSocket.
 *
 *   snapshot   a part of the whole graph; the first forgets everything, the last says `more: false`
 *   diff       what changed since the message before: put what is listed, take out what is removed
 *   gone       the revision asked for is no longer kept; a snapshot follows
 *   at         nothing changed (for this follower), the revision moved on
 *
 * A message carries final states, so applying one twice, or taking out what is not there, does no harm.
 */
import { z } from 'zod';
import type { GraphDiff } from '../model/diff.ts';
import type { Edge } from '../model/edge.ts';
import { type Resource, type ResourceId, resourceTitle } from '../model/resource.ts';
import type { View } from '../model/view.ts';
import { edgeSchema, resourceSchema } from '../operations/shared/schemas.ts';

const edgeName = z.object({ type: z.string(), from: z.string(), to: z.string() });
const revision = z.string().describe('position after this message, `epoch:number`');

export const feedMessageSchema = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('snapshot'),
      revision,
      part: z.int().describe('1 forgets everything known before'),
      more: z.boolean().describe('more parts follow'),
      resources: z.array(resourceSchema),
      edges: z.array(edgeSchema),
    }),
    z.object({
      type: z.literal('diff'),
      revision,
      at: z.string().optional(),
      resources: z.array(resourceSchema).describe('new or changed'),
      edges: z.array(edgeSchema).describe('new or changed'),
      removed: z.object({
        resources: z.array(z.string()).describe('ids'),
        names: z.array(z.string()).describe('what they were called, `Kind/namespace/name`, in the same order'),
        edges: z.array(edgeName),
      }),
    }),
    z.object({ type: z.literal('gone'), revision: z.string().describe('the revision asked for') }),
    z.object({ type: z.literal('at'), revision }),
  ])
  .meta({ id: 'FeedMessage', description: 'One message of the change feed.' });

export type FeedMessage = z.input<typeof feedMessageSchema>;

/** Which resources a follower wants; undefined for all. `key` is equal for followers that want the same. */
export interface FeedFilter {
  readonly key: string;
  readonly includes: (resource: Resource) => boolean;
}

/** A diff as a message, or undefined when nothing in it concerns the follower. The view must be at the end of the diff. */
export function diffMessage(
  view: View,
  diff: GraphDiff,
  revisionText: string,
  filter: FeedFilter | undefined,
): FeedMessage | undefined {
  const { resources, edges } = diff;
  const includes = filter?.includes ?? (() => true);
  const left = filter && new Map(resources.removed.map((resource) => [resource.id, resource]));
  const end = (id: ResourceId): boolean => {
    const resource = view.get(id) ?? left?.get(id);
    return resource === undefined || includes(resource);
  };
  const joins = ({ from, to }: Edge): boolean => filter === undefined || (end(from) && end(to));
  const gone = resources.removed.filter(includes);
  const message = {
    type: 'diff' as const,
    revision: revisionText,
    ...(view.at !== undefined && { at: view.at }),
    resources: [...resources.added, ...resources.updated.map(({ to }) => to)].filter(includes),
    edges: [...edges.added, ...edges.updated.map(({ to }) => to)].filter(joins),
    removed: {
      resources: gone.map(({ id }) => id),
      names: gone.map(resourceTitle),
      edges: edges.removed.filter(joins).map(({ type, from, to }) => ({ type, from, to })),
    },
  };
  const size =
    message.resources.length + message.edges.length + message.removed.resources.length + message.removed.edges.length;
  return size === 0 ? undefined : message;
}

/** Resources that a part of a snapshot looks at, at most. */
const PART_RESOURCES = 500;
/** Edges after which a part is closed. */
const PART_EDGES = 1_000;

/** The part of a snapshot that begins at `start` in the list of ids; resources that are gone by now are left out. */
export function snapshotPart(
  view: View,
  ids: readonly ResourceId[],
  start: number,
  filter: FeedFilter | undefined,
): { readonly resources: Resource[]; readonly edges: Edge[]; readonly end: number } {
  const resources: Resource[] = [];
  const edges: Edge[] = [];
  let end = start;
  while (end < ids.length && end - start < PART_RESOURCES && edges.length < PART_EDGES) {
    const resource = view.get(ids[end++] ?? '');
    if (!resource || filter?.includes(resource) === false) continue;
    resources.push(resource);
    for (const edge of view.stored(resource.id, 'out')) {
      const to = filter && view.get(edge.to);
      if (!filter || (to && filter.includes(to))) edges.push(edge);
    }
  }
  return { resources, edges, end };
}
