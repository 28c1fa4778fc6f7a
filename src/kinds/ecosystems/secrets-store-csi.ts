/**
 * Secrets Store CSI driver: what a volume of the driver holds, and the Secrets made of it while a pod mounts it.
 * Source: secrets-store.csi.x-k8s.io/v1. That a pod uses a class is told by its volume.
 */
import type { Kind } from '../kind.ts';
import { kind } from '../kind.ts';
import { SecretProviderClass } from '../pod-volumes.ts';
import { Pod, Secret } from '../refs.ts';
import { names } from '../relations.ts';
import { columns } from './custom-resource.ts';

const { group } = SecretProviderClass;

const secretProviderClass = kind({
  group,
  name: SecretProviderClass.kind,
  plural: 'secretproviderclasses',
  namespaced: true,
  relations: [
    names('PRODUCES', 'spec.secretObjects[*]', Secret, {
      name: 'secretName',
      optional: true,
      note: 'exists only while a pod mounts the volume',
    }),
  ],
});

const secretProviderClassPodStatus = kind({
  group,
  name: 'SecretProviderClassPodStatus',
  plural: 'secretproviderclasspodstatuses',
  namespaced: true,
  summary: columns({ mounted: 'status.mounted' }),
  health: (object: { readonly status?: { readonly mounted?: boolean } }) =>
    object.status?.mounted === false ? { status: 'critical', reason: 'NotMounted' } : { status: 'healthy' },
  relations: [
    names('REPORTS_ON', 'status.podName', Pod),
    names('USES_CONFIG', 'status.secretProviderClassName', SecretProviderClass),
  ],
});

export const secretsStoreCsi: readonly Kind[] = [secretProviderClass, secretProviderClassPodStatus];
