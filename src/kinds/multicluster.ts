/** Multi-cluster services: what this cluster offers to others, and what it takes from them. Source: multicluster.x-k8s.io/v1alpha1 (KEP-1645). */
import { conditionHealth } from './conditions.ts';
import { kind } from './kind.ts';
import { namespaced, Service } from './refs.ts';
import { names } from './relations.ts';

export const ServiceImport = namespaced('multicluster.x-k8s.io', 'ServiceImport');

export const serviceExport = kind<object>({
  group: 'multicluster.x-k8s.io',
  name: 'ServiceExport',
  plural: 'serviceexports',
  namespaced: true,
  health: (object) => conditionHealth(object, { good: ['Valid', 'Ready'], worrying: ['Conflict'] }),
  relations: [
    names('EXPORTS', 'metadata.name', Service, {
      note: 'the Service of the same name; without one nothing is exported',
    }),
  ],
});

interface Import {
  readonly spec?: {
    readonly type?: string;
    readonly ips?: readonly string[];
    readonly ports?: readonly { readonly port: number; readonly protocol?: string }[];
  };
}

export const serviceImport = kind<Import>({
  ...ServiceImport,
  name: ServiceImport.kind,
  plural: 'serviceimports',
  summary: ({ spec }) => ({
    type: spec?.type,
    ip: spec?.ips?.join(','),
    ports: spec?.ports?.map(({ port, protocol }) => `${port}/${protocol ?? 'TCP'}`).join(','),
  }),
  health: (object) => conditionHealth(object, { good: ['Ready'] }),
  relations: [
    names('ALIAS_OF', 'metadata.annotations["multicluster.kubernetes.io/derived-service"]', Service, {
      note: 'the Service that carries the imported address here',
    }),
    names('ALIAS_OF', 'metadata.name', Service, {
      confidence: 'naming',
      note: 'the Service of the same name, where this cluster exports it as well',
    }),
  ],
});
