/** The graph as deterministic text, for comparing two graphs: everything but ages and revisions. */
import type { View } from '../../src/model/view.ts';

/** JSON with keys in order: objects that say the same are the same text. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Sorted lines: resources, edges with evidence, dangling references. */
export function canonical(view: View): string[] {
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
