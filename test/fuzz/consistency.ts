/** Checks that hold for any view. */
import assert from 'node:assert/strict';
import type { Edge } from '../../src/model/edge.ts';
import { edgeInfo } from '../../src/model/edges.ts';
import type { View } from '../../src/model/view.ts';

/** Every way of asking gives the same graph. */
export function assertConsistent(view: View): void {
  const sorted = (values: Iterable<unknown>): string[] => Array.from(values, (value) => JSON.stringify(value)).sort();
  const all = [...view.edges()];
  const resources = [...view.resources()];
  assert.equal(view.resourceCount, resources.length);
  assert.equal(view.edgeCount, all.filter(isStored).length);
  assert.deepEqual(sorted(resources.flatMap(({ id }) => [...view.dangling(id)])), sorted(view.dangling()));
  for (const direction of ['out', 'in'] as const) {
    const [end, other] = direction === 'out' ? (['from', 'to'] as const) : (['to', 'from'] as const);
    const byEnd = Map.groupBy(all, (edge) => edge[end]);
    for (const resource of resources) {
      const { id } = resource;
      assert.equal(view.get(id), resource);
      assert.equal(view.byName(resource), resource);
      const here = byEnd.get(id) ?? [];
      const stored = here.filter(isStored);
      assert.deepEqual(sorted(view[direction](id)), sorted(here), `${direction} ${id}`);
      assert.deepEqual(sorted(view.stored(id, direction)), sorted(stored), `stored ${direction} ${id}`);
      assert.equal(view.degree(id)[direction], stored.length);
      for (const [type, ofType] of Map.groupBy(here, (edge) => edge.type))
        assert.deepEqual(sorted(view[direction](id, type)), sorted(ofType), `${direction} ${id} ${type}`);
      const scanned: string[] = [];
      view.scan(id, direction, (type, { id: at }, isOptional) => scanned.push(`${type} ${at} ${isOptional()}`));
      const told = stored.map((edge) => `${edge.type} ${edge[other]} ${edge.detail.optional === true}`);
      assert.deepEqual(scanned.sort(), told.sort());
      for (const edge of stored)
        assert.equal(view.edge(edge.type, edge.from, edge.to)?.detail.field, edge.detail.field);
    }
    for (const id of byEnd.keys()) assert.ok(view.get(id), `an edge without its end: ${id}`);
  }
}

const isStored = ({ type }: Edge): boolean => !edgeInfo(type).computed;
