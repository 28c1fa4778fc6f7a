/**
 * Knative Eventing: where events come from, what carries them, and who receives them.
 * Sources: eventing.knative.dev/v1, messaging.knative.dev/v1, flows.knative.dev/v1, sources.knative.dev/v1, sinks.knative.dev (eventing 0.50).
 */
import { selectorFrom } from '../../model/selector.ts';
import { dnsTargets } from '../dns.ts';
import type { Found, Kind, Outcome, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { labelled } from '../pod-peers.ts';
import { podSpecRelations } from '../pod-template.ts';
import { namespaced, Secret, ServiceAccount } from '../refs.ts';
import { groupIn, names, refersTo, relation, textAt } from '../relations.ts';
import { columns, ready } from './custom-resource.ts';
import { secretsBelow } from './deep-references.ts';

const EVENTING = 'eventing.knative.dev';
const MESSAGING = 'messaging.knative.dev';
const FLOWS = 'flows.knative.dev';
const SOURCES = 'sources.knative.dev';
const SINKS = 'sinks.knative.dev';
const Broker = namespaced(EVENTING, 'Broker');

const readyAndReason = { ready: '@Ready', reason: '@Ready.reason' };
const url = { url: 'status.address.url', ...readyAndReason };
const sinkColumn = { sink: 'status.sinkUri', ...readyAndReason };

/** Every Destination of a spec, `{ref: {kind, name, …}}` or `{uri}`: sinks, subscribers, replies, dead letters. */
const destinations: readonly Relation[] = [
  refersTo('DELIVERS_TO', 'spec.**.ref', 'any addressable', {
    namespace: 'namespace',
    note: 'sinks, subscribers, replies, filters and dead letters',
    attributes: ({ steps }) => ({ as: String(steps.findLast((step) => typeof step === 'string' && step !== 'ref')) }),
  }),
  relation('DELIVERS_TO', 'spec.**.uri', 'Service', { confidence: 'heuristic' }, dnsTargets),
];

const awsSecret = names('USES_SECRET', 'spec.aws.auth.secret.ref', Secret);

const eventing = (
  group: string,
  name: string,
  plural: string,
  cells: Parameters<typeof columns>[0],
  relations: readonly Relation[],
): Kind => kind({ group, name, plural, namespaced: true, summary: columns(cells), health: ready, relations });

/** Objects that a selector with its own kind means: `{apiVersion, kind, selector}` or `{apiVersion, kind, matchLabels}`. */
function kindSelected(reference: unknown, labelSelector: unknown, { namespace, lookup }: Found): Outcome | undefined {
  const kindName = textAt(reference, 'kind');
  const selector = labelSelector == null ? undefined : selectorFrom(labelSelector);
  if (kindName === undefined || selector === undefined) return undefined;
  const namespaces = { type: 'names', names: [textAt(reference, 'namespace') ?? namespace] } as const;
  return labelled(lookup(groupIn(reference), kindName), selector, namespaces);
}

/** `system:serviceaccount:NAMESPACE:NAME`, the identity in an event's token. */
const subject = relation('ALLOWS_FROM', 'spec.from[*].sub', 'ServiceAccount', {}, ({ value }) => {
  const [, namespace, name] = /^system:serviceaccount:([^:*]+):([^:*]+)$/.exec(String(value)) ?? [];
  if (namespace === undefined || name === undefined) return undefined;
  return {
    target: { by: 'name', group: ServiceAccount.group, kind: ServiceAccount.kind, namespace, name },
    optional: true,
  };
});

const eventPolicy = eventing(EVENTING, 'EventPolicy', 'eventpolicies', readyAndReason, [
  refersTo('APPLIES_TO', 'spec.to[*].ref', 'any addressable'),
  relation('APPLIES_TO', 'spec.to[*].selector', 'any addressable', { confidence: 'selector' }, (found) =>
    kindSelected(found.value, found.value, found),
  ),
  refersTo('ALLOWS_FROM', 'spec.from[*].ref', 'any', { namespace: 'namespace' }),
  subject,
]);

const sinkBinding = eventing(SOURCES, 'SinkBinding', 'sinkbindings', sinkColumn, [
  refersTo('APPLIES_TO', 'spec.subject', 'a workload', {
    namespace: 'namespace',
    note: 'puts the sink into its environment',
  }),
  relation('APPLIES_TO', 'spec.subject.selector', 'workloads', { confidence: 'selector' }, (found) =>
    kindSelected(found.up(1), found.value, found),
  ),
  ...destinations,
]);

export const knativeEventing: readonly Kind[] = [
  eventing(EVENTING, Broker.kind, 'brokers', url, [
    refersTo('USES_CONFIG', 'spec.config', 'ConfigMap or any', { namespace: 'namespace' }),
    ...destinations,
  ]),
  eventing(
    EVENTING,
    'Trigger',
    'triggers',
    { broker: 'spec.broker', subscriberUri: 'status.subscriberUri', ...readyAndReason },
    [
      names('RECEIVES_FROM', 'spec.broker', Broker),
      refersTo('RECEIVES_FROM', 'spec.brokerRef', 'Broker', { namespace: 'namespace' }),
      ...destinations,
    ],
  ),
  eventing(
    EVENTING,
    'EventType',
    'eventtypes',
    {
      type: 'spec.type',
      source: 'spec.source',
      schema: 'spec.schema',
      referenceName: 'spec.reference.name',
      referenceKind: 'spec.reference.kind',
      description: 'spec.description',
      ...readyAndReason,
    },
    [
      refersTo('BELONGS_TO', 'spec.reference', 'Broker or any', { namespace: 'namespace' }),
      names('BELONGS_TO', 'spec.broker', Broker),
    ],
  ),
  eventPolicy,
  eventing(EVENTING, 'EventTransform', 'eventtransforms', { url: 'status.address.url', ...sinkColumn }, destinations),
  eventing(EVENTING, 'RequestReply', 'requestreplies', url, [
    refersTo('DELIVERS_TO', 'spec.brokerRef', 'Broker'),
    ...destinations,
  ]),
  eventing(EVENTING, 'KafkaSink', 'kafkasinks', url, [names('USES_SECRET', 'spec.auth.secret.ref', Secret)]),
  eventing(MESSAGING, 'Channel', 'channels', url, [
    refersTo('DELIVERS_TO', 'status.channel', 'the channel behind it', { namespace: 'namespace' }),
    ...destinations,
  ]),
  eventing(MESSAGING, 'InMemoryChannel', 'inmemorychannels', url, destinations),
  eventing(MESSAGING, 'KafkaChannel', 'kafkachannels', url, destinations),
  eventing(MESSAGING, 'Subscription', 'subscriptions', readyAndReason, [
    refersTo('RECEIVES_FROM', 'spec.channel', 'a channel', { namespace: 'namespace' }),
    ...destinations,
  ]),
  eventing(FLOWS, 'Parallel', 'parallels', url, destinations),
  eventing(FLOWS, 'Sequence', 'sequences', url, destinations),
  eventing(SOURCES, 'ApiServerSource', 'apiserversources', sinkColumn, [
    names('RUNS_AS', 'spec.serviceAccountName', ServiceAccount, { via: 'template' }),
    ...destinations,
  ]),
  eventing(SOURCES, 'ContainerSource', 'containersources', sinkColumn, [
    ...podSpecRelations('spec.template.spec', 'template'),
    refersTo('DELIVERS_TO', 'spec.sink.ref', 'any addressable', { namespace: 'namespace' }),
    relation('DELIVERS_TO', 'spec.sink.uri', 'Service', { confidence: 'heuristic' }, dnsTargets),
  ]),
  eventing(
    SOURCES,
    'PingSource',
    'pingsources',
    { sink: 'status.sinkUri', schedule: 'spec.schedule', ...readyAndReason },
    destinations,
  ),
  eventing(SOURCES, 'KafkaSource', 'kafkasources', sinkColumn, [secretsBelow('spec.net'), ...destinations]),
  eventing(SOURCES, 'IntegrationSource', 'integrationsources', sinkColumn, [awsSecret, ...destinations]),
  sinkBinding,
  eventing(SINKS, 'IntegrationSink', 'integrationsinks', url, [awsSecret]),
  eventing(SINKS, 'JobSink', 'jobsinks', url, podSpecRelations('spec.job.spec.template.spec', 'template')),
];
