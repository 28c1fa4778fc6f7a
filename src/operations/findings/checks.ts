/** The table of checks. Add one by writing it into the file it fits and nowhere else. */
import type { Check } from './check.ts';
import { portChecks } from './ports.ts';
import { referenceChecks } from './references.ts';
import { selectionChecks } from './selection.ts';
import { structureChecks } from './structure.ts';
import { unusedChecks } from './unused.ts';

export const checks: readonly Check[] = [
  ...referenceChecks,
  ...selectionChecks,
  ...portChecks,
  ...structureChecks,
  ...unusedChecks,
];
