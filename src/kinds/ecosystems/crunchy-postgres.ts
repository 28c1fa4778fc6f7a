/** Crunchy Postgres for Kubernetes. What it made carries the label of its cluster: see label-parents.ts. Source: postgres-operator.crunchydata.com/v1beta1. */
import type { Kind } from '../kind.ts';
import { kind } from '../kind.ts';
import { ConfigMap, namespaced, Secret, StorageClass } from '../refs.ts';
import { names, namesPseudo, selects } from '../relations.ts';
import { columns, healthBy } from './custom-resource.ts';

const GROUP = 'postgres-operator.crunchydata.com';
const PostgresCluster = namespaced(GROUP, 'PostgresCluster');

const template = { via: 'template' } as const;
const PROJECTIONS =
  '{backups.pgbackrest.configuration,config.files,proxy.pgBouncer.config.files,monitoring.pgmonitor.exporter.configuration}';

const postgresCluster = kind({
  group: GROUP,
  name: PostgresCluster.kind,
  plural: 'postgresclusters',
  namespaced: true,
  summary: columns({ postgresVersion: 'spec.postgresVersion' }),
  health: healthBy({ good: ['PGBackRestRepoHostReady', 'PGBackRestReplicaRepoReady', 'ProxyAvailable'] }),
  relations: [
    namesPseudo('USES_IMAGE', 'spec.{image,backups.pgbackrest.image,proxy.pgBouncer.image}', 'Image'),
    names('PULLS_WITH', 'spec.imagePullSecrets[*]', Secret, template),
    names('USES_SECRET', 'spec.{customTLSSecret,customReplicationTLSSecret,proxy.pgBouncer.customTLSSecret}', Secret),
    names('MOUNTS', `spec.${PROJECTIONS}[*].secret`, Secret, { optional: 'optional' }),
    names('MOUNTS', `spec.${PROJECTIONS}[*].configMap`, ConfigMap, { optional: 'optional' }),
    names('USES_CONFIG', 'spec.databaseInitSQL', ConfigMap),
    names('RESTORED_FROM', 'spec.dataSource.postgresCluster', PostgresCluster, {
      name: 'clusterName',
      namespace: 'clusterNamespace',
    }),
    names(
      'PROVISIONED_BY',
      'spec.{instances[*].dataVolumeClaimSpec,instances[*].walVolumeClaimSpec,backups.pgbackrest.repos[*].volume.volumeClaimSpec}.storageClassName',
      StorageClass,
      template,
    ),
  ],
});

const pgUpgrade = kind({
  group: GROUP,
  name: 'PGUpgrade',
  plural: 'pgupgrades',
  namespaced: true,
  health: healthBy({ good: ['Succeeded'], progressing: ['Progressing'] }),
  relations: [names('APPLIES_TO', 'spec.postgresClusterName', PostgresCluster)],
});

const pgAdmin = kind({
  group: GROUP,
  name: 'PGAdmin',
  plural: 'pgadmins',
  namespaced: true,
  relations: [
    names('ROUTES_TO', 'spec.serverGroups[*].postgresClusterName', PostgresCluster),
    selects('ROUTES_TO', 'spec.serverGroups[*].postgresClusterSelector', PostgresCluster, { empty: 'all' }),
  ],
});

export const crunchyPostgres: readonly Kind[] = [postgresCluster, pgUpgrade, pgAdmin];
