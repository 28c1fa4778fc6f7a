/** A readable summary of an estate: what there is, what is broken, and who suffers from it. */
import type { View } from '../../model/view.ts';
import { troubleIn } from '../../operations/find-trouble.ts';
import type { Context } from '../../operations/operation.ts';
import { namespaceLines, otherLines } from './estate-rows.ts';
import type { Paint } from './io.ts';
import { troubleLines } from './trouble-text.ts';

const SHOWN_MAX = 10;
const TROUBLES_MAX = 8;

/** Lines of text, each with its newline, for a terminal of so many columns. */
export function* estateSummary(context: Context, paint: Paint, width: number): Iterable<string> {
  const { view } = context;
  const clusters = view.clusters.join(', ') || 'no cluster';
  const at = view.at === undefined ? '' : ` · ${view.at.replace(/\.\d+/, '')}`;
  yield `${paint('Estate', 'bold')}  ${clusters} · ${view.resourceCount} resources · ${view.edgeCount} relations${at}\n\n`;
  if (view.resourceCount === 0) yield 'Nothing is known here.\n';
  yield* namespaceLines(view, paint, width);
  yield* otherLines(view, width);
  yield* unseenLines(view, paint);
  if (view.resourceCount > 0)
    yield* troubleLines(troubleIn(context, { limit: TROUBLES_MAX, breadth: TROUBLES_MAX }), paint, width);
}

const unseen: ReadonlySet<string> = new Set(['loading', 'forbidden', 'broken']);

/** Kinds of which not everything is known: what is missing of them may be there. */
function* unseenLines(view: View, paint: Paint): Iterable<string> {
  const kinds = new Map<string, Set<string>>();
  for (const { coverage, kind } of view.coverage()) {
    if (unseen.has(coverage)) kinds.set(coverage, (kinds.get(coverage) ?? new Set()).add(kind));
  }
  for (const [coverage, names] of kinds) {
    const shown = [...names].slice(0, SHOWN_MAX).join(', ');
    const more = names.size > SHOWN_MAX ? ` and ${names.size - SHOWN_MAX} more` : '';
    yield paint(`\n  not known completely, ${coverage}: ${shown}${more}\n`, 'yellow');
  }
}
