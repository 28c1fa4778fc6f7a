/** ServiceAccount: who a pod is, to the API and to the cloud. Source: core/v1 and the annotations of EKS, GKE and AKS. */
import type { V1ServiceAccount } from '@kubernetes/client-node';
import { kind } from './kind.ts';
import { Secret } from './refs.ts';
import { names, namesPseudo } from './relations.ts';

const CLOUD_IDENTITIES = [
  'eks.amazonaws.com/role-arn',
  'iam.gke.io/gcp-service-account',
  'azure.workload.identity/client-id',
];

export const serviceAccount = kind<V1ServiceAccount>({
  group: '',
  name: 'ServiceAccount',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  namespaced: true,
  summary: ({ secrets }) => ({ secrets: secrets?.length ?? 0 }),
  relations: [
    names('USES_SECRET', 'secrets[*]', Secret),
    names('PULLS_WITH', 'imagePullSecrets[*]', Secret),
    ...CLOUD_IDENTITIES.map((key) => namesPseudo('ASSUMES', `metadata.annotations["${key}"]`, 'CloudIdentity')),
  ],
});
