/** How often somebody is blamed while nothing is wrong: every fifteen seconds of what was recorded without a fault, and before the fault. */
import type { Change } from '../../../src/model/change.ts';
import type { Labelled } from '../labels.ts';
import { explained } from './answers.ts';
import { estatesOf } from './estates.ts';

const EVERY_MS = 15_000;
/** Cases in which something was wrong for a while: what is said then is right. */
const RECOVERED = 'over-';
/** So long nothing is done to a case. */
const CALM_MS = 20_000;

export function claimsPerHour(recorded: readonly { readonly label: Labelled; readonly changes: readonly Change[] }[]): {
  readonly hours: number;
  readonly claims: number;
} {
  let [ms, claims] = [0, 0];
  for (const { label, changes } of recorded) {
    const begin = Date.parse(changes[0]?.at ?? '');
    const healthy =
      label.root === undefined && !label.id.startsWith(RECOVERED)
        ? changes
        : changes.filter(({ at }) => Date.parse(at) < begin + CALM_MS);
    const blamed = new Set<string>();
    for (const estate of estatesOf(healthy, EVERY_MS))
      for (const [first] of explained(estate)) if (first) blamed.add(`${first.kind}/${first.namespace}/${first.name}`);
    ms += Date.parse(healthy.at(-1)?.at ?? '') - begin;
    claims += blamed.size;
  }
  return { hours: ms / 3_600_000, claims };
}
