/** The table of detectors, and what they find together: certain enough, what goes on before what is past, the worst first. */
import type { Case } from '../case.ts';
import { bootstrapRace } from './bootstrap-race.ts';
import { cascadingFailure } from './cascading-failure.ts';
import { configCascade, configChangeRestarts } from './config-cascade.ts';
import { crashLoop } from './crash-loop.ts';
import { deathSpiral } from './death-spiral.ts';
import { CLUES_MAX, counted, type Detection, type Detector, type Pattern } from './detection.ts';
import { errorSpike } from './error-spike.ts';
import { memoryLeak } from './memory-leak.ts';
import { nodePressureEviction } from './node-pressure-eviction.ts';
import { noisyNeighbour } from './noisy-neighbour.ts';
import { oomCascade } from './oom-cascade.ts';
import { resourceChurn } from './resource-churn.ts';
import { rollingUpdateFailure } from './rolling-update-failure.ts';
import { serviceDisruption } from './service-disruption.ts';
import { distinct } from './signals.ts';
import { storageStarvation } from './storage-starvation.ts';
import { defaultThresholds, type Thresholds } from './thresholds.ts';

export const detectors: Readonly<Record<Pattern, Detector>> = {
  death_spiral: deathSpiral,
  config_cascade: configCascade,
  crash_loop_backoff: crashLoop,
  oom_kill_cascade: oomCascade,
  configmap_change_cascade: configChangeRestarts,
  node_pressure_eviction: nodePressureEviction,
  service_disruption: serviceDisruption,
  rolling_update_failure: rollingUpdateFailure,
  error_spike: errorSpike,
  cascading_failure: cascadingFailure,
  memory_leak: memoryLeak,
  resource_churn: resourceChurn,
  noisy_neighbor: noisyNeighbour,
  storage_starvation: storageStarvation,
  bootstrap_race: bootstrapRace,
};

const ORDER: Readonly<Record<Detection['severity'], number>> = { critical: 0, warning: 1, info: 2 };

/** Everything that is found; a pod that only lost a race as it began is in no other pattern that is past. */
export function detect(known: Case, thresholds: Thresholds = defaultThresholds): readonly Detection[] {
  const found = Object.values(detectors).flatMap((detector) => [...detector(known, thresholds)]);
  const races = found.filter(({ pattern }) => pattern === 'bootstrap_race');
  const innocent = new Set(races.flatMap(({ resources }) => resources.map(({ id }) => id)));
  const isRace = ({ pattern, active, resources }: Detection): boolean =>
    OF_RESTARTS.has(pattern) && !active && resources.length > 0 && resources.every(({ id }) => innocent.has(id));
  const certain = found.filter((one) => one.confidence > thresholds.confidenceMin && !isRace(one));
  return merged(certain).sort(
    (a, b) =>
      Number(b.active) - Number(a.active) ||
      ORDER[a.severity] - ORDER[b.severity] ||
      b.confidence - a.confidence ||
      a.since - b.since,
  );
}

/** The same of several pods of one workload is one. */
function merged(found: readonly Detection[]): Detection[] {
  const groups = Map.groupBy(found, ({ pattern, subject, active }) => `${pattern} ${subject.id} ${active}`);
  return [...groups.values()].flatMap((same) => {
    const [first, ...more] = same.sort((a, b) => ORDER[a.severity] - ORDER[b.severity] || a.since - b.since);
    if (first === undefined || more.length === 0) return first ?? [];
    return {
      ...first,
      confidence: Math.max(...same.map(({ confidence }) => confidence)),
      since: Math.min(...same.map(({ since }) => since)),
      until: Math.max(...same.map(({ until }) => until)),
      resources: distinct(same.flatMap(({ resources }) => resources)),
      summary: `${first.summary} The same of ${counted(more.length, 'other')}.`,
      evidence: same.flatMap(({ evidence }) => evidence).slice(0, CLUES_MAX),
    };
  });
}

/** What a lost race looks like. */
const OF_RESTARTS: ReadonlySet<Pattern> = new Set(['death_spiral', 'crash_loop_backoff', 'service_disruption']);
