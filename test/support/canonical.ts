/** The graph as deterministic text, for comparing two graphs: everything but revisions, and ages where they are wanted. */
import { edgeInfo } from '../../src/model/edges.ts';
import type { View } from '../../src/model/view.ts';

/** JSON with keys in order: objects that say the same are the same text. */
export function stableJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(stableJson).join()}]`;
  const record = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(record).filter((key) => record[key] !== undefined);
  return `{${keys.sort().map((key) => `${JSON.stringify(key)}:${stableJson(record[key])}`)}}`;
}

/** Sorted lines: resources, edges with evidence, dangling references. */
export function canonical(view: Pick<View, 'resources' | 'edges' | 'dangling'>): string[] {
  const lines: string[] = [];
  for (const resource of view.resources()) lines.push(`R ${stableJson(resource)}`);
  for (const { type, from, to, detail } of view.edges()) {
    const { since: _, ...rest } = detail;
    lines.push(`E ${type} ${from} ${to} ${stableJson(rest)}`);
  }
  for (const { type, from, target, detail } of view.dangling())
    lines.push(`D ${type} ${from} ${stableJson(target)} ${stableJson(detail)}`);
  return lines.sort();
}

/** The same, and since when edges are there, and how well everything is observed. */
export function withAges(view: View): string[] {
  const ages = [...view.edges()]
    .filter(({ type }) => !edgeInfo(type).computed)
    .map(({ type, from, to, detail }) => `S ${type} ${from} ${to} ${detail.since}`);
  return [
    ...canonical(view),
    ...ages.sort(),
    ...view
      .coverage()
      .map((scope) => `C ${JSON.stringify(scope)}`)
      .sort(),
  ];
}
