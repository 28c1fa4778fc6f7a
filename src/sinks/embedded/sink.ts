/**
 * The embedded store as a Sink: View and diffs → rows for the store's process.
 *
 * Invariant: a replacement reads the view slice by slice while it moves on, so that nothing else has to wait. What it leaves is right once
 * the first write has followed, if that covers everything since the replacement began and names as removed also what came and went
 * meanwhile (`settle` in model/diff.ts).
 */
import { slices } from '../../lib/slices.ts';
import type { GraphDiff } from '../../model/diff.ts';
import { Problem } from '../../model/problem.ts';
import type { Resource } from '../../model/resource.ts';
import type { Sink } from '../../model/sink.ts';
import type { View } from '../../model/view.ts';
import { Lacking, type LackName } from '../cypher/lacking.ts';
import { edgeRow, nodeRow, outRow } from '../cypher/rows.ts';
import type { OutRows, Request, WritePart } from './protocol.ts';
import type { Store } from './store.ts';

export interface EmbeddedSink extends Sink {
  /** Makes the broken references in the store those of the view now; a diff does not carry them. */
  reconcile(view: View): Promise<void>;
}

const NODES_PER_MESSAGE = 500;
const EDGES_PER_MESSAGE = 1000;
/** Messages under way: one is made while another is taken. */
const UNDER_WAY = 2;

export function embeddedSink(store: Store): EmbeddedSink {
  const lacking = new Lacking();
  return {
    name: 'embedded',
    async replace(view, generation) {
      lacking.clear();
      await send(store, replacement(view, generation));
    },
    async write(diff) {
      await send(store, writes(diff, lacking.forget(diff.resources.removed)));
    },
    async reconcile(view) {
      const { came, went } = lacking.compare(view);
      if (came.length + went.length === 0) return;
      const unplaced = (await store.request({ type: 'lacks', came, went: went.map(({ key }) => key) })) as string[];
      const keys = new Set(unplaced);
      lacking.unplaced(came.filter(({ key }) => keys.has(key)));
    },
    async close() {
      store.end(new Problem('store-unreachable', 'The Cypher store was closed'));
    },
  };
}

async function send(store: Store, requests: Iterable<Request>): Promise<void> {
  const underWay: Promise<unknown>[] = [];
  for (const request of requests) {
    const sent = store.request(request);
    sent.catch(() => {}); // seen below, or by the one before it
    underWay.push(sent);
    if (underWay.length >= UNDER_WAY) await underWay.shift();
  }
  await Promise.all(underWay);
}

function* replacement(view: View, generation: number): Iterable<Request> {
  yield { type: 'begin', generation };
  const resources = [...view.resources()];
  for (const slice of slices(resources, NODES_PER_MESSAGE)) yield { type: 'nodes', rows: slice.map(nodeRow) };
  yield* outRequests(view, resources);
  yield { type: 'sweep' };
}

function* outRequests(view: View, resources: readonly Resource[]): Iterable<Request> {
  let rows: OutRows[] = [];
  let count = 0;
  for (const { id } of resources) {
    const edges = Array.from(view.stored(id, 'out'), outRow);
    rows.push({ from: id, edges });
    count += edges.length;
    if (count < EDGES_PER_MESSAGE && rows.length < NODES_PER_MESSAGE) continue;
    yield { type: 'outs', rows };
    rows = [];
    count = 0;
  }
  if (rows.length > 0) yield { type: 'outs', rows };
}

const nothing: WritePart = { gone: [], nodes: [], cut: [], edges: [], mended: [] };

function* writes({ resources, edges }: GraphDiff, forgotten: readonly LackName[]): Iterable<Request> {
  const nodes = [...resources.added, ...resources.updated.map(({ to }) => to)];
  const joined = [...edges.added, ...edges.updated.map(({ to }) => to)];
  const gone = resources.removed.map(({ id }) => id);
  const cut = edges.removed.map(({ type, from, to }) => ({ type, from, to }));
  const mended = forgotten.map(({ key }) => key);
  const ends = { ...nothing, gone, cut, mended };
  if (nodes.length <= NODES_PER_MESSAGE && joined.length <= EDGES_PER_MESSAGE) {
    yield { type: 'write', part: { ...ends, nodes: nodes.map(nodeRow), edges: joined.map(edgeRow) }, last: true };
    return;
  }
  yield { type: 'write', part: ends, last: false };
  for (const slice of slices(nodes, NODES_PER_MESSAGE)) {
    yield { type: 'write', part: { ...nothing, nodes: slice.map(nodeRow) }, last: false };
  }
  for (const slice of slices(joined, EDGES_PER_MESSAGE)) {
    yield { type: 'write', part: { ...nothing, edges: slice.map(edgeRow) }, last: false };
  }
  yield { type: 'write', part: nothing, last: true };
}
