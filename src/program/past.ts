/**
 * The graph as it was: the objects of that instant, linked by the same code as the live one. Only the age of an edge is not in its objects;
 * history tells it.
 */
import { Graph } from '../graph/graph.ts';
import type { Change, KubeObject, Occurrence } from '../model/change.ts';
import type { Describer } from '../model/describe.ts';
import type { EdgeType } from '../model/edges.ts';
import { microseconds, type Time } from '../model/time.ts';
import { objectOf } from '../sinks/history/noise.ts';
import type { HistoryReader, Standing } from '../sinks/history/reader.ts';

/** A graph of its own with what was known at an instant. Undefined when nothing was known until then. */
export async function graphAt(reader: HistoryReader, describer: Describer, at: Time): Promise<Graph | undefined> {
  const moment = await reader.momentAt(microseconds(at));
  if (moment === undefined) return undefined;
  const graph = new Graph({ describer });
  const ids = new Map<number, string>();
  for await (const standing of reader.standingAt(moment)) {
    for (const { no, of } of standing) ids.set(no, of.id);
    graph.apply(standing.flatMap(changeOf));
  }
  for await (const edges of reader.edgesAt(moment)) {
    for (const { source, target, type, since } of edges)
      graph.date(type as EdgeType, ids.get(source) ?? '', ids.get(target) ?? '', since);
  }
  graph.apply((await reader.observationsUntil(moment)).map((text) => JSON.parse(text) as Change));
  return graph;
}

/** The change by which a resource came to be what it was; pseudo resources follow from others. */
function changeOf({ of: { cluster, pseudo, uid }, at, text }: Standing): readonly Change[] {
  if (at === undefined || text === undefined) return [];
  if (pseudo) return [{ type: 'occur', cluster, ...(JSON.parse(text) as { at: Time; occurrence: Occurrence }) }];
  return [{ type: 'apply', at, cluster, object: withUid(objectOf(text), uid) }];
}

/** What was observed without its uid (a manifest) is the object whose uid was known. */
function withUid(object: KubeObject, uid: string): KubeObject {
  return uid === '' || object.metadata.uid === uid ? object : { ...object, metadata: { ...object.metadata, uid } };
}
