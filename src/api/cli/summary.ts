/** A readable summary of an estate: what there is, what is broken, what is missing. */
import { type HealthStatus, type Resource, resourceTitle } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { type Paint, table } from './io.ts';

const SHOWN_MAX = 15;

/** Lines of text, each with its newline. */
export function* estateSummary(view: View, paint: Paint): Iterable<string> {
  const byKind = new Map<string, Record<HealthStatus, number>>();
  const unwell: Resource[] = [];
  for (const resource of view.resources()) {
    if (resource.pseudo || resource.kind === 'Event') continue;
    const counts = byKind.get(resource.kind) ?? { healthy: 0, warning: 0, critical: 0, unknown: 0 };
    counts[resource.health.status]++;
    byKind.set(resource.kind, counts);
    if (resource.health.status === 'critical' || resource.health.status === 'warning') unwell.push(resource);
  }
  yield `${paint('Estate', 'bold')}  ${view.clusters.join(', ') || 'no cluster'} · ${view.resourceCount} resources · ${view.edgeCount} edges${view.at ? ` · ${view.at}` : ''}\n\n`;
  yield* kindRows(byKind, paint);
  yield* unwellRows(unwell, paint);
  yield* danglingRows(view, paint);
}

function* kindRows(byKind: ReadonlyMap<string, Record<HealthStatus, number>>, paint: Paint): Iterable<string> {
  const rows = [...byKind].map(([kind, counts]) => {
    const total = counts.healthy + counts.warning + counts.critical + counts.unknown;
    const notes = [
      counts.critical > 0 ? `${counts.critical} critical` : '',
      counts.warning > 0 ? `${counts.warning} warning` : '',
    ];
    return { total, cells: [`  ${kind}`, String(total), notes.filter((note) => note !== '').join(', ')] };
  });
  rows.sort((a, b) => b.total - a.total);
  for (const line of table(rows.map(({ cells }) => cells)).split('\n'))
    yield `${line.includes('critical') ? paint(line, 'red') : line}\n`;
}

function* unwellRows(unwell: Resource[], paint: Paint): Iterable<string> {
  if (unwell.length === 0) {
    yield `\n${paint('Everything that reports its health is healthy.', 'green')}\n`;
    return;
  }
  const rank = (resource: Resource): string => `${resource.health.status}${resourceTitle(resource)}`;
  unwell.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  yield `\n${paint('Not healthy', 'bold')}\n`;
  const rows = unwell
    .slice(0, SHOWN_MAX)
    .map((resource) => [
      `  ${resource.health.status}`,
      resourceTitle(resource),
      [resource.health.reason, resource.health.message?.slice(0, 120)].filter((part) => part).join(': '),
    ]);
  for (const line of table(rows).split('\n'))
    yield `${paint(line, line.startsWith('  critical') ? 'red' : 'yellow')}\n`;
  if (unwell.length > SHOWN_MAX) yield `  … and ${unwell.length - SHOWN_MAX} more\n`;
}

function* danglingRows(view: View, paint: Paint): Iterable<string> {
  const broken = [...view.dangling()];
  if (broken.length === 0) return;
  yield `\n${paint('Broken references', 'bold')}\n`;
  const rows = broken.map(({ from, type, target, detail }) => {
    const declarer = view.get(from);
    return [`  ${declarer ? resourceTitle(declarer) : from}`, type, resourceTitle(target), detail.reason, detail.field];
  });
  rows.sort((a, b) => (a.join() < b.join() ? -1 : 1));
  for (const line of table(rows.slice(0, SHOWN_MAX)).split('\n')) yield `${paint(line, 'yellow')}\n`;
  if (rows.length > SHOWN_MAX) yield `  … and ${rows.length - SHOWN_MAX} more\n`;
}
