/**
 * Argo Events: who emits events, the bus that carries them and who acts on them.
 * Source: argoproj.io/v1alpha1 EventBus, EventSource, Sensor (argo-events 1.9; its CRDs have no schema, its Go types do).
 */
import { dnsTargets } from '../dns.ts';
import type { Found, Kind, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { containerRelations, podSpecRelations } from '../pod-template.ts';
import { namespaced, Secret, ServiceAccount } from '../refs.ts';
import { names, relation, textAt } from '../relations.ts';
import { columns, healthBy } from './custom-resource.ts';
import { configMapsBelow, secretsBelow } from './deep-references.ts';

const GROUP = 'argoproj.io';
const EventBus = namespaced(GROUP, 'EventBus');
const EventSource = namespaced(GROUP, 'EventSource');

/** Environment variables are told by the container; manifests to be created (`source.resource`) speak for themselves once they are. */
const own = ({ steps }: Found): boolean => !steps.includes('env') && !steps.includes('resource');

const SERVERS = 'spec.{jetstream,nats.native}';

const eventBus = kind({
  group: GROUP,
  name: EventBus.kind,
  plural: 'eventbus',
  namespaced: true,
  health: healthBy({ good: ['Configured', 'Deployed'] }),
  relations: [
    secretsBelow('spec'),
    names('RUNS_AS', `${SERVERS}.serviceAccountName`, ServiceAccount, { via: 'template' }),
    names('PULLS_WITH', `${SERVERS}.imagePullSecrets[*]`, Secret, { via: 'template' }),
  ],
});

/** `eventBusName`, called `default` when not said. */
function onBus(edge: string): Relation {
  return relation(edge, 'spec', EventBus.kind, { note: 'eventBusName, else default' }, ({ value, namespace }) => ({
    target: {
      by: 'name',
      group: EventBus.group,
      kind: EventBus.kind,
      namespace,
      name: textAt(value, 'eventBusName') ?? 'default',
    },
    suffix: '.eventBusName',
  }));
}

/** What an EventSource's and a Sensor's deployment need: `spec.template` is a pod spec with one container. */
const deployment: readonly Relation[] = [
  secretsBelow('spec', { when: own }),
  configMapsBelow('spec', { when: own }),
  ...podSpecRelations('spec.template', 'template'),
  ...containerRelations('spec.template.container', { via: 'template' }),
];

const eventSource = kind({
  group: GROUP,
  name: EventSource.kind,
  plural: 'eventsources',
  namespaced: true,
  summary: columns({ eventBus: 'spec.eventBusName' }),
  health: healthBy({ good: ['SourcesProvided', 'Deployed'] }),
  relations: [onBus('DELIVERS_TO'), ...deployment],
});

const sensor = kind({
  group: GROUP,
  name: 'Sensor',
  plural: 'sensors',
  namespaced: true,
  summary: columns({ eventBus: 'spec.eventBusName' }),
  health: healthBy({ good: ['DependenciesProvided', 'TriggersProvided', 'Deployed'] }),
  relations: [
    onBus('RECEIVES_FROM'),
    names('RECEIVES_FROM', 'spec.dependencies[*]', EventSource, {
      name: 'eventSourceName',
      attributes: ({ value }) => ({ event: textAt(value, 'eventName') ?? '' }),
    }),
    relation('CALLS', 'spec.triggers[*].template.http.url', 'Service', { confidence: 'heuristic' }, dnsTargets),
    ...deployment,
  ],
});

export const argoEvents: readonly Kind[] = [eventBus, eventSource, sensor];
