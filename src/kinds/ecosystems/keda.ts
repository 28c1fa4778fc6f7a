/**
 * KEDA: what is scaled by events, and how the scalers sign in to where the events are.
 * Source: keda.sh/v1alpha1, eventing.keda.sh/v1alpha1 (keda 2.21).
 */
import { dnsTargets } from '../dns.ts';
import type { Kind, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { podSpecRelations } from '../pod-template.ts';
import { ConfigMap, namespaced, Secret, ServiceAccount } from '../refs.ts';
import { type NameOptions, names, type ObjectOptions, refersTo, relation, textAt } from '../relations.ts';
import { columns, healthBy } from './custom-resource.ts';
import { type DeepOptions, secretsBelow } from './deep-references.ts';

const GROUP = 'keda.sh';
const EVENTING = 'eventing.keda.sh';
const HorizontalPodAutoscaler = namespaced('autoscaling', 'HorizontalPodAutoscaler');

const signsIn = (path: string, only: Pick<ObjectOptions, 'kinds'> = {}): Relation =>
  refersTo('USES_CONFIG', path, 'TriggerAuthentication or ClusterTriggerAuthentication', {
    defaultGroup: GROUP,
    defaultKind: 'TriggerAuthentication',
    ...only,
  });

const triggers: readonly Relation[] = [
  signsIn('spec.triggers[*].authenticationRef'),
  relation(
    'MEASURES',
    'spec.triggers[*].metadata[*]',
    'Service',
    { confidence: 'heuristic', note: 'addresses in the metadata of a trigger' },
    dnsTargets,
  ),
];

const health = healthBy({ good: ['Ready'], worrying: ['Fallback', 'Paused'] });
const states = { min: 'spec.minReplicaCount', max: 'spec.maxReplicaCount', ready: '@Ready', active: '@Active' };
const kinds = { triggers: 'status.triggersTypes', authentications: 'status.authenticationsTypes' };

const scaledObject = kind({
  group: GROUP,
  name: 'ScaledObject',
  plural: 'scaledobjects',
  namespaced: true,
  summary: columns({
    scaleTargetKind: 'status.scaleTargetKind',
    scaleTargetName: 'spec.scaleTargetRef.name',
    ...states,
    fallback: '@Fallback',
    paused: '@Paused',
    ...kinds,
  }),
  health,
  relations: [
    refersTo('SCALES', 'spec.scaleTargetRef', 'Deployment, or anything with a scale', {
      defaultGroup: 'apps',
      defaultKind: 'Deployment',
    }),
    names('PRODUCES', 'status.hpaName', HorizontalPodAutoscaler),
    ...triggers,
  ],
});

const scaledJob = kind({
  group: GROUP,
  name: 'ScaledJob',
  plural: 'scaledjobs',
  namespaced: true,
  summary: columns({ ...states, paused: '@Paused', ...kinds }),
  health,
  relations: [...podSpecRelations('spec.jobTargetRef.template.spec', 'template'), ...triggers],
});

const keyed = ({ value }: { readonly value: unknown }): { key: string } | undefined => {
  const key = textAt(value, 'key');
  return key === undefined ? undefined : { key };
};

function authentication(where: Pick<DeepOptions, 'namespace' | 'confidence' | 'note'>): readonly Relation[] {
  const options: NameOptions = { ...where, attributes: keyed };
  return [
    names('USES_SECRET', 'spec.secretTargetRef[*]', Secret, options),
    names('USES_CONFIG', 'spec.configMapTargetRef[*]', ConfigMap, options),
    secretsBelow('spec', where),
    names('USES_TOKEN_OF', 'spec.hashiCorpVault.credential.serviceAccountName', ServiceAccount, where),
    names('USES_TOKEN_OF', 'spec.boundServiceAccountToken[*]', ServiceAccount, {
      ...where,
      name: 'serviceAccountName',
    }),
  ];
}

const cells = columns({
  podIdentity: 'spec.podIdentity.provider',
  vaultAddress: 'spec.hashiCorpVault.address',
});

const triggerAuthentication = kind({
  group: GROUP,
  name: 'TriggerAuthentication',
  plural: 'triggerauthentications',
  namespaced: true,
  summary: cells,
  relations: authentication({}),
});

const clusterTriggerAuthentication = kind({
  group: GROUP,
  name: 'ClusterTriggerAuthentication',
  plural: 'clustertriggerauthentications',
  namespaced: false,
  summary: cells,
  relations: authentication({
    namespace: () => 'keda',
    confidence: 'naming',
    note: 'in KEDA’s own namespace, by default keda',
  }),
});

const eventSource = (name: string, plural: string, isNamespaced: boolean): Kind =>
  kind({
    group: EVENTING,
    name,
    plural,
    namespaced: isNamespaced,
    summary: columns({ active: '@Active' }),
    health: healthBy({ good: ['Active'] }),
    relations: [
      signsIn('spec.authenticationRef', isNamespaced ? {} : { kinds: ['ClusterTriggerAuthentication'] }),
      relation('DELIVERS_TO', 'spec.destination.http.uri', 'Service', { confidence: 'heuristic' }, dnsTargets),
    ],
  });

export const keda: readonly Kind[] = [
  scaledObject,
  scaledJob,
  triggerAuthentication,
  clusterTriggerAuthentication,
  eventSource('CloudEventSource', 'cloudeventsources', true),
  eventSource('ClusterCloudEventSource', 'clustercloudeventsources', false),
];
