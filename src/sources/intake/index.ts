/** The table of formats: everything that can be sent, by name. Add one by writing a file and naming it here. */
import { alertmanager } from './alertmanager.ts';
import { cloudEvents } from './cloud-events.ts';
import type { Format } from './format.ts';
import { kubernetesEvent } from './kubernetes-event.ts';
import { alertsEnriched, eventsNormalized, logsNormalized } from './normalized.ts';
import { occurrences } from './occurrences.ts';
import { otlpLogs } from './otlp-logs.ts';
import { prometheusRules, prometheusTargets } from './prometheus.ts';
import { rawEvent } from './raw-event.ts';
import { stateResource } from './state-resource.ts';
import { stateTopology } from './state-topology.ts';
import { unifiedEvent } from './unified-event.ts';

export const formats: ReadonlyMap<string, Format> = new Map(
  [
    occurrences,
    cloudEvents,
    alertmanager,
    otlpLogs,
    kubernetesEvent,
    rawEvent,
    unifiedEvent,
    eventsNormalized,
    logsNormalized,
    alertsEnriched,
    stateResource,
    stateTopology,
    prometheusTargets,
    prometheusRules,
  ].map((format) => [format.name, format]),
);
