/** Stories in which nothing is wrong, however it looks. */
import assert from 'node:assert/strict';
import { explanationOf } from '../../src/operations/explain.ts';
import { estateOf } from './estate.ts';
import type { Story } from './told.ts';

/** That there is no incident; what is told instead shows in the failure. */
export function assertHealthy(story: Story): void {
  const { incidents, healthy } = explanationOf(estateOf(story));
  const told = incidents.map(({ title, causes }) => [title, ...causes.map(({ confidence }) => confidence)]);
  assert.deepEqual({ told, healthy }, { told: [], healthy: true });
}
