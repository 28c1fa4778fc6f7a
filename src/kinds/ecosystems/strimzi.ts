/**
 * Strimzi: Kafka clusters, what connects to them, and who may use them. Topics, users and the like name their cluster by label:
 * see label-parents.ts. Source: kafka.strimzi.io/v1 and v1beta2 (strimzi 0.49).
 */
import { dnsTargets } from '../dns.ts';
import type { Found, Kind, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { ConfigMap, Secret, StorageClass } from '../refs.ts';
import { names, namesPseudo, relation, textAt } from '../relations.ts';
import { label } from './attributes.ts';
import { type Column, columns, healthBy } from './custom-resource.ts';
import { configMapsBelow, secretsBelow } from './deep-references.ts';

const GROUP = 'kafka.strimzi.io';
const health = healthBy({ good: ['Ready'], bad: ['NotReady'], worrying: ['Warning', 'ReconciliationPaused'] });
const cluster = { cluster: label('strimzi.io/cluster') };

/** Certificates, passwords and tokens stand at any depth, as `{secretName, …}` or `{name, key}`. */
const credentials: readonly Relation[] = [
  names('USES_SECRET', 'spec.**', Secret, {
    name: 'secretName',
    optional: 'optional',
    note: 'at any depth: fields secretName',
  }),
  { ...secretsBelow('spec'), variant: 'key' },
];
const settings: readonly Relation[] = [...credentials, configMapsBelow('spec')];

const stored = (path: string): Relation => names('PROVISIONED_BY', path, StorageClass, { via: 'template' });
const bootstrap = (path: string): Relation =>
  relation('CALLS', path, 'Service', { confidence: 'heuristic' }, dnsTargets);
const image = (path: string): Relation => namesPseudo('USES_IMAGE', path, 'Image');

function here(
  name: string,
  plural: string,
  cells: Readonly<Record<string, Column>>,
  relations: readonly Relation[] = [],
): Kind {
  return kind({
    group: GROUP,
    name,
    plural,
    namespaced: true,
    summary: columns({ ...cells, ready: '@Ready' }),
    health,
    relations,
  });
}

const runs = { desiredReplicas: 'spec.replicas' };

const connect: readonly Relation[] = [
  bootstrap('spec.bootstrapServers'),
  image('spec.image'),
  ...settings,
  names('USES_SECRET', 'spec.build.output.pushSecret', Secret),
  namesPseudo('PRODUCES', 'spec.build.output.image', 'Image', {
    when: ({ up }: Found) => textAt(up(1), 'type') !== 'imagestream',
  }),
];

export const strimzi: readonly Kind[] = [
  here('Kafka', 'kafkas', { kafkaVersion: 'status.kafkaVersion', metadataVersion: 'status.kafkaMetadataVersion' }, [
    image('spec.kafka.image'),
    stored('spec.{kafka,zookeeper}.storage.{class,volumes[*].class}'),
    ...settings,
  ]),
  here('KafkaNodePool', 'kafkanodepools', { ...runs, roles: 'status.roles', nodeIds: 'status.nodeIds' }, [
    stored('spec.storage.{class,volumes[*].class}'),
  ]),
  here('KafkaTopic', 'kafkatopics', {
    ...cluster,
    partitions: 'spec.partitions',
    replicationFactor: 'spec.replicas',
  }),
  here(
    'KafkaUser',
    'kafkausers',
    { ...cluster, authentication: 'spec.authentication.type', authorization: 'spec.authorization.type' },
    [
      names('PRODUCES', 'status.secret', Secret),
      names('USES_SECRET', 'spec.authentication.password.valueFrom.secretKeyRef', Secret),
    ],
  ),
  here('KafkaConnect', 'kafkaconnects', runs, connect),
  here('KafkaConnector', 'kafkaconnectors', { ...cluster, connectorClass: 'spec.class', maxTasks: 'spec.tasksMax' }, [
    names('USES_CONFIG', 'spec.{listOffsets.toConfigMap,alterOffsets.fromConfigMap}', ConfigMap, { optional: true }),
  ]),
  here('KafkaMirrorMaker2', 'kafkamirrormaker2s', runs, [
    bootstrap('spec.{target,clusters[*],mirrors[*].source}.bootstrapServers'),
    image('spec.image'),
    ...settings,
  ]),
  here('KafkaBridge', 'kafkabridges', { ...runs, bootstrapServers: 'spec.bootstrapServers' }, [
    bootstrap('spec.bootstrapServers'),
    image('spec.image'),
    ...settings,
  ]),
  here('KafkaRebalance', 'kafkarebalances', { ...cluster }),
];
