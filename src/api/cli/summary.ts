/** A readable summary of an estate: what there is, what is broken, and who suffers from it. */
import type { View } from '../../model/view.ts';
import { troubleIn } from '../../operations/find-trouble.ts';
import type { Context } from '../../operations/operation.ts';
import { outagesOf, outageText } from '../../operations/shared/reach.ts';
import { sizeOf, sizeText } from '../../operations/shared/size.ts';
import { namespaceLines, otherLines } from './estate-rows.ts';
import { counted, cut, type Page } from './text/layout.ts';
import { troubleLines } from './text/trouble.ts';

const SHOWN_MAX = 10;
const TROUBLES_MAX = 8;

/** Lines of text, each with its newline. */
export function* estateSummary(context: Context, page: Page): Iterable<string> {
  const { view } = context;
  const { paint } = page;
  yield `${paint('Estate', 'bold')}  ${headline(view).join(' · ')}\n\n`;
  if (view.resourceCount === 0) yield 'Nothing is known here.\n';
  yield* namespaceLines(view, page);
  yield* otherLines(view, page);
  yield* unseenLines(view, page);
  if (view.resourceCount > 0)
    yield* troubleLines(troubleIn(context, { limit: TROUBLES_MAX, breadth: TROUBLES_MAX }), page);
}

/** Clusters, what there is, relations and time. */
function headline(view: View): readonly string[] {
  return [
    view.clusters.join(', ') || 'no cluster',
    sizeText(sizeOf(view.resources())),
    counted(view.edgeCount, 'relation'),
    ...(view.at === undefined ? [] : [view.at.replace(/\.\d+/, '')]),
  ];
}

const unseen: ReadonlySet<string> = new Set(['loading', 'forbidden', 'broken']);

/** Kinds of which not everything is known: what is missing of them may be there. */
function* unseenLines(view: View, { paint, width }: Page): Iterable<string> {
  const kinds = new Map<string, Set<string>>();
  for (const { coverage, kind } of view.coverage()) {
    if (kind !== '*' && unseen.has(coverage)) kinds.set(coverage, (kinds.get(coverage) ?? new Set()).add(kind));
  }
  for (const outage of outagesOf(view).values()) yield `\n${paint(cut(`  ${outageText(outage)}`, width), 'yellow')}\n`;
  for (const [coverage, names] of kinds) {
    const shown = [...names].slice(0, SHOWN_MAX).join(', ');
    const more = names.size > SHOWN_MAX ? ` and ${names.size - SHOWN_MAX} more` : '';
    yield `\n${paint(cut(`  not known completely, ${coverage}: ${shown}${more}`, width), 'yellow')}\n`;
  }
}
