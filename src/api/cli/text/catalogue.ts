/** What is known of the estate as a whole: clusters, kinds, relations, numbers, and what could not be taken. */
import type { z } from 'zod';
import type { count } from '../../../operations/count.ts';
import type { listClusters } from '../../../operations/list-clusters.ts';
import type { listKinds } from '../../../operations/list-kinds.ts';
import type { listRejections } from '../../../operations/list-rejections.ts';
import type { listRelations } from '../../../operations/list-relations.ts';
import { sizeText } from '../../../operations/shared/size.ts';
import { counted, heading, type Page, table } from './layout.ts';
import { state } from './names.ts';

type Answer<O extends { readonly output: z.ZodType }> = z.output<O['output']>;

/** Kinds named in a row. */
const TOGETHER_MAX = 6;
/** More edge types than this are listed without their rules. */
const RULES_SHOWN_MAX = 8;

export function* kindsText({ items }: Answer<typeof listKinds>, page: Page): Iterable<string> {
  const rows = items.map(({ kind, group, plural, count: number, pseudo, coverage }) => [
    kind,
    pseudo ? { text: 'only named', style: 'dim' as const } : group,
    plural,
    String(number),
    notReady(coverage),
  ]);
  yield* table(['KIND', 'GROUP', 'PLURAL', 'COUNT', 'NOT COMPLETE'], rows, page);
}

/** `forbidden in prod, loading in dev`. */
function notReady(coverage: Readonly<Record<string, string>>): string {
  return Object.entries(coverage)
    .filter(([, how]) => how !== 'ready')
    .map(([cluster, how]) => `${how} in ${cluster}`)
    .join(', ');
}

export function* relationsText({ items }: Answer<typeof listRelations>, page: Page): Iterable<string> {
  if (items.length > RULES_SHOWN_MAX) {
    const rows = items.map(({ type, sentence, family, rules, ...failure }) => [
      type,
      `A ${sentence} B`,
      failureText(failure),
      String(rules.length),
      family,
    ]);
    yield* table(['TYPE', 'MEANS', 'FAILURE', 'RULES', 'FAMILY'], rows, page);
    return yield `${page.paint('The rules of a type: kube-kg relations --types TYPE', 'dim')}\n`;
  }
  for (const { type, sentence, family, rules, ...failure } of items) {
    yield heading(`${type} — A ${sentence} B`, page).trimStart();
    yield `${[family, failureText(failure)].filter(Boolean).join(' · ')}\n\n`;
    const rows = rules.map(({ declaredBy, group, field, to, confidence, reverse, note = '' }) => [
      group === '' || group === '*' ? declaredBy : `${declaredBy}.${group}`,
      field,
      reverse ? `from ${to}` : to,
      confidence,
      note,
    ]);
    yield* table(['DECLARED BY', 'FIELD', 'TARGET', 'SURE', 'NOTE'], rows, page, '  ');
    yield '\n';
  }
}

type Relation = Answer<typeof listRelations>['items'][number];

/** `A breaks without B`. */
function failureText({ against, along }: Pick<Relation, 'against' | 'along'>): string {
  return [...(against ? [`A ${against} without B`] : []), ...(along ? [`B ${along} without A`] : [])].join(', ');
}

export function* countsText(
  { resources, events = 0, named = 0, edges, dangling, health, kinds, namespaces, clusters }: Answer<typeof count>,
  page: Page,
): Iterable<string> {
  yield `${sizeText({ resources, events, named })}\n`;
  yield `In the whole graph: ${counted(edges, 'relation')}, ${counted(dangling, 'broken reference')}\n`;
  for (const [words, tally] of [
    ['HEALTH', health],
    ['NAMESPACE', namespaces],
    ['CLUSTER', clusters],
    ['KIND', kinds],
  ] as const) {
    const rows = Object.entries(tally)
      .filter(([, number]) => number > 0)
      .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
      .map(([name, number]) => [state(name || '(cluster-scoped)'), String(number)]);
    if (words === 'CLUSTER' && rows.length < 2) continue;
    yield '\n';
    yield* table([words, 'COUNT'], rows, page);
  }
}

export function* clustersText({ items, asOf = 'now' }: Answer<typeof listClusters>, page: Page): Iterable<string> {
  if (items.length === 0) return yield 'No cluster is known.\n';
  const rows = items.map(({ name, state: how, resources, kinds, since, message }) => [
    name,
    { text: how, style: how === 'ready' ? ('green' as const) : ('yellow' as const) },
    String(resources),
    Object.entries(kinds)
      .map(([coverage, number]) => `${number} ${coverage}`)
      .join(', '),
    since ?? '',
    message ?? '',
  ]);
  yield* table(['CLUSTER', 'STATE', 'RESOURCES', 'KINDS', 'SINCE', 'WHY'], rows, page);
  for (const { name, incomplete, gaps } of items) {
    if (incomplete.length > 0) {
      yield heading(`Not known completely in ${name}`, page);
      const unknown = together(incomplete, ({ coverage, namespace, message = '' }) => [coverage, namespace, message]);
      yield* table(['WHY', 'NAMESPACE', 'MESSAGE', 'KIND'], unknown, page, '  ');
    }
    if (gaps.length > 0) {
      yield heading(`Not observed in ${name}`, page);
      const missed = together(gaps, ({ from, to = asOf, namespace }) => [from, to, namespace]);
      yield* table(['FROM', 'TO', 'NAMESPACE', 'KIND'], missed, page, '  ');
    }
  }
}

/** One row for kinds of which the same is told: mostly all of them. */
function together<T extends { readonly group: string; readonly kind: string }>(
  scopes: readonly T[],
  told: (scope: T) => readonly string[],
): readonly (readonly string[])[] {
  const rows = Map.groupBy(scopes, (scope) => JSON.stringify(told(scope)));
  return Array.from(rows.values(), (same) => {
    const kinds = same.map(({ group, kind }) => (group === '' ? kind : `${kind}.${group}`));
    const more = kinds.length > TOGETHER_MAX ? ` and ${kinds.length - TOGETHER_MAX} more` : '';
    const [first] = same;
    return [...(first ? told(first) : []), `${kinds.slice(0, TOGETHER_MAX).join(', ')}${more}`];
  });
}

export function* rejectionsText(
  { count: number, reasons, latest }: Answer<typeof listRejections>,
  page: Page,
): Iterable<string> {
  if (number === 0) return yield 'Everything that was observed could be taken.\n';
  yield `${counted(number, 'change')} could not be taken, or only in part\n\n`;
  yield* table(
    ['COUNT', 'REASON'],
    Object.entries(reasons).map(([reason, times]) => [String(times), reason]),
    page,
  );
  if (latest.length === 0) return;
  yield heading('The latest', page);
  yield* table(
    ['AT', 'SUBJECT', 'REASON'],
    latest.map(({ at, subject, reason }) => [at, subject, reason]),
    page,
  );
}
