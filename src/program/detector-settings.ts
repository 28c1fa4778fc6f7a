/** Settings of the detectors of patterns: from when on something is one. The defaults are those of the systems that this one replaces. */
import { z } from 'zod';
import { defaultThresholds, type Thresholds } from '../analysis/detectors/thresholds.ts';

const many = (standard: number, text: string) => z.number().nonnegative().default(standard).describe(text);
const d = defaultThresholds;

export const detectorSettings = {
  confidenceMin: z
    .number()
    .min(0)
    .max(1)
    .default(d.confidenceMin)
    .describe('patterns that are not more certain than this are not told'),
  deathSpiralRestarts: many(d.deathSpiralRestarts, 'death_spiral: more restarts of a pod than this'),
  deathSpiralMinutes: many(d.deathSpiralMinutes, 'death_spiral: within so many minutes'),
  crashLoopRestarts: many(d.crashLoopRestarts, 'crash_loop_backoff: at least so many ends of a container'),
  crashLoopMinutes: many(d.crashLoopMinutes, 'crash_loop_backoff: within so many minutes'),
  oomCascadeSeconds: many(
    d.oomCascadeSeconds,
    'oom_kill_cascade: siblings restart within so many seconds of a kill for memory',
  ),
  configMinutes: many(
    d.configMinutes,
    'config_cascade, configmap_change_cascade: within so many minutes of the change',
  ),
  evictions: many(d.evictions, 'node_pressure_eviction: without signs of pressure, more evictions of a node than this'),
  evictionMinutes: many(d.evictionMinutes, 'node_pressure_eviction: within so many minutes'),
  serviceRatio: z
    .number()
    .min(0)
    .max(1)
    .default(d.serviceRatio)
    .describe('service_disruption: a smaller part of the pods than this runs'),
  serviceMinutes: many(d.serviceMinutes, 'service_disruption: or more than half restarted within so many minutes'),
  rolloutMinutes: many(
    d.rolloutMinutes,
    'rolling_update_failure: new pods fail within so many minutes of the beginning',
  ),
  errorsPerMinute: many(d.errorsPerMinute, 'error_spike: more errors of one application a minute than this'),
  errorMinutes: many(d.errorMinutes, 'error_spike: for so many minutes'),
  serverErrors: many(d.serverErrors, 'error_spike: or at least so many answers 5xx in that time'),
  cascadeDependents: many(
    d.cascadeDependents,
    'cascading_failure: at least so many who depend on a failing one fail, too',
  ),
  cascadeMinutes: many(d.cascadeMinutes, 'cascading_failure: within so many minutes'),
  cascadeErrors: many(
    d.cascadeErrors,
    'cascading_failure: or more errors of one reason than this, of three applications',
  ),
  leakKills: many(d.leakKills, 'memory_leak: at least so many kills for memory of one workload, each after a while'),
  leakMinutes: many(d.leakMinutes, 'memory_leak: within so many minutes'),
  churnOperations: many(
    d.churnOperations,
    'resource_churn: more objects of one kind and owner made or removed than this',
  ),
  churnMinutes: many(d.churnMinutes, 'resource_churn: within so many minutes'),
  noisyMinutes: many(
    d.noisyMinutes,
    'noisy_neighbor: greed or throttling within so many minutes of pressure on the node',
  ),
  storageMinutes: many(d.storageMinutes, 'storage_starvation: pods end within so many minutes of having no space left'),
  bootstrapMinutes: many(
    d.bootstrapMinutes,
    'bootstrap_race: restarts within so many minutes of the beginning are forgiven',
  ),
} satisfies Record<keyof Thresholds, z.ZodType>;
