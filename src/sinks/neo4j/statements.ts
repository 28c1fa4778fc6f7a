/**
 * The Cypher that writes a mirror, for Neo4j 5.26 and later, where labels and types can be values: a statement for each kind would be planned
 * anew for each, which takes longer than running it. Every statement takes `$rows` and is idempotent, and each looks at nodes and relationships that carry our
 * fingerprint only: what others keep beside, or between, our nodes stays. A node that goes takes the relationships with it that others tied to it.
 */
import { LACKS, MISSING, RESOURCE } from '../cypher/rows.ts';
import { FINGERPRINT } from './fingerprint.ts';

const ours = (variable: string): string => `${variable}.${FINGERPRINT} IS NOT NULL`;
const resource = (variable: string, id: string): string =>
  `MATCH (${variable}:${RESOURCE} {id: ${id}}) WHERE ${ours(variable)}`;
const ends = `UNWIND $rows AS row ${resource('a', 'row.from')} ${resource('b', 'row.to')}`;

const put = (key: string): string =>
  `UNWIND $rows AS row MERGE (n:${key} {id: row.properties.id, cluster: row.properties.cluster})
SET n = row.properties, n:$(row.labels)`;

/** `{labels, properties}` with `id` and `cluster` among the properties. */
export const putNode = put(RESOURCE);
export const putMissing = put(MISSING);

/** `{id}` */
export const deleteNode = `UNWIND $rows AS row ${resource('n', 'row.id')} DETACH DELETE n`;

/** `{id, at}`: it stays, as something that was. It no longer carries the fingerprint, nor do its relationships, so nothing here sees it again. */
export const endNode = `UNWIND $rows AS row ${resource('n', 'row.id')}
SET n.validFrom = n.createdAt, n.validTo = row.at REMOVE n.${FINGERPRINT}
WITH row, n MATCH (n)-[r]-() WHERE ${ours('r')}
SET r.validFrom = r.since, r.validTo = row.at REMOVE r.${FINGERPRINT}`;

/** Relationships of the nodes in `$ids`, `$max` of them at once: a node may have more than fit into a transaction. Answers with how many. */
export const cutSome = some('', 'DELETE r');

/** The same for nodes that end; `$at` as in endNode. */
export const endSome = some(
  `WHERE ${ours('r')} `,
  `SET r.validFrom = r.since, r.validTo = $at REMOVE r.${FINGERPRINT}`,
);

function some(which: string, effect: string): string {
  return `UNWIND $ids AS id ${resource('n', 'id')} MATCH (n)-[r]-() ${which}WITH DISTINCT r LIMIT toInteger($max) ${effect}
RETURN count(*)`;
}

/** `{type, from, to, properties}`, for a relationship that is known not to be there. */
export const createEdge = `${ends} CREATE (a)-[r:$(row.type)]->(b) SET r = row.properties`;

/** The same for one that may be there; it keeps the time since when it is known. */
export const putEdge = `${ends} OPTIONAL MATCH (a)-[old]->(b) WHERE type(old) = row.type AND ${ours('old')}
WITH a, b, row, old, old.since AS since
FOREACH (_ IN CASE WHEN old IS NULL THEN [1] ELSE [] END | CREATE (a)-[r:$(row.type)]->(b) SET r = row.properties)
FOREACH (r IN CASE WHEN old IS NULL THEN [] ELSE [old] END |
  SET r = row.properties SET r.since = coalesce(since, row.properties.since))`;

/** `{type, from, to}` */
export const deleteEdge = `${ends} MATCH (a)-[r]->(b) WHERE type(r) = row.type AND ${ours('r')} DELETE r`;

/** `{type, from, to, at}`: it stays as in endNode. */
export const endEdge = `${ends} MATCH (a)-[r]->(b) WHERE type(r) = row.type AND ${ours('r')}
SET r.validFrom = r.since, r.validTo = row.at REMOVE r.${FINGERPRINT}`;

/** Every resource of `$clusters`: id, fingerprint, how many edges leave it, and the sum of their fingerprints. */
export const readNodes = `MATCH (n:${RESOURCE}) WHERE n.cluster IN $clusters AND ${ours('n')}
OPTIONAL MATCH (n)-[r]->() WHERE ${ours('r')}
RETURN n.id, n.${FINGERPRINT}, count(r), sum(r.${FINGERPRINT})`;

/** Names of the resources of `$ids`: id, cluster, group, kind, namespace. */
export const readNames = `UNWIND $ids AS id ${resource('n', 'id')} RETURN n.id, n.cluster, n.group, n.kind, n.namespace`;

/** Edges that leave the resources of `$ids`: from, type, to, fingerprint. */
export const readEdges = `UNWIND $ids AS id ${resource('a', 'id')} MATCH (a)-[r]->(b) WHERE ${ours('r')}
RETURN a.id, type(r), b.id, r.${FINGERPRINT}`;

/** Broken references: relationships to what is missing, several between two nodes, told apart by this property. */
export const LACK = '_lack';

/** `{from, to, lack, properties}` with the node that is missing. Answers with what could be placed, by `lack` and `from`. */
export const putLack = `UNWIND $rows AS row ${resource('a', 'row.from')}
MATCH (m:${MISSING} {id: row.to}) WHERE ${ours('m')}
MERGE (a)-[l:${LACKS} {${LACK}: row.lack}]->(m) SET l = row.properties
RETURN row.from, row.lack`;

/** `{from, lack}`, also of what has ended. */
export const deleteLack = `UNWIND $rows AS row MATCH (a:${RESOURCE} {id: row.from})-[l:${LACKS}]->() WHERE l.${LACK} = row.lack DELETE l`;

/** What nobody of `$clusters` lacks any more. */
export const sweepMissing = `MATCH (m:${MISSING}) WHERE m.cluster IN $clusters AND ${ours('m')} AND NOT (m)<-[:${LACKS}]-()
DETACH DELETE m`;

/** Broken references in the store, of `$clusters`: from, lack. */
export const readLacks = `MATCH (a:${RESOURCE})-[l:${LACKS}]->() WHERE a.cluster IN $clusters AND l.${LACK} IS NOT NULL
RETURN a.id, l.${LACK}`;
