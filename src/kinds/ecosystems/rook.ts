/** Rook: Ceph clusters, and the pools, file systems and object stores in them. Sources: ceph.rook.io/v1, objectbucket.io/v1alpha1 (rook 1.18). */
import { everything } from '../../model/selector.ts';
import type { Found, Kind, Outcome, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { labelled } from '../pod-peers.ts';
import { ConfigMap, clusterScoped, namespaced, Secret, StorageClass } from '../refs.ts';
import { names, relation, textAt } from '../relations.ts';
import { type Column, columns, healthByPhase } from './custom-resource.ts';

const GROUP = 'ceph.rook.io';
const BUCKETS = 'objectbucket.io';
const CephCluster = namespaced(GROUP, 'CephCluster');
const CephBlockPool = namespaced(GROUP, 'CephBlockPool');
const CephFilesystem = namespaced(GROUP, 'CephFilesystem');
const CephObjectStore = namespaced(GROUP, 'CephObjectStore');
const CephObjectZone = namespaced(GROUP, 'CephObjectZone');
const CephObjectZoneGroup = namespaced(GROUP, 'CephObjectZoneGroup');
const CephObjectRealm = namespaced(GROUP, 'CephObjectRealm');
const ObjectBucket = clusterScoped(BUCKETS, 'ObjectBucket');
const ObjectBucketClaim = namespaced(BUCKETS, 'ObjectBucketClaim');

const health = healthByPhase('status.phase', {
  Ready: 'healthy',
  Connected: 'healthy',
  Progressing: 'warning',
  Connecting: 'warning',
  Deleting: 'warning',
  Failure: 'critical',
  Error: 'critical',
});

/** There is one Ceph cluster in a namespace, and everything there is in it. */
const ofCluster = relation(
  'BELONGS_TO',
  'metadata.namespace',
  CephCluster.kind,
  { confidence: 'naming', note: 'the one of the namespace' },
  ({ namespace }) => labelled(CephCluster, everything, { type: 'names', names: [namespace] }),
);

const within = (
  name: string,
  plural: string,
  relations: readonly Relation[] = [],
  cells: Readonly<Record<string, Column>> = {},
): Kind =>
  kind({
    group: GROUP,
    name,
    plural,
    namespaced: true,
    summary: columns({ phase: 'status.phase', ...cells }),
    health,
    relations: [ofCluster, ...relations],
  });

const peers = names('USES_SECRET', 'spec.mirroring.peers.secretNames[*]', Secret);

const cephCluster = kind({
  group: GROUP,
  name: CephCluster.kind,
  plural: 'cephclusters',
  namespaced: true,
  summary: columns({
    dataDirHostPath: 'spec.dataDirHostPath',
    monCount: 'spec.mon.count',
    phase: 'status.phase',
    message: 'status.message',
    health: 'status.ceph.health',
  }),
  health: healthByPhase(
    'status.ceph.health',
    { HEALTH_OK: 'healthy', HEALTH_WARN: 'warning', HEALTH_ERR: 'critical' },
    'status.message',
  ),
  relations: [
    names('USES_SECRET', 'spec.security.kms.tokenSecretName', Secret),
    names(
      'PROVISIONED_BY',
      'spec.{mon.volumeClaimTemplate,storage.storageClassDeviceSets[*].volumeClaimTemplates[*]}.spec.storageClassName',
      StorageClass,
      { via: 'template' },
    ),
  ],
});

const RBD = /\.rbd\.csi\.ceph\.com$/;
const CEPHFS = /\.cephfs\.csi\.ceph\.com$/;

/** The pool or file system that a StorageClass carves volumes from; clusterID is the namespace of the Ceph cluster. */
export const cephOfStorageClass: Relation = relation(
  'ALLOCATED_FROM',
  'parameters',
  'CephBlockPool or CephFilesystem',
  { confidence: 'naming', note: 'provisioners of ceph-csi' },
  ({ value, object }: Found): Outcome | undefined => {
    const provisioner = String(object['provisioner']);
    const namespace = textAt(value, 'clusterID');
    const field = RBD.test(provisioner) ? 'pool' : CEPHFS.test(provisioner) ? 'fsName' : undefined;
    const name = field === undefined ? undefined : textAt(value, field);
    if (namespace === undefined || name === undefined) return undefined;
    const { group, kind: kindName } = field === 'pool' ? CephBlockPool : CephFilesystem;
    return { target: { by: 'name', group, kind: kindName, namespace, name }, suffix: `.${field}` };
  },
);

const bound = (target: typeof StorageClass, path: string): readonly Relation[] => [
  names('BOUND_TO', path, target, { namespace: 'namespace' }),
  names('PROVISIONED_BY', 'spec.storageClassName', StorageClass),
];

/** Provisioners write a Secret and a ConfigMap of the claim's name beside it. */
const sameName = [Secret, ConfigMap].map((target) =>
  names('PRODUCES', 'metadata.name', target, {
    confidence: 'naming',
    note: 'of the same name',
    variant: target.kind,
  }),
);

export const rook: readonly Kind[] = [
  cephCluster,
  within(CephBlockPool.kind, 'cephblockpools', [peers], {
    type: 'status.info.type',
    failureDomain: 'status.info.failureDomain',
  }),
  within('CephBlockPoolRadosNamespace', 'cephblockpoolradosnamespaces', [
    names('BELONGS_TO', 'spec.blockPoolName', CephBlockPool),
  ]),
  within(CephFilesystem.kind, 'cephfilesystems', [peers], { activeMds: 'spec.metadataServer.activeCount' }),
  within('CephFilesystemSubVolumeGroup', 'cephfilesystemsubvolumegroups', [
    names('BELONGS_TO', 'spec.filesystemName', CephFilesystem),
  ]),
  within(CephObjectStore.kind, 'cephobjectstores', [
    names('SERVES_CERTIFICATE', 'spec.gateway.sslCertificateRef', Secret),
    names('TRUSTS', 'spec.gateway.caBundleRef', Secret),
    names('BELONGS_TO', 'spec.zone', CephObjectZone),
  ]),
  within('CephObjectStoreUser', 'cephobjectstoreusers', [
    names('BELONGS_TO', 'spec.store', CephObjectStore, {
      namespace: ({ up }) => textAt(up(1), 'clusterNamespace'),
    }),
    names('PRODUCES', 'status.info.secretName', Secret),
  ]),
  within(CephObjectZone.kind, 'cephobjectzones', [names('BELONGS_TO', 'spec.zoneGroup', CephObjectZoneGroup)]),
  within(CephObjectZoneGroup.kind, 'cephobjectzonegroups', [names('BELONGS_TO', 'spec.realm', CephObjectRealm)]),
  within(CephObjectRealm.kind, 'cephobjectrealms'),
  within('CephClient', 'cephclients', [names('PRODUCES', 'status.info.secretName', Secret)]),
  within('CephNFS', 'cephnfses'),
  within('CephRBDMirror', 'cephrbdmirrors'),
  within('CephFilesystemMirror', 'cephfilesystemmirrors'),
  kind({
    group: BUCKETS,
    name: ObjectBucketClaim.kind,
    plural: 'objectbucketclaims',
    namespaced: true,
    summary: columns({ storageClass: 'spec.storageClassName', phase: 'status.phase' }),
    health: healthByPhase('status.phase', {
      Bound: 'healthy',
      Pending: 'warning',
      Released: 'warning',
      Failed: 'critical',
    }),
    relations: [...bound(ObjectBucket, 'spec.objectBucketName'), ...sameName],
  }),
  kind({
    group: BUCKETS,
    name: ObjectBucket.kind,
    plural: 'objectbuckets',
    namespaced: false,
    relations: bound(ObjectBucketClaim, 'spec.claimRef'),
  }),
];
