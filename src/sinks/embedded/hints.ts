/**
 * Names in a query that nothing bears: a typing error is no error in Cypher, only an empty answer. Compared with what is in the graph, the
 * fixed properties (rows.ts) and the table of edges.
 */
import { nearest } from '../../lib/nearest.ts';
import { edges } from '../../model/edges.ts';
import type { View } from '../../model/view.ts';
import { edgeAliases, labelAliases } from '../cypher/aliases.ts';
import { EDGE_NAMES, LACKS, MISSING, NODE_NAMES, PSEUDO, RESOURCE } from '../cypher/rows.ts';
import { isSymbol, type Reading, type Role } from './roles.ts';

/** What a query names. Keys of maps count where they are conditions of a pattern. */
export type Names = Readonly<Record<'labels' | 'types' | 'properties', ReadonlySet<string>>>;

export function namesIn(reading: Reading): Names {
  const named = (wanted: Role): string[] =>
    reading.tokens.flatMap(({ type, text }, index) =>
      reading.roles[index] === wanted && (wanted !== 'key' || isCondition(reading, index))
        ? [type === 'quoted' ? text.slice(1, -1) : text]
        : [],
    );
  return {
    labels: new Set(named('label')),
    types: new Set(named('type')),
    properties: new Set([...called(reading, named('property')), ...named('key')]),
  };
}

/** `(n:Pod {name: …})`, `-[:MOUNTS {field: …}]->` */
function isCondition({ tokens, roles, around }: Reading, index: number): boolean {
  const opened = around[index];
  if (opened === undefined || !isSymbol(tokens[opened], '{')) return false;
  return roles[opened - 1] === 'label' || roles[opened - 1] === 'type';
}

/** Without what follows a dot and is called: `date.truncate(…)`. */
function called({ tokens }: Reading, names: readonly string[]): readonly string[] {
  const functions = new Set(tokens.filter((_, index) => isSymbol(tokens[index + 1], '(')).map(({ text }) => text));
  return names.filter((name) => !functions.has(name));
}

/** Whether an answer gives cause to look for typing errors: no rows, or a column of nothing. */
export function isHollow(rows: readonly (readonly unknown[])[]): boolean {
  return rows.length === 0 || (rows[0] ?? []).some((_, column) => rows.every((row) => isNothing(row[column])));
}

function isNothing(value: unknown): boolean {
  return value === null || value === 0 || (Array.isArray(value) && value.length === 0);
}

/** `no resource has the label "Pods"; did you mean Pod?` A sentence for each name that nothing bears. Walks the resources, if properties are named. */
export function hintsFor(view: View, { labels, types, properties }: Names): readonly string[] {
  const kinds = [...view.kinds()].map(({ kind }) => kind);
  return [
    ...missed('resource has the label', labels, () => [
      ...kinds,
      RESOURCE,
      PSEUDO,
      MISSING,
      ...Object.keys(labelAliases),
    ]),
    ...missed('relationship has the type', types, () => edgeTypes(view)),
    ...missed('resource or relationship has the property', properties, () => propertiesOf(view)),
  ];
}

function missed(what: string, names: ReadonlySet<string>, knownNames: () => Iterable<string>): readonly string[] {
  if (names.size === 0) return [];
  const known = new Set(knownNames());
  return [...names]
    .filter((name) => !known.has(name))
    .map((name) => {
      const [near] = nearest(name, known);
      return `no ${what} "${name}"${near === undefined ? '' : `; did you mean ${near}?`}`;
    });
}

/** Those of the table, and those of users. */
function edgeTypes(view: View): ReadonlySet<string> {
  const types = new Set([...Object.keys(edges), LACKS, ...Object.keys(edgeAliases)]);
  for (const { type } of view.edges()) types.add(type);
  return types;
}

function propertiesOf(view: View): ReadonlySet<string> {
  const names = new Set([...NODE_NAMES, ...EDGE_NAMES]);
  for (const { summary, labels } of view.resources()) {
    for (const column in summary) names.add(column);
    for (const label in labels) names.add(`label.${label}`);
  }
  for (const { detail } of view.edges()) for (const attribute in detail.attributes) names.add(attribute);
  return names;
}
