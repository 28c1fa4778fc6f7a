/**
 * Relations of a pod spec, for pods and for every template that makes pods, so that a missing Secret shows on the Deployment
 * before a pod exists. Source: core/v1 PodSpec.
 */

import { dnsTargets } from './dns.ts';
import type { Found, Outcome, Relation } from './kind.ts';
import { attachments } from './network-attachment.ts';
import { nodeRequirements, peers, requiredNodes, spread, tolerated } from './placement.ts';
import { podVolumeRelations } from './pod-volumes.ts';
import {
  ConfigMap,
  Node,
  PodGroup,
  PriorityClass,
  ResourceClaim,
  ResourceClaimTemplate,
  RuntimeClass,
  Secret,
  ServiceAccount,
} from './refs.ts';
import { names, namesPseudo, relation, selects, textAt } from './relations.ts';

const CONTAINERS = '{containers,initContainers,ephemeralContainers}[*]';

const CALLED =
  'hosts after a scheme, before a port, or of variables and flags called …_HOST, …_ADDR, …_URL and the like; short names in the own namespace, addresses of Services';

interface Via {
  readonly via?: 'template';
}

/** Relations of the pod spec at `path`; `via: 'template'` where it only describes pods to come. */
export function podSpecRelations(path: string, via?: 'template'): readonly Relation[] {
  const t = via === undefined ? {} : { via };
  return [
    ...identity(path, t),
    ...podVolumeRelations(path, t),
    ...containerRelations(`${path}.${CONTAINERS}`, t),
    ...placement(path, t),
    ...devices(path, t),
    ...networkRelations(`${metadataOf(path)}.annotations`, t),
  ];
}

/** Where the metadata stands that belongs to the pod spec: beside it. */
function metadataOf(path: string): string {
  return path.replace(/(^|\.)[^.]+$/, '$1metadata');
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

/** `env[*].valueFrom.fileKeyRef` names a volume that the API server demands to be an emptyDir: it leads to no other object. */
export function containerRelations(container: string, t: Via): readonly Relation[] {
  const keyed = { optional: 'optional', attributes: keyOf, ...t };
  return [
    names('READS', `${container}.envFrom[*].configMapRef`, ConfigMap, { optional: 'optional', ...t }),
    names('READS_SECRET', `${container}.envFrom[*].secretRef`, Secret, { optional: 'optional', ...t }),
    names('READS', `${container}.env[*].valueFrom.configMapKeyRef`, ConfigMap, keyed),
    names('READS_SECRET', `${container}.env[*].valueFrom.secretKeyRef`, Secret, keyed),
    ...['env[*].value', '{args,command}[*]'].map((texts) =>
      relation(
        'CALLS',
        `${container}.${texts}`,
        'Service',
        { confidence: 'heuristic', note: CALLED, ...t },
        dnsTargets,
      ),
    ),
    namesPseudo('USES_IMAGE', `${container}.image`, 'Image', t),
  ];
}

function placement(path: string, t: Via): readonly Relation[] {
  return [
    names('HAS_PRIORITY', `${path}.priorityClassName`, PriorityClass, t),
    names('USES_RUNTIME', `${path}.runtimeClassName`, RuntimeClass, t),
    namesPseudo('SCHEDULED_BY', `${path}.schedulerName`, 'Scheduler', {
      when: ({ value }) => value !== 'default-scheduler',
      note: 'only schedulers other than default-scheduler',
      ...t,
    }),
    names('BELONGS_TO', `${path}.schedulingGroup.podGroupName`, PodGroup, t),
    ...affinity(path, t),
    relation(
      'TOLERATES',
      `${path}.tolerations[*]`,
      'Node',
      { confidence: 'selector', note: 'nodes that carry a matching taint', ...t },
      tolerated,
    ),
    relation(
      'SPREADS_WITH',
      `${path}.topologySpreadConstraints[*]`,
      'Pod',
      { confidence: 'selector', note: 'labelSelector, narrowed by matchLabelKeys', ...t },
      spread(templateLabels),
    ),
  ];
}

function affinity(path: string, t: Via): readonly Relation[] {
  const required = 'requiredDuringSchedulingIgnoredDuringExecution';
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';
  const bySelector = { confidence: 'selector', ...t } as const;
  const near = `${path}.affinity.podAffinity`;
  const apart = `${path}.affinity.podAntiAffinity`;
  const node = `${path}.affinity.nodeAffinity`;
  return [
    selects('FITS_ON', `${path}.nodeSelector`, Node, {
      form: 'map',
      empty: 'none',
      note: 'where there are required affinity terms they are combined with it',
      when: ({ up }) => !hasRequiredNodes(up(1)),
      ...t,
    }),
    relation('FITS_ON', `${node}.${required}.nodeSelectorTerms[*]`, 'Node', bySelector, requiredNodes(5)),
    relation('PREFERS', `${node}.${preferred}[*].preference`, 'Node', bySelector, nodeRequirements),
    relation('NEAR', `${near}.${required}[*]`, 'Pod', bySelector, peers),
    relation('NEAR', `${near}.${preferred}[*].podAffinityTerm`, 'Pod', bySelector, peers),
    relation('APART_FROM', `${apart}.${required}[*]`, 'Pod', bySelector, peers),
    relation('APART_FROM', `${apart}.${preferred}[*].podAffinityTerm`, 'Pod', bySelector, peers),
  ];
}

function devices(path: string, t: Via): readonly Relation[] {
  return [
    names('USES_DEVICE', `${path}.resourceClaims[*].resourceClaimName`, ResourceClaim, t),
    names('USES_DEVICE', `${path}.resourceClaims[*].resourceClaimTemplateName`, ResourceClaimTemplate, t),
  ];
}

/** Where Multus looks for a default network that is named without a namespace, unless it is configured otherwise. */
const MULTUS_NAMESPACE = 'kube-system';

/** Networks that the annotations of a pod, or of its template, ask for. */
export function networkRelations(annotations: string, t: Via): readonly Relation[] {
  const to = 'NetworkAttachmentDefinition';
  return [
    relation(
      'USES_NETWORK',
      `${annotations}["k8s.v1.cni.cncf.io/networks"]`,
      to,
      { note: 'a list of names or JSON; the pod’s namespace unless one is named', ...t },
      (found) => attachments(found, found.namespace),
    ),
    relation(
      'USES_NETWORK',
      `${annotations}["v1.multus-cni.io/default-network"]`,
      to,
      { confidence: 'naming', note: `in ${MULTUS_NAMESPACE} unless a namespace is named`, ...t },
      (found) => attachments(found, MULTUS_NAMESPACE),
    ),
  ];
}

function hasRequiredNodes(spec: unknown): boolean {
  const terms = (
    spec as {
      affinity?: {
        nodeAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms?: unknown } };
      };
    }
  ).affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return Array.isArray(terms) && terms.length > 0;
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

/** Labels of the pods that the spec belongs to, from one of its constraints. */
function templateLabels({ up }: Found): Readonly<Record<string, string>> {
  const holder = up(3) as { metadata?: { labels?: Readonly<Record<string, string>> } };
  return holder.metadata?.labels ?? {};
}

function keyOf({ value }: Found): { key: string } | undefined {
  const key = textAt(value, 'key');
  return key === undefined ? undefined : { key };
}
