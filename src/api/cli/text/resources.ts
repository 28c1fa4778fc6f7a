/** Resources as `kubectl get` and `kubectl describe` show them. */
import type { z } from 'zod';
import type { findResources } from '../../../operations/find-resources.ts';
import type { getResource } from '../../../operations/get-resource.ts';
import { type Cell, counted, fields, heading, type Page, shownColumns, table } from './layout.ts';
import { columnName, confidence, healthCell, named, relationText, severalClusters, state, title } from './names.ts';

type List = z.output<typeof findResources.output>;
type Resource = List['items'][number];

/** A table: the columns of the kind where there is one kind, else what each says of itself. */
export function* resourcesText({ items, at }: List, page: Page): Iterable<string> {
  if (items.length === 0) return yield 'No resources found.\n';
  const clusters = severalClusters(items);
  const oneKind = items.every(({ kind, group }) => kind === items[0]?.kind && group === items[0]?.group);
  const keys = oneKind ? [...new Set(items.flatMap(({ summary }) => Object.keys(summary)))] : [];
  const head = [
    'CLUSTER',
    'NAMESPACE',
    'KIND',
    'NAME',
    'HEALTH',
    oneKind ? '' : 'SAYS',
    'AGE',
    ...keys.map(columnName),
  ];
  const rows = items.map((resource): Cell[] => [
    clusters ? resource.cluster : '',
    resource.namespace,
    oneKind ? '' : resource.kind,
    resource.name,
    healthCell(resource.health.status),
    oneKind ? '' : says(resource),
    age(resource.createdAt, at),
    ...keys.map((key) => String(resource.summary[key] ?? '')),
  ]);
  const columns = shownColumns(head, rows, page.width, head.length - keys.length);
  yield* table(
    head.slice(0, columns),
    rows.map((row) => row.slice(0, columns)),
    page,
  );
  if (columns < head.length)
    yield `${page.paint(`${counted(head.length - columns, 'more column')}: widen the terminal, or -o json`, 'dim')}\n`;
}

/** `CrashLoopBackOff: exit code 1`. */
function says({ health: { reason = '', message = '' } }: Pick<Resource, 'health'>): string {
  return [reason, message].filter((part) => part !== '').join(': ');
}

const units = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
  ['s', 1],
] as const;

/** As kubectl writes it, up to the time of the answer. */
function age(since: string | undefined, at: string | undefined): string {
  const seconds = Math.floor((Date.parse(at ?? '') - Date.parse(since ?? '')) / 1000);
  if (!(seconds >= 0)) return '';
  const [unit, size] = units.find(([, one]) => seconds >= 2 * one) ?? ['s', 1];
  return `${Math.floor(seconds / size)}${unit}`;
}

type Description = z.output<typeof getResource.output>;

/** Who it is and how it is; then what it lacks, and its relations by type, each with the field that says so. */
export function* resourceText(
  { resource, out, in: reaching, dangling, at }: Description,
  page: Page,
): Iterable<string> {
  const { kind, group, namespace, name, cluster, createdAt, labels, summary, health, pseudo } = resource;
  yield* fields(
    [
      ['Name', name],
      ['Namespace', namespace],
      ['Kind', group === '' ? kind : `${kind} (${group})`],
      ['Cluster', cluster],
      ['Created', createdAt === undefined ? undefined : `${createdAt} (${age(createdAt, at)} old)`],
      ['Object', pseudo ? 'none: it is only named by others' : undefined],
      ['Labels', Object.entries(labels).map(([key, value]) => `${key}=${value}`)],
      ['Health', state(health.status, [health.status, says({ health })].filter(Boolean).join(' · '))],
      ...Object.entries(summary).map(([key, value]) => [wordsOf(key), String(value)] as const),
    ],
    page,
  );
  if (dangling.length > 0) {
    yield heading(`Lacks (${dangling.length})`, page);
    yield* table(
      [],
      dangling.map(({ type, target, detail }) => [
        relationText(type),
        { text: title(target), style: 'red' },
        state(detail.reason, detail.optional ? `${detail.reason}, optional` : detail.reason),
        { text: detail.field, style: 'dim' },
      ]),
      page,
      '  ',
    );
  }
  yield* sideText('From it', out, '', page);
  yield* sideText('To it', reaching, ' it', page);
  if (out.items.length + reaching.items.length + dangling.length === 0)
    yield `\nNothing is connected to ${named(resource)}.\n`;
}

function* sideText(words: string, { items, total }: Description['out'], object: string, page: Page): Iterable<string> {
  if (items.length === 0) return;
  yield heading(`${words} (${Object.values(total).reduce((sum, count) => sum + count, 0)})`, page);
  const rows = items.map(({ other, evidence }): Cell[] => [
    title(other),
    healthCell(other.health),
    { text: evidence.field, style: 'dim' },
    { text: confidence(evidence.confidence), style: 'dim' },
  ]);
  let place = 0;
  for (const row of table([], rows, page, '    ')) {
    const type = items[place]?.type ?? '';
    if (type !== items[place - 1]?.type) yield `  ${relationText(type)}${object}\n`;
    yield row;
    place++;
  }
}

/** `upToDate` → `Up to date`. */
function wordsOf(key: string): string {
  const words = key.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replace(/\bip\b/, 'IP');
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}
