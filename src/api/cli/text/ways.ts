/** Answers that lead from one resource to others, as trees: each line says how it is joined to the line that it hangs from. */
import type { z } from 'zod';
import { compareText } from '../../../model/order.ts';
import type { findImpact } from '../../../operations/find-impact.ts';
import type { findNeighbours } from '../../../operations/find-neighbours.ts';
import type { findPaths } from '../../../operations/find-paths.ts';
import type { findWhatIf } from '../../../operations/find-what-if.ts';
import { type Branch, type Cell, counted, heading, type Page, textOf, tree } from './layout.ts';
import { confidence, healthCell, type Named, relationText, state, title } from './names.ts';

/** An edge as answers name it. */
interface Step {
  readonly type: string;
  readonly from: string;
  readonly to: string;
}

type Found = Named & { readonly id: string };

/** A resource and the edge by which it hangs from another. */
interface Joined {
  readonly resource: Found;
  readonly edge: Step | undefined;
  readonly before?: Cell;
  readonly after?: readonly Cell[];
}

/** `calls Service/shop/api`, `Service/shop/api selects this`: an edge seen from above. */
function phrase(resource: Found, edge: Step | undefined): string {
  if (edge === undefined) return title(resource);
  const words = relationText(edge.type);
  return edge.to === resource.id ? `${words} ${title(resource)}` : `${title(resource)} ${words} this`;
}

/** By name; what is said first of each (how it suffers) keeps its order. */
function sorted<T extends { readonly resource: Named; readonly before?: Cell }>(items: readonly T[]): readonly T[] {
  const signs = [...new Set(items.map(({ before = '' }) => textOf(before)))];
  const rank = ({ before = '' }: T): number => signs.indexOf(textOf(before));
  return items.toSorted((a, b) => rank(a) - rank(b) || compareText(title(a.resource), title(b.resource)));
}

/** What hangs from what; what has no edge, or hangs from nothing that is listed, stands at the left. */
function branches(joined: readonly Joined[]): readonly Branch[] {
  const known = new Set(joined.map(({ resource }) => resource.id));
  const below = Map.groupBy(sorted(joined), (one) => {
    const above = upperEnd(one);
    return known.has(above) ? above : '';
  });
  const grow = (id: string): readonly Branch[] =>
    (below.get(id) ?? []).map((one) => ({
      head: [one.before ?? '', phrase(one.resource, one.edge), ...(one.after ?? [])],
      children: grow(one.resource.id),
    }));
  return grow('');
}

/** The other end of the edge by which a resource hangs. */
function upperEnd({ resource, edge }: Joined): string {
  return edge === undefined ? '' : edge.from === resource.id ? edge.to : edge.from;
}

const signs: Readonly<Record<string, string>> = { breaks: '✗', degrades: '!' };

type Impact = z.output<typeof findImpact.output>;

export function* impactText({ resource, missing, impacted, total }: Impact, page: Page): Iterable<string> {
  const event = missing ? `As long as ${title(resource)} is missing` : `When ${title(resource)} fails or goes`;
  if (impacted.length === 0) return yield `${event}: nothing that is known suffers.\n`;
  yield `${event}: ${totals(total)}.\n\n`;
  yield* tree(branches([{ resource, edge: undefined }, ...suffering(impacted)]), page);
}

/** `3 break (✗), 1 degrades (!), 2 suffer at the next start (○)`. */
function totals({ breaks, degrades, nextStart }: Impact['total']): string {
  return [
    ...(breaks > 0 ? [`${breaks} ${breaks === 1 ? 'breaks' : 'break'} (✗)`] : []),
    ...(degrades > 0 ? [`${degrades} ${degrades === 1 ? 'degrades' : 'degrade'} (!)`] : []),
    ...(nextStart > 0 ? [`${nextStart} ${nextStart === 1 ? 'suffers' : 'suffer'} at the next start (○)`] : []),
  ].join(', ');
}

function suffering(impacted: Impact['impacted']): readonly Joined[] {
  return impacted.map(({ resource, effect, when, path, confidence: sure }) => ({
    resource,
    edge: path.at(-1),
    before: when === 'now' ? state(effect, signs[effect]) : { text: '○', style: 'yellow' },
    after: [{ text: [path.at(-1)?.field, confidence(sure)].filter(Boolean).join(' · '), style: 'dim' }],
  }));
}

type WhatIf = z.output<typeof findWhatIf.output>;

const goneBecause: Readonly<Record<string, string>> = {
  deleted: 'deleted',
  evicted: 'evicted',
  owner: 'goes with its owner',
  namespace: 'goes with its namespace',
  definition: 'goes with its definition',
};

export function* whatIfText({ gone, impacted, total, notes }: WhatIf, page: Page): Iterable<string> {
  if (gone.length === 0) return yield 'Nothing would go.\n';
  yield `${page.paint(`${counted(total.gone, 'resource')} would go`, 'bold')}\n`;
  const ids = new Set(gone.map(({ resource }) => resource.id));
  const below = Map.groupBy(sorted(gone), ({ because }) =>
    because !== undefined && ids.has(because.id) ? because.id : '',
  );
  const grow = (id: string): readonly Branch[] =>
    (below.get(id) ?? []).map(({ resource, reason, recreatedBy, isDone }) => ({
      head: [
        { text: '−', style: 'red' },
        title(resource),
        { text: goneBecause[reason] ?? reason, style: 'dim' },
        recreatedBy === undefined ? '' : { text: `made anew by ${title(recreatedBy)}`, style: 'green' },
        isDone ? { text: 'of a finished Job', style: 'dim' } : '',
      ],
      children: grow(resource.id),
    }));
  yield* tree(grow(''), page, '  ');
  if (notes.length > 0) yield heading('Mind', page);
  for (const { message } of notes) yield* tree([{ head: [`· ${message}`], children: [] }], page, '  ');
  yield heading(impacted.length === 0 ? 'Nothing else suffers' : `Who suffers: ${totals(total)}`, page);
  const joined = suffering(impacted);
  const needed = new Set(joined.map(upperEnd));
  const causes = gone.filter(({ resource }) => needed.has(resource.id));
  yield* tree(branches([...causes.map(({ resource }) => ({ resource, edge: undefined })), ...joined]), page, '  ');
}

type Paths = z.output<typeof findPaths.output>;

export function* pathsText({ paths }: Paths, page: Page): Iterable<string> {
  if (paths.length === 0)
    return yield 'No path joins them within that length. Paths lead through hubs (namespaces, nodes, images) only with --hubs.\n';
  for (const [index, { length, resources, edges }] of paths.entries()) {
    if (index > 0) yield '\n';
    yield `${page.paint(counted(length, 'step'), 'dim')}\n`;
    const chain = resources.reduceRight<readonly Branch[]>((children, resource, place) => {
      const edge = edges[place - 1];
      return [
        {
          head: [
            phrase(resource, edge),
            healthCell(resource.health),
            {
              text: edge ? [edge.detail.field, confidence(edge.detail.confidence)].filter(Boolean).join(' · ') : '',
              style: 'dim',
            },
          ],
          children,
        },
      ];
    }, []);
    yield* tree(chain, page);
  }
}

type Neighbours = z.output<typeof findNeighbours.output>;

export function* neighboursText({ resource, neighbours, edges, leaves }: Neighbours, page: Page): Iterable<string> {
  const distance = new Map([[resource.id, 0], ...neighbours.map((one) => [one.id, one.distance] as const)]);
  const nearer = new Map<string, Step>();
  for (const edge of edges)
    for (const [id, other] of [
      [edge.from, edge.to],
      [edge.to, edge.from],
    ] as const)
      if (!nearer.has(id) && distance.get(other) === (distance.get(id) ?? 0) - 1) nearer.set(id, edge);
  const hubs = new Set(leaves);
  const joined = neighbours.map(
    (one): Joined => ({
      resource: one,
      edge: nearer.get(one.id),
      after: [healthCell(one.health), hubs.has(one.id) ? { text: '(not walked through)', style: 'dim' } : ''],
    }),
  );
  const root = { resource, edge: undefined, after: [healthCell(resource.health)] };
  yield* tree(branches([root, ...joined]), page);
}
