/** ConfigMaps, Secrets, ServiceAccounts and storage claims with their volumes. */

import type { KubeObject } from '../../src/model/change.ts';
import { hash32, seededRandom } from '../../test/support/random.ts';
import {
  type App,
  appOf,
  deployedAt,
  ownConfigMaps,
  ownServiceAccounts,
  releasedIdentity,
  statefulPlace,
} from './apps.ts';
import { censusTime, dayMs, namespaceName } from './names.ts';
import { type Body, controller, controllerStatus, helm, kubectl, kubeObject, uidOf } from './object.ts';
import { appOfShare, type Plan } from './plan.ts';

const bornAt = censusTime - 400 * dayMs;

const poolLength = 1 << 20;
let pool = '';

/** Text of a length (at most 64 kB) that compresses badly, cut out of one random megabyte at a place that depends on the key. */
function filler(seed: number, key: string, length: number): string {
  const random = seededRandom('pool');
  while (pool.length < poolLength + 65_536) pool += random.int(2 ** 32).toString(36);
  const from = hash32(`${seed}/${key}`) % poolLength;
  return pool.slice(from, from + length);
}

/** Every namespace has its `kube-root-ca.crt`; then come the applications' own. */
export function configMapAt(plan: Plan, index: number): KubeObject {
  const { Namespace } = plan.counts;
  if (index >= Namespace)
    return configMap(plan.seed, appOf(plan, appOfShare(plan, ownConfigMaps(plan), index - Namespace)), 0);
  const identity = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace: namespaceName(index),
    name: 'kube-root-ca.crt',
    createdAt: bornAt,
  };
  const certificate = `-----BEGIN CERTIFICATE-----\n${filler(plan.seed, 'ca', 1100)}\n-----END CERTIFICATE-----\n`;
  return kubeObject(
    plan.seed,
    { ...identity, writers: [{ ...controller, fields: ['data'] }] },
    { data: { 'ca.crt': certificate } },
  );
}

/** The ConfigMap of an application; `edit` counts its changes. */
export function configMap(seed: number, app: App, edit: number): KubeObject {
  const name = `${app.name}-config`;
  const settings = [
    'server.port: 8080',
    `db.pool: ${10 + edit}`,
    'cache.ttl: 300s',
    `feature.flags: ${filler(seed, `${name}/${edit}`, 400)}`,
  ];
  const data = {
    'application.yaml': `${settings.join('\n')}\n`,
    'db.host': `postgres.${app.namespace}.svc.cluster.local`,
    'log.level': 'info',
  };
  return kubeObject(seed, releasedIdentity(seed, app, 'v1', 'ConfigMap', name), { data });
}

/**
 * Registry credentials per namespace, certificates of Ingresses, applications' own, and Helm's release records for the rest.
 * Release records are cut to 4 kB (real ones: 5–500 kB): long texts parse fast and would flatter any comparison with JSON.parse.
 */
export function secretAt(plan: Plan, index: number): KubeObject {
  const { seed, counts, tlsSecrets, appSecrets } = plan;
  const certificate = index - counts.Namespace;
  const own = certificate - tlsSecrets;
  const release = own - appSecrets;
  if (certificate < 0) return pullSecret(seed, namespaceName(index));
  if (own < 0) return certificateSecret(seed, appOf(plan, appOfShare(plan, counts.Ingress, certificate)));
  if (release < 0) return secret(seed, appOf(plan, appOfShare(plan, appSecrets, own)), 0);
  const releases = counts.Secret - counts.Namespace - tlsSecrets - appSecrets;
  return releaseSecret(seed, appOf(plan, appOfShare(plan, releases, release)));
}

function pullSecret(seed: number, namespace: string): KubeObject {
  return kubeObject(
    seed,
    {
      apiVersion: 'v1',
      kind: 'Secret',
      namespace,
      name: 'registry-pull',
      createdAt: bornAt,
      writers: [{ ...kubectl, fields: ['data', 'type'] }],
    },
    { data: { '.dockerconfigjson': filler(seed, `pull/${namespace}`, 320) }, type: 'kubernetes.io/dockerconfigjson' },
  );
}

function certificateSecret(seed: number, app: App): KubeObject {
  const name = `${app.name}-tls`;
  const annotations = { 'cert-manager.io/certificate-name': name, 'cert-manager.io/issuer-kind': 'ClusterIssuer' };
  return kubeObject(
    seed,
    {
      ...releasedIdentity(seed, app, 'v1', 'Secret', name),
      annotations,
      writers: [{ ...helm, manager: 'cert-manager-certificates-issuing' }],
    },
    {
      data: { 'tls.crt': filler(seed, `${name}/crt`, 2400), 'tls.key': filler(seed, `${name}/key`, 1700) },
      type: 'kubernetes.io/tls',
    },
  );
}

/** The Secret of an application; `rotation` counts how often its values were replaced. */
export function secret(seed: number, app: App, rotation: number): KubeObject {
  const name = `${app.name}-secrets`;
  const value = (key: string): string => filler(seed, `${app.namespace}/${name}/${key}/${rotation}`, 44);
  const data = {
    'db-password': value('db-password'),
    'api-token': value('api-token'),
    'session-key': value('session-key'),
  };
  return kubeObject(seed, releasedIdentity(seed, app, 'v1', 'Secret', name), { data, type: 'Opaque' });
}

function releaseSecret(seed: number, app: App): KubeObject {
  const name = `sh.helm.release.v1.${app.name}.v${app.revisions}`;
  const labels = {
    modifiedAt: '1763511231',
    name: app.name,
    owner: 'helm',
    status: 'deployed',
    version: String(app.revisions),
  };
  return kubeObject(
    seed,
    {
      apiVersion: 'v1',
      kind: 'Secret',
      namespace: app.namespace,
      name,
      createdAt: deployedAt(seed, app),
      labels,
      writers: [helm],
    },
    { data: { release: filler(seed, `${app.key}/release`, 4096) }, type: 'helm.sh/release.v1' },
  );
}

export function serviceAccountAt(plan: Plan, index: number): KubeObject {
  const { seed, counts } = plan;
  if (index < counts.Namespace) {
    const identity = {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      namespace: namespaceName(index),
      name: 'default',
      createdAt: bornAt,
      writers: [],
    };
    return kubeObject(seed, identity, {});
  }
  const app = appOf(plan, appOfShare(plan, ownServiceAccounts(plan), index - counts.Namespace));
  const role = { 'eks.amazonaws.com/role-arn': `arn:aws:iam::123456789012:role/${app.namespace}-${app.name}` };
  const identity = releasedIdentity(seed, app, 'v1', 'ServiceAccount', app.name);
  return kubeObject(
    seed,
    { ...identity, annotations: { ...identity.annotations, ...role } },
    { imagePullSecrets: [{ name: 'registry-pull' }] },
  );
}

function claimOf(
  plan: Plan,
  index: number,
): { readonly app: App; readonly name: string; readonly uid: string; readonly volume: string } {
  const { app, ordinal } = statefulPlace(plan, index);
  const name = `data-${app.name}-${ordinal}`;
  const uid = uidOf(plan.seed, 'PersistentVolumeClaim', app.namespace, name);
  return { app, name, uid, volume: `pvc-${uid}` };
}

const storage = { accessModes: ['ReadWriteOnce'], storageClassName: 'gp3', volumeMode: 'Filesystem' };

export function claimAt(plan: Plan, index: number): KubeObject {
  const { app, name, volume } = claimOf(plan, index);
  const annotations: Body = {
    'pv.kubernetes.io/bind-completed': 'yes',
    'volume.kubernetes.io/storage-provisioner': 'ebs.csi.aws.com',
  };
  return kubeObject(
    plan.seed,
    {
      ...releasedIdentity(plan.seed, app, 'v1', 'PersistentVolumeClaim', name),
      annotations: annotations as Record<string, string>,
      finalizers: ['kubernetes.io/pvc-protection'],
      writers: [controller, controllerStatus],
    },
    {
      spec: { ...storage, resources: { requests: { storage: '20Gi' } }, volumeName: volume },
      status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '20Gi' } },
    },
  );
}

export function volumeAt(plan: Plan, index: number): KubeObject {
  const { app, name, uid, volume } = claimOf(plan, index);
  return kubeObject(
    plan.seed,
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      name: volume,
      createdAt: deployedAt(plan.seed, app),
      annotations: { 'pv.kubernetes.io/provisioned-by': 'ebs.csi.aws.com' },
      finalizers: ['kubernetes.io/pv-protection', 'external-attacher/ebs-csi-aws-com'],
      writers: [{ ...controller, manager: 'csi-provisioner' }, controllerStatus],
    },
    {
      spec: {
        ...storage,
        capacity: { storage: '20Gi' },
        csi: {
          driver: 'ebs.csi.aws.com',
          fsType: 'ext4',
          volumeHandle: `vol-0${uid.replaceAll('-', '').slice(0, 16)}`,
        },
        claimRef: { kind: 'PersistentVolumeClaim', namespace: app.namespace, name, uid, apiVersion: 'v1' },
        persistentVolumeReclaimPolicy: 'Delete',
      },
      status: { phase: 'Bound' },
    },
  );
}
