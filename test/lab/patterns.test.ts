/** What the detectors make of the development half of the lab: nothing where nothing is wrong, and something where a fault is of their kind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Case } from '../../src/analysis/case.ts';
import type { Detection } from '../../src/analysis/detectors/detection.ts';
import { detect } from '../../src/analysis/detectors/index.ts';
import { estateOf } from './eval/estates.ts';
import { read } from './finish.ts';
import { readLabels, recordingOf } from './labels.ts';

const labels = readLabels().filter(({ split }) => split === 'development');

const goingOn = (path: string): readonly Detection[] =>
  detect(new Case(estateOf(read(path)))).filter(({ active, severity }) => active && severity !== 'info');

test('DT25 no recording in which nothing is wrong has a pattern that goes on and harms somebody', () => {
  const innocent = labels.filter(({ root }) => root === undefined);
  assert.ok(innocent.length >= 10);
  for (const label of innocent)
    assert.deepEqual(
      goingOn(recordingOf(label)).map(({ pattern, subject }) => `${pattern} ${subject.name}`),
      [],
      label.id,
    );
});

test('DT26 faults that people know by name are found under it', () => {
  const expected: Readonly<Record<string, string>> = {
    'node-short-of-memory': 'node_pressure_eviction',
    'release-that-panics': 'crash_loop_backoff',
    'image-registry-unknown': 'rolling_update_failure',
    'chain-settings-to-front': 'cascading_failure',
    'command-script-edited': 'configmap_change_cascade',
    'database-pool-leaks': 'error_spike',
    'memory-limit-lowered': 'death_spiral',
    'policy-denies-all': 'service_disruption',
  };
  for (const [id, pattern] of Object.entries(expected)) {
    const label = labels.find((one) => one.id === id);
    assert.ok(label, id);
    assert.ok(
      goingOn(recordingOf(label)).some((one) => one.pattern === pattern),
      `${id}: ${pattern}`,
    );
  }
});
