/** What an Ingress asks of ingress-nginx by annotation. Source: kubernetes/ingress-nginx user guide, annotations. */
import { dnsTargets } from './dns.ts';
import type { KindRef, Relation } from './kind.ts';
import { namesQualified } from './qualified-name.ts';
import { ConfigMap, Secret, Service } from './refs.ts';
import { names, relation } from './relations.ts';

const annotation = (name: string): string => `metadata.annotations["nginx.ingress.kubernetes.io/${name}"]`;
const all = (edge: string, target: KindRef, ...list: readonly string[]): readonly Relation[] =>
  list.map((name) => namesQualified(edge, annotation(name), target));

export const ingressAnnotations: readonly Relation[] = [
  ...all('USES_SECRET', Secret, 'auth-secret', 'auth-tls-secret', 'proxy-ssl-secret'),
  ...all('USES_CONFIG', ConfigMap, 'auth-proxy-set-headers', 'custom-headers', 'fastcgi-params-configmap'),
  names('ROUTES_TO', annotation('default-backend'), Service, {
    note: 'takes over when the own backend has no endpoints',
  }),
  ...['auth-url', 'mirror-target'].map((name) =>
    relation('CALLS', annotation(name), 'Service', { confidence: 'heuristic' }, dnsTargets),
  ),
];
