/** Evidence that several mechanisms give: what was said, and what was changed. */
import type { ObjectChange } from '../changes.ts';
import { type Evidence, weights } from '../hypothesis.ts';
import { changeEvidence } from './mechanism.ts';
import type { Said } from './said.ts';

/** What was said, with what it weighs. */
export function spoken({ evidence }: Said, weight: number): Evidence {
  return { ...evidence, weight };
}

/** A change as evidence, where there is one: less where only its time is known and not what it was. */
export function changed(change: ObjectChange | undefined, since: number, share = 1): readonly Evidence[] {
  if (change === undefined) return [];
  return [changeEvidence(change, since, share * (change.fields.length > 0 ? weights.changed : weights.written))];
}
