/** Certificates that the cluster's own API issues and distributes. Source: certificates.k8s.io. */
import type {
  V1beta1ClusterTrustBundle,
  V1beta1PodCertificateRequest,
  V1CertificateSigningRequest,
} from '@kubernetes/client-node';
import type { Health } from '../model/resource.ts';
import { because, condition, holds } from './conditions.ts';
import { kind } from './kind.ts';
import { FIELD_SIGNER } from './pod-volumes.ts';
import { userOutcome } from './rbac.ts';
import { ClusterTrustBundle, Node, Pod, ServiceAccount } from './refs.ts';
import { names, namesPseudo, relation } from './relations.ts';

const signedBy = namesPseudo('SIGNED_BY', 'spec.signerName', 'Signer');

export const certificateSigningRequest = kind<V1CertificateSigningRequest>({
  group: 'certificates.k8s.io',
  name: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  shortNames: ['csr'],
  namespaced: false,
  summary: (object) => ({
    signerName: object.spec?.signerName,
    requestor: object.spec?.username,
    condition: signingState(object),
  }),
  health: (object) => requestHealth(object, ['Denied', 'Failed'], object.status?.certificate ? 'Issued' : 'Approved'),
  relations: [
    signedBy,
    relation('REQUESTED_BY', 'spec.username', 'User (pseudo), or ServiceAccount', {}, ({ value }) =>
      typeof value === 'string' && value !== '' ? userOutcome(value) : undefined,
    ),
  ],
});

/** The CONDITION column: `Approved,Issued`, `Denied`, `Pending` (kubernetes pkg/printers/internalversion extractCSRStatus). */
function signingState(object: { readonly status?: { readonly certificate?: string } }): string {
  const state = holds(object, 'Denied') ? 'Denied' : holds(object, 'Approved') ? 'Approved' : 'Pending';
  const parts = [state];
  if (holds(object, 'Failed')) parts.push('Failed');
  if (object.status?.certificate) parts.push('Issued');
  return parts.join(',');
}

/** critical: refused or failed · warning: waits, be it for approval or for the signer. */
function requestHealth(object: object, bad: readonly string[], good: string): Health {
  const fault = bad.map((type) => condition(object, type)).find((found) => found?.status === 'True');
  if (fault) return because('critical', fault);
  return good === 'Issued' || holds(object, good) ? { status: 'healthy' } : { status: 'warning', reason: 'Pending' };
}

export const clusterTrustBundle = kind<V1beta1ClusterTrustBundle>({
  ...ClusterTrustBundle,
  name: ClusterTrustBundle.kind,
  plural: 'clustertrustbundles',
  summary: ({ spec }) => ({ signerName: spec?.signerName }),
  selectable: ({ spec }) => (spec?.signerName ? { [FIELD_SIGNER]: spec.signerName } : undefined),
  relations: [signedBy],
});

export const podCertificateRequest = kind<V1beta1PodCertificateRequest>({
  group: 'certificates.k8s.io',
  name: 'PodCertificateRequest',
  plural: 'podcertificaterequests',
  namespaced: true,
  summary: (object) => ({
    podName: object.spec?.podName,
    serviceAccountName: object.spec?.serviceAccountName,
    nodeName: object.spec?.nodeName,
    signerName: object.spec?.signerName,
    state: ['Issued', 'Denied', 'Failed'].find((type) => holds(object, type)) ?? 'Pending',
  }),
  health: (object) => requestHealth(object, ['Denied', 'Failed'], holds(object, 'Issued') ? 'Issued' : 'Pending'),
  relations: [
    signedBy,
    names('REQUESTED_BY', 'spec', Pod, { name: 'podName', uid: 'podUID', optional: true }),
    names('REQUESTED_BY', 'spec', Node, { name: 'nodeName', uid: 'nodeUID', optional: true, variant: Node.kind }),
    names('ASSUMES', 'spec', ServiceAccount, { name: 'serviceAccountName', uid: 'serviceAccountUID', optional: true }),
  ],
});
