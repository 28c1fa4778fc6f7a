/**
 * Relations of a pod spec, for pods and for every template that makes pods, so that a missing Secret shows on the Deployment
 * before a pod exists. Source: core/v1 PodSpec.
 */

import { dnsTargets } from './dns.ts';
import type { Found, Outcome, Relation } from './kind.ts';
import { nodeRequirements, peers, tolerated } from './placement.ts';
import {
  ClusterTrustBundle,
  ConfigMap,
  CSIDriver,
  Endpoints,
  Node,
  PersistentVolumeClaim,
  Pod,
  PriorityClass,
  ResourceClaim,
  ResourceClaimTemplate,
  RuntimeClass,
  Secret,
  ServiceAccount,
} from './refs.ts';
import { names, namesPseudo, relation, selects, textAt } from './relations.ts';

const CONTAINERS = '{containers,initContainers,ephemeralContainers}[*]';

/** Relations of the pod spec at `path`; `via: 'template'` where it only describes pods to come. */
export function podSpecRelations(path: string, via?: 'template'): readonly Relation[] {
  const t = via === undefined ? {} : { via };
  const volume = `${path}.volumes[*]`;
  const projected = `${volume}.projected.sources[*]`;
  const container = `${path}.${CONTAINERS}`;
  return [
    ...identity(path, t),
    names('MOUNTS', `${volume}.configMap`, ConfigMap, { optional: 'optional', ...t }),
    names('MOUNTS', `${volume}.secret`, Secret, { name: 'secretName', optional: 'optional', ...t }),
    names('MOUNTS', `${projected}.configMap`, ConfigMap, { optional: 'optional', ...t }),
    names('MOUNTS', `${projected}.secret`, Secret, { optional: 'optional', ...t }),
    names('TRUSTS', `${projected}.clusterTrustBundle`, ClusterTrustBundle, { optional: 'optional', ...t }),
    relation('USES_TOKEN_OF', `${projected}.serviceAccountToken`, 'ServiceAccount', t, (found) => tokenOf(found, path)),
    namesPseudo('SIGNED_BY', `${projected}.podCertificate.signerName`, 'Signer', t),
    names('CLAIMS', `${volume}.persistentVolumeClaim`, PersistentVolumeClaim, {
      name: 'claimName',
      attributes: ({ value }) => ((value as { readOnly?: unknown }).readOnly === true ? { readOnly: true } : undefined),
      ...t,
    }),
    names('USES_DRIVER', `${volume}.csi`, CSIDriver, { name: 'driver', ...t }),
    names('USES_SECRET', `${volume}.csi.nodePublishSecretRef`, Secret, t),
    names('USES_SECRET', `${volume}.azureFile`, Secret, { name: 'secretName', ...t }),
    names('USES_SECRET', `${volume}.{cephfs,rbd,iscsi,flexVolume,scaleIO,storageos}.secretRef`, Secret, t),
    names('ROUTES_TO', `${volume}.glusterfs`, Endpoints, { name: 'endpoints', ...t }),
    namesPseudo('USES_IMAGE', `${volume}.image.reference`, 'Image', t),
    namesPseudo('USES_HOST_PATH', `${volume}.hostPath.path`, 'HostPath', t),
    names('READS', `${container}.envFrom[*].configMapRef`, ConfigMap, { optional: 'optional', ...t }),
    names('READS_SECRET', `${container}.envFrom[*].secretRef`, Secret, { optional: 'optional', ...t }),
    names('READS', `${container}.env[*].valueFrom.configMapKeyRef`, ConfigMap, {
      optional: 'optional',
      attributes: keyOf,
      ...t,
    }),
    names('READS_SECRET', `${container}.env[*].valueFrom.secretKeyRef`, Secret, {
      optional: 'optional',
      attributes: keyOf,
      ...t,
    }),
    relation('CALLS', `${container}.env[*].value`, 'Service', { confidence: 'heuristic', ...t }, dnsTargets),
    relation('CALLS', `${container}.{args,command}[*]`, 'Service', { confidence: 'heuristic', ...t }, dnsTargets),
    namesPseudo('USES_IMAGE', `${container}.image`, 'Image', t),
    ...placement(path, t),
  ];
}

interface Via {
  readonly via?: 'template';
}

function identity(path: string, t: Via): readonly Relation[] {
  return [
    relation(
      'RUNS_AS',
      path,
      'ServiceAccount',
      { note: 'serviceAccountName, else the deprecated serviceAccount, else default', ...t },
      runsAs,
    ),
    names('PULLS_WITH', `${path}.imagePullSecrets[*]`, Secret, t),
  ];
}

function placement(path: string, t: Via): readonly Relation[] {
  const affinity = `${path}.affinity`;
  const required = 'requiredDuringSchedulingIgnoredDuringExecution';
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';
  return [
    names('HAS_PRIORITY', `${path}.priorityClassName`, PriorityClass, t),
    names('USES_RUNTIME', `${path}.runtimeClassName`, RuntimeClass, t),
    namesPseudo('SCHEDULED_BY', `${path}.schedulerName`, 'Scheduler', {
      when: ({ value }) => value !== 'default-scheduler',
      note: 'only schedulers other than default-scheduler',
      ...t,
    }),
    names('USES_DEVICE', `${path}.resourceClaims[*].resourceClaimName`, ResourceClaim, t),
    names('USES_DEVICE', `${path}.resourceClaims[*].resourceClaimTemplateName`, ResourceClaimTemplate, t),
    selects('FITS_ON', `${path}.nodeSelector`, Node, { form: 'map', empty: 'none', ...t }),
    relation(
      'FITS_ON',
      `${affinity}.nodeAffinity.${required}.nodeSelectorTerms[*]`,
      'Node',
      { confidence: 'selector', ...t },
      nodeRequirements,
    ),
    relation(
      'PREFERS',
      `${affinity}.nodeAffinity.${preferred}[*].preference`,
      'Node',
      { confidence: 'selector', ...t },
      nodeRequirements,
    ),
    relation(
      'TOLERATES',
      `${path}.tolerations[*]`,
      'Node',
      { confidence: 'selector', note: 'nodes that carry a matching taint', ...t },
      tolerated,
    ),
    relation('NEAR', `${affinity}.podAffinity.${required}[*]`, 'Pod', { confidence: 'selector', ...t }, peers),
    relation(
      'NEAR',
      `${affinity}.podAffinity.${preferred}[*].podAffinityTerm`,
      'Pod',
      { confidence: 'selector', ...t },
      peers,
    ),
    relation(
      'APART_FROM',
      `${affinity}.podAntiAffinity.${required}[*]`,
      'Pod',
      { confidence: 'selector', ...t },
      peers,
    ),
    relation(
      'APART_FROM',
      `${affinity}.podAntiAffinity.${preferred}[*].podAffinityTerm`,
      'Pod',
      { confidence: 'selector', ...t },
      peers,
    ),
    selects('SPREADS_WITH', `${path}.topologySpreadConstraints[*].labelSelector`, Pod, { empty: 'all', ...t }),
  ];
}

/** Every pod runs as some account. The admission controller fills in `default`, which every namespace has: when implied, never broken. */
function runsAs({ value, namespace }: Found): Outcome {
  const named = textAt(value, 'serviceAccountName');
  const name = named ?? textAt(value, 'serviceAccount') ?? 'default';
  const implied = name === 'default';
  return {
    target: { by: 'name', group: ServiceAccount.group, kind: ServiceAccount.kind, namespace, name },
    suffix: named === undefined && !implied ? '.serviceAccount' : '.serviceAccountName',
    ...(implied && { optional: true }),
  };
}

/** A projected token belongs to the account the pod runs as. */
function tokenOf({ object, namespace }: Found, path: string): Outcome {
  let spec: unknown = object;
  for (const step of path.split('.')) spec = (spec as Record<string, unknown> | undefined)?.[step];
  const name = textAt(spec, 'serviceAccountName') ?? textAt(spec, 'serviceAccount') ?? 'default';
  return {
    target: { by: 'name', group: ServiceAccount.group, kind: ServiceAccount.kind, namespace, name },
    ...(name === 'default' && { optional: true }),
  };
}

function keyOf({ value }: Found): { key: string } | undefined {
  const key = textAt(value, 'key');
  return key === undefined ? undefined : { key };
}
