/** PodSecurityPolicy: served until Kubernetes 1.24, so in old recordings only. Roles permit its use by name. Source: policy/v1beta1. */
import { kind } from './kind.ts';

interface Policy {
  readonly spec?: { readonly privileged?: boolean };
}

export const podSecurityPolicy = kind<Policy>({
  group: 'policy',
  name: 'PodSecurityPolicy',
  plural: 'podsecuritypolicies',
  shortNames: ['psp'],
  namespaced: false,
  summary: ({ spec }) => ({ priv: spec?.privileged ?? false }),
});
