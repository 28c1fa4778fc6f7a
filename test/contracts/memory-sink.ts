/** The smallest sink there can be: two maps. It shows that the suite asks for nothing but the contract, and how little a sink needs. */
import { edgeKey } from '../../src/model/diff.ts';
import type { Edge } from '../../src/model/edge.ts';
import type { Resource, ResourceId } from '../../src/model/resource.ts';
import type { Sink } from '../../src/model/sink.ts';

export interface MemorySink extends Sink {
  readonly resources: ReadonlyMap<ResourceId, Resource>;
  readonly edges: ReadonlyMap<string, Edge>;
}

export function memorySink(): MemorySink {
  const resources = new Map<ResourceId, Resource>();
  const edges = new Map<string, Edge>();
  return {
    name: 'memory',
    resources,
    edges,
    async replace(view) {
      resources.clear();
      edges.clear();
      for (const resource of view.resources()) {
        resources.set(resource.id, resource);
        for (const edge of view.stored(resource.id, 'out')) edges.set(edgeKey(edge), edge);
      }
    },
    async write(diff) {
      for (const edge of diff.edges.removed) edges.delete(edgeKey(edge));
      for (const { id } of diff.resources.removed) resources.delete(id);
      for (const resource of [...diff.resources.added, ...diff.resources.updated.map(({ to }) => to)])
        resources.set(resource.id, resource);
      for (const edge of [...diff.edges.added, ...diff.edges.updated.map(({ to }) => to)])
        edges.set(edgeKey(edge), edge);
    },
    async close() {},
  };
}
