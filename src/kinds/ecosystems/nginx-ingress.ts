/**
 * NGINX Ingress Controller (F5): virtual servers and the policies before them. Not ingress-nginx, whose annotations are in
 * ingress-annotations.ts. Source: k8s.nginx.org/v1 (nginx/kubernetes-ingress 5).
 */
import { exposedBy } from '../addresses.ts';
import type { Kind, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { namesQualified } from '../qualified-name.ts';
import { IngressClass, namespaced, Secret, Service } from '../refs.ts';
import { names } from '../relations.ts';
import { carries } from './attributes.ts';
import { columns, healthByPhase } from './custom-resource.ts';

const GROUP = 'k8s.nginx.org';
const APP_PROTECT = 'appprotect.f5.com';
const Policy = namespaced(GROUP, 'Policy');
const VirtualServerRoute = namespaced(GROUP, 'VirtualServerRoute');
const DosProtectedResource = namespaced('appprotectdos.f5.com', 'DosProtectedResource');

const health = healthByPhase('status.state', { Valid: 'healthy', Warning: 'warning', Invalid: 'critical' });
const classed = names('USES_CLASS', 'spec.ingressClassName', IngressClass, { optional: true });
const policies = (path: string): Relation => names('EXTENDED_BY', `${path}[*]`, Policy, { namespace: 'namespace' });
const upstreams: readonly Relation[] = [
  names('ROUTES_TO', 'spec.upstreams[*].service', Service, { attributes: carries(['port'], 1) }),
  names('ROUTES_TO', 'spec.upstreams[*].backup', Service, { attributes: carries(['backupPort'], 1) }),
];

const server = (name: string, plural: string, relations: readonly Relation[]): Kind =>
  kind({
    group: GROUP,
    name,
    plural,
    namespaced: true,
    summary: columns({ state: 'status.state', host: 'spec.host', reason: 'status.reason' }),
    health,
    relations: [classed, ...upstreams, ...relations],
  });

const policy = kind({
  group: GROUP,
  name: Policy.kind,
  plural: 'policies',
  namespaced: true,
  summary: columns({ state: 'status.state' }),
  health,
  relations: [
    names('USES_SECRET', 'spec.{jwt,basicAuth}.secret', Secret),
    names('USES_SECRET', 'spec.{oidc,apiKey}.clientSecret', Secret),
    names('USES_SECRET', 'spec.egressMTLS.tlsSecret', Secret),
    names('TRUSTS', 'spec.ingressMTLS.clientCertSecret', Secret),
    names('TRUSTS', 'spec.{egressMTLS,oidc}.trustedCertSecret', Secret),
    namesQualified('CONFIGURED_BY', 'spec.waf.apPolicy', namespaced(APP_PROTECT, 'APPolicy')),
    namesQualified(
      'CONFIGURED_BY',
      'spec.waf.{securityLog,securityLogs[*]}.apLogConf',
      namespaced(APP_PROTECT, 'APLogConf'),
    ),
  ],
});

export const nginxIngress: readonly Kind[] = [
  server('VirtualServer', 'virtualservers', [
    names('SERVES_CERTIFICATE', 'spec.tls.secret', Secret),
    policies('spec.policies'),
    policies('spec.routes[*].policies'),
    namesQualified('ROUTES_TO', 'spec.routes[*].route', VirtualServerRoute),
    namesQualified('CONFIGURED_BY', 'spec.{dos,routes[*].dos}', DosProtectedResource),
    exposedBy('status.externalEndpoints[*]'),
  ]),
  server(VirtualServerRoute.kind, 'virtualserverroutes', [policies('spec.subroutes[*].policies')]),
  server('TransportServer', 'transportservers', [names('SERVES_CERTIFICATE', 'spec.tls.secret', Secret)]),
  policy,
];
