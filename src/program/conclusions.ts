/**
 * Conclusions where no analyst is at work: of the past, and of what is read as a whole. They follow from the window, so they are drawn when a question
 * needs them, by the same functions as live ones.
 */
import { conclusionsIn } from '../analysis/correlations.ts';
import { happeningsOf } from '../analysis/happenings.ts';
import type { Change } from '../model/change.ts';
import type { View } from '../model/view.ts';
import type { Witness } from './pipeline.ts';

/** Operations that tell of edges between happenings. */
const NEEDING: ReadonlySet<string> = new Set(['query', 'incident', 'resource', 'neighbours', 'paths', 'export']);

export function needsConclusions(operation: string): boolean {
  return NEEDING.has(operation);
}

/** What happenings have to do with each other, to be applied to the graph of the view. */
export function conclusionsOf(view: View): readonly Change[] {
  return [...conclusionsIn(view)];
}

/** Occurrences that commits show, of the latest so many. */
const DERIVED_MAX = 20_000;

/** Collects what commits show to have happened, for what is read as a whole. */
export class Deriving implements Witness {
  #derived: Change[] = [];

  see(...[commit, view]: Parameters<Witness['see']>): void {
    this.#derived.push(...happeningsOf(commit, view));
    if (this.#derived.length > 2 * DERIVED_MAX) this.#derived = this.#derived.slice(-DERIVED_MAX);
  }

  room(): undefined {
    return undefined;
  }

  /** What was collected. */
  taken(): readonly Change[] {
    return this.#derived.slice(-DERIVED_MAX);
  }
}
