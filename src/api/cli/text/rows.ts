/** Rows of a Cypher query as an aligned table. */
import type { z } from 'zod';
import type { runQuery } from '../../../operations/run-query.ts';
import { counted, type Page, table } from './layout.ts';

export function* rowsText(
  { columns, rows, elapsedMs }: z.output<typeof runQuery.output>,
  page: Page,
): Iterable<string> {
  if (rows.length > 0)
    yield* table(
      columns,
      rows.map((row) => row.map(cellText)),
      page,
    );
  yield `${page.paint(`(${counted(rows.length, 'row')}, ${Math.round(elapsedMs)} ms)`, 'dim')}\n`;
}

interface Node {
  readonly labels: readonly string[];
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Text as it is, a node by its name, everything else as JSON. */
function cellText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (!isNode(value)) return JSON.stringify(value);
  const { kind, namespace, name } = value.properties;
  return [kind, namespace, name].filter((part) => typeof part === 'string' && part !== '').join('/');
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'labels' in value && 'properties' in value;
}
