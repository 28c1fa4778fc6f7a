/** Relations of the volumes of a pod spec. Source: core/v1 VolumeSource and VolumeProjection. */
import { type Requirement, selectorFrom } from '../model/selector.ts';
import type { Found, Outcome, Relation } from './kind.ts';
import {
  ClusterTrustBundle,
  ConfigMap,
  CSIDriver,
  Endpoints,
  namespaced,
  PersistentVolumeClaim,
  Secret,
  ServiceAccount,
} from './refs.ts';
import { names, namesPseudo, relation, selectorText, textAt } from './relations.ts';

export const SecretProviderClass = namespaced('secrets-store.csi.x-k8s.io', 'SecretProviderClass');
const SECRETS_STORE = 'secrets-store.csi.k8s.io';

/** Selectable key of a ClusterTrustBundle's signer; no label can have it. */
export const FIELD_SIGNER = 'field:spec.signerName';

interface Via {
  readonly via?: 'template';
}

export function podVolumeRelations(path: string, t: Via): readonly Relation[] {
  const volume = `${path}.volumes[*]`;
  const direct = { optional: 'optional', attributes: mounted(1), ...t };
  return [
    names('MOUNTS', `${volume}.configMap`, ConfigMap, direct),
    names('MOUNTS', `${volume}.secret`, Secret, { name: 'secretName', ...direct }),
    names('CLAIMS', `${volume}.persistentVolumeClaim`, PersistentVolumeClaim, {
      name: 'claimName',
      attributes: mounted(1),
      ...t,
    }),
    ...projected(`${volume}.projected.sources[*]`, t),
    names('USES_DRIVER', `${volume}.csi`, CSIDriver, { name: 'driver', ...t }),
    names('USES_SECRET', `${volume}.csi.nodePublishSecretRef`, Secret, t),
    names('USES_CONFIG', `${volume}.csi.volumeAttributes.secretProviderClass`, SecretProviderClass, {
      when: ({ up }) => textAt(up(2), 'driver') === SECRETS_STORE,
      note: `only for the driver ${SECRETS_STORE}`,
      ...t,
    }),
    names('USES_SECRET', `${volume}.azureFile`, Secret, { name: 'secretName', ...t }),
    names('USES_SECRET', `${volume}.{cephfs,cinder,rbd,iscsi,flexVolume,scaleIO,storageos}.secretRef`, Secret, t),
    names('ROUTES_TO', `${volume}.glusterfs`, Endpoints, { name: 'endpoints', ...t }),
    namesPseudo('USES_IMAGE', `${volume}.image.reference`, 'Image', t),
    namesPseudo('USES_HOST_PATH', `${volume}.hostPath.path`, 'HostPath', {
      note: 'node:path once the pod is on a node; the path alone in a template',
      read: hostPath,
      ...t,
    }),
  ];
}

function projected(source: string, t: Via): readonly Relation[] {
  const options = { optional: 'optional', attributes: mounted(4), ...t };
  return [
    names('MOUNTS', `${source}.configMap`, ConfigMap, options),
    names('MOUNTS', `${source}.secret`, Secret, options),
    relation(
      'TRUSTS',
      `${source}.clusterTrustBundle`,
      'ClusterTrustBundle',
      { note: 'by name, or every bundle of signerName that labelSelector matches', ...t },
      trustBundle,
    ),
    relation('USES_TOKEN_OF', `${source}.serviceAccountToken`, 'ServiceAccount', t, tokenOf),
    namesPseudo('SIGNED_BY', `${source}.podCertificate.signerName`, 'Signer', t),
  ];
}

/** By signer, a null label selector matches nothing and an empty one every bundle of the signer (core/v1 ClusterTrustBundleProjection). */
function trustBundle({ value }: Found): Outcome | undefined {
  const { group, kind } = ClusterTrustBundle;
  const { optional, labelSelector } = value as { optional?: unknown; labelSelector?: unknown };
  const named = textAt(value, 'name');
  const lenient = optional === true && { optional: true };
  if (named !== undefined)
    return { target: { by: 'name', group, kind, namespace: '', name: named }, suffix: '.name', ...lenient };
  const signer = textAt(value, 'signerName');
  const labels = labelSelector == null ? undefined : selectorFrom(labelSelector);
  if (signer === undefined || labels === undefined) return undefined;
  const bySigner: Requirement = { key: FIELD_SIGNER, operator: 'In', values: [signer] };
  return {
    target: { by: 'labels', group, kind, selector: [bySigner, ...labels], namespaces: { type: 'all' } },
    suffix: '.signerName',
    value: labels.length === 0 ? signer : `${signer}: ${selectorText(labels)}`,
    ...lenient,
  };
}

/** A projected token belongs to the account that the pod runs as. */
function tokenOf({ namespace, value, up }: Found): Outcome {
  const spec = up(6);
  const name = textAt(spec, 'serviceAccountName') ?? textAt(spec, 'serviceAccount') ?? 'default';
  const audience = textAt(value, 'audience');
  return {
    target: { by: 'name', group: ServiceAccount.group, kind: ServiceAccount.kind, namespace, name },
    ...(name === 'default' && { optional: true }),
    ...(audience !== undefined && { attributes: { audience } }),
  };
}

/** Two nodes' directories of the same path are two things. */
function hostPath({ value, up }: Found): string | undefined {
  if (typeof value !== 'string') return undefined;
  const node = textAt(up(4), 'nodeName');
  return node === undefined ? value : `${node}:${value}`;
}

/** Where containers see the volume, which keys it shows, and whether it is read-only. `levels` up from the value is the volume. */
function mounted(levels: number): (found: Found) => Readonly<Record<string, string | boolean>> | undefined {
  return ({ value, up }) => {
    const name = textAt(up(levels), 'name');
    const mountPath = name === undefined ? undefined : mountPathOf(up(levels + 2), name);
    const { items, readOnly } = value as { items?: unknown; readOnly?: unknown };
    const keys = Array.isArray(items) ? items.map((item) => String(item?.key)).join(',') : undefined;
    if (mountPath === undefined && keys === undefined && readOnly !== true) return undefined;
    return {
      ...(mountPath !== undefined && { mountPath }),
      ...(keys !== undefined && { keys }),
      ...(readOnly === true && { readOnly }),
    };
  };
}

function mountPathOf(spec: unknown, volume: string): string | undefined {
  for (const field of ['containers', 'initContainers', 'ephemeralContainers']) {
    const list = (spec as Record<string, unknown>)[field];
    for (const container of Array.isArray(list) ? list : []) {
      for (const mount of container?.volumeMounts ?? []) if (mount?.name === volume) return textAt(mount, 'mountPath');
      for (const device of container?.volumeDevices ?? [])
        if (device?.name === volume) return textAt(device, 'devicePath');
    }
  }
  return undefined;
}
