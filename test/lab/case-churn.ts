/** Which innocent changes go on beside a case: one to three, chosen by its id, so that they are the same whenever it is recorded. */
import { type Churn, churns } from './churn.ts';
import type { Case } from './fault.ts';
import { hash } from './finish.ts';

export function churnOf({ id, churn, namespaces }: Case): readonly Churn[] {
  return (churn ?? chosen(id)).map((name) => {
    const make = churns[name];
    if (make === undefined) throw new Error(`${id}: no churn is called ${name}`);
    return make(namespaces.at(-1) ?? '');
  });
}

function chosen(id: string): readonly string[] {
  const names = Object.keys(churns);
  const digest = hash(id);
  const count = 1 + ((digest[2] ?? 0) % 3);
  const start = digest[3] ?? 0;
  const stride = 1 + 2 * ((digest[4] ?? 0) % 3);
  return [
    ...new Set(Array.from({ length: count }, (_, index) => names[(start + index * stride) % names.length] ?? '')),
  ];
}
