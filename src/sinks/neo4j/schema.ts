/** Constraints and indexes of the mirror, from a table of kinds. They touch nobody's nodes but those that have both `id` and `cluster`. */
import { MISSING, RESOURCE } from '../cypher/rows.ts';
import type { Connection } from './connection.ts';
import { quoted } from './names.ts';

export interface SchemaItem {
  readonly name: string;
  readonly text: string;
}

/** Properties by which resources of any kind are looked up, as in the embedded store. */
const INDEXED = ['id', 'uid', 'name'] as const;

/**
 * One node for each id, and an index for each way to begin a query: Neo4j uses that of a label only where the query names the label, so every
 * kind has one of its own by name.
 */
export function schemaOf(kinds: Iterable<{ readonly kind: string }>): readonly SchemaItem[] {
  const labels = new Set(Array.from(kinds, ({ kind }) => kind));
  return [
    ...[RESOURCE, MISSING].map((label) => unique(label)),
    ...INDEXED.map((property) => index(RESOURCE, property)),
    ...[...labels].map((label) => index(label, 'name')),
  ];
}

/** Of id and cluster together: others may have nodes with these labels that have neither, or only one. */
function unique(label: string): SchemaItem {
  const name = `kube_kg_${label}`;
  return {
    name,
    text: `CREATE CONSTRAINT ${quoted(name)} IF NOT EXISTS FOR (n:${quoted(label)}) REQUIRE (n.id, n.cluster) IS UNIQUE`,
  };
}

function index(label: string, property: string): SchemaItem {
  const name = `kube_kg_${label}_${property}`;
  return {
    name,
    text: `CREATE INDEX ${quoted(name)} IF NOT EXISTS FOR (n:${quoted(label)}) ON (n.${quoted(property)})`,
  };
}

/** Makes what is not there and waits until all of it is in use. */
export async function ensureSchema(connection: Connection, items: readonly SchemaItem[]): Promise<void> {
  const there = new Set<unknown>();
  for await (const [name] of connection.read({ text: 'SHOW INDEXES YIELD name', params: {} })) there.add(name);
  const missing = items.filter(({ name }) => !there.has(name));
  if (missing.length === 0) return;
  await connection.write(missing.map(({ text }) => ({ text, params: {} })));
  for await (const _ of connection.read({ text: 'CALL db.awaitIndexes(600)', params: {} }));
}
