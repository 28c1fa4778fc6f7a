/** Kong Ingress Controller: plugins, consumers and their credentials. Plugins hang on objects of many kinds by annotation. Source: configuration.konghq.com/v1. */
import type { Kind, Outcome, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { clusterScoped, namespaced, Secret, Service } from '../refs.ts';
import { names, refersTo, relation } from '../relations.ts';
import { carries } from './attributes.ts';
import { columns, healthBy } from './custom-resource.ts';

const GROUP = 'configuration.konghq.com';
const KongPlugin = namespaced(GROUP, 'KongPlugin');
const KongClusterPlugin = clusterScoped(GROUP, 'KongClusterPlugin');

const annotation = (name: string): string => `metadata.annotations["konghq.com/${name}"]`;

/** `limit,other-namespace:auth`. A plugin of the namespace comes before one of the cluster. */
export const kongPlugins: Relation = relation(
  'EXTENDED_BY',
  annotation('plugins'),
  'KongPlugin or KongClusterPlugin',
  { confidence: 'naming' },
  ({ value, namespace: own }) =>
    String(value)
      .split(',')
      .flatMap((text): Outcome[] => {
        const [first = '', second] = text.trim().split(':');
        const name = second ?? first;
        const namespace = second === undefined ? own : first;
        if (name === '') return [];
        const ofCluster: Outcome = { target: { by: 'name', ...nameOf(KongClusterPlugin), namespace: '', name } };
        return namespace === ''
          ? [ofCluster]
          : [{ target: { by: 'name', ...nameOf(KongPlugin), namespace, name } }, ofCluster];
      }),
);

const nameOf = ({ group, kind: name }: { readonly group: string; readonly kind: string }) => ({ group, kind: name });

/** What a Service says to Kong besides. */
export const kongService: readonly Relation[] = [
  names('CONFIGURED_BY', annotation('upstream-policy'), namespaced(GROUP, 'KongUpstreamPolicy')),
  names('USES_SECRET', annotation('client-cert'), Secret),
];

const health = healthBy({ good: ['Programmed'], progressingReasons: ['Pending'] });

/** The fields of a plugin stand beside metadata, not in a spec. */
const plugin = (name: string, isNamespaced: boolean): Kind =>
  kind({
    group: GROUP,
    name,
    plural: `${name.toLowerCase()}s`,
    namespaced: isNamespaced,
    summary: columns({ pluginType: 'plugin' }),
    health,
    relations: [
      names('USES_SECRET', '{configFrom.secretKeyRef,configPatches[*].valueFrom.secretKeyRef}', Secret, {
        attributes: carries(['key']),
        ...(!isNamespaced && { namespace: 'namespace' }),
      }),
    ],
  });

const consumer = kind({
  group: GROUP,
  name: 'KongConsumer',
  plural: 'kongconsumers',
  namespaced: true,
  summary: columns({ username: 'username', programmed: '@Programmed' }),
  health,
  relations: [
    names('USES_SECRET', 'credentials[*]', Secret),
    names('BELONGS_TO', 'consumerGroups[*]', namespaced(GROUP, 'KongConsumerGroup')),
  ],
});

const streams = (name: string, plural: string): Kind =>
  kind({
    group: GROUP,
    name,
    plural,
    namespaced: true,
    relations: [
      names('ROUTES_TO', 'spec.rules[*].backend', Service, {
        name: 'serviceName',
        attributes: carries(['servicePort']),
      }),
      ...(name === 'TCPIngress' ? [names('SERVES_CERTIFICATE', 'spec.tls[*]', Secret, { name: 'secretName' })] : []),
    ],
  });

export const kong: readonly Kind[] = [
  plugin(KongPlugin.kind, true),
  plugin(KongClusterPlugin.kind, false),
  consumer,
  kind({ group: GROUP, name: 'KongConsumerGroup', plural: 'kongconsumergroups', namespaced: true, health }),
  kind({ group: GROUP, name: 'KongUpstreamPolicy', plural: 'kongupstreampolicies', namespaced: true }),
  kind({
    group: GROUP,
    name: 'KongCustomEntity',
    plural: 'kongcustomentities',
    namespaced: true,
    relations: [
      refersTo('APPLIES_TO', 'spec.parentRef', KongPlugin.kind, {
        defaultGroup: GROUP,
        defaultKind: KongPlugin.kind,
        namespace: 'namespace',
      }),
    ],
  }),
  streams('TCPIngress', 'tcpingresses'),
  streams('UDPIngress', 'udpingresses'),
];
