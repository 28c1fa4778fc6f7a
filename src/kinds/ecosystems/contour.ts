/** Contour: virtual hosts, the proxies that they delegate to, and who may use whose certificate. Source: projectcontour.io/v1 (contour 1.33). */
import type { Kind, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { namesQualified } from '../qualified-name.ts';
import { IngressClass, Namespace, namespaced, Secret, Service } from '../refs.ts';
import { allOf, names, relation, valueAt } from '../relations.ts';
import { carries } from './attributes.ts';
import { columns, healthByPhase } from './custom-resource.ts';

const GROUP = 'projectcontour.io';
const HTTPProxy = namespaced(GROUP, 'HTTPProxy');
const ExtensionService = namespaced(GROUP, 'ExtensionService');
const Gateway = namespaced('gateway.networking.k8s.io', 'Gateway');

const anywhere = { namespace: 'namespace' } as const;
const traffic = carries(['port', 'weight']);
const isMirror = (value: unknown): boolean => valueAt(value, 'mirror') === true;
const delegated = { note: '`namespace/name` needs a TLSCertificateDelegation there' };

const served = (path: string): readonly Relation[] => [
  names('ROUTES_TO', path, Service, { attributes: traffic, when: ({ value }) => !isMirror(value) }),
  names('MIRRORS_TO', path, Service, { attributes: traffic, when: ({ value }) => isMirror(value) }),
];

const httpProxy = kind({
  group: GROUP,
  name: HTTPProxy.kind,
  plural: 'httpproxies',
  namespaced: true,
  summary: columns({
    fqdn: 'spec.virtualhost.fqdn',
    tlsSecret: 'spec.virtualhost.tls.secretName',
    status: 'status.currentStatus',
    statusDescription: 'status.description',
  }),
  health: healthByPhase(
    'status.currentStatus',
    { valid: 'healthy', invalid: 'critical', orphaned: 'warning' },
    'status.description',
  ),
  relations: [
    ...served('spec.routes[*].services[*]'),
    ...served('spec.tcpproxy.services[*]'),
    names('ROUTES_TO', 'spec.includes[*]', HTTPProxy, anywhere),
    names('ROUTES_TO', 'spec.tcpproxy.{include,includes}', HTTPProxy, anywhere),
    namesQualified('SERVES_CERTIFICATE', 'spec.virtualhost.tls.secretName', Secret, delegated),
    namesQualified('TRUSTS', 'spec.virtualhost.tls.clientValidation.{caSecret,crlSecret}', Secret, delegated),
    namesQualified('TRUSTS', 'spec.{routes[*],tcpproxy}.services[*].validation.caSecret', Secret, delegated),
    namesQualified('TRUSTS', 'spec.virtualhost.jwtProviders[*].remoteJWKS.validation.caSecret', Secret, delegated),
    names('EXTENDED_BY', 'spec.virtualhost.authorization.extensionRef', ExtensionService, anywhere),
    names('USES_CLASS', 'spec.ingressClassName', IngressClass, {
      optional: true,
      note: 'Contour compares the text, no IngressClass need exist',
    }),
  ],
});

const extensionService = kind({
  group: GROUP,
  name: ExtensionService.kind,
  plural: 'extensionservices',
  namespaced: true,
  relations: [
    names('ROUTES_TO', 'spec.services[*]', Service, { attributes: traffic }),
    namesQualified('TRUSTS', 'spec.validation.caSecret', Secret, delegated),
  ],
});

const tlsCertificateDelegation = kind({
  group: GROUP,
  name: 'TLSCertificateDelegation',
  plural: 'tlscertificatedelegations',
  namespaced: true,
  relations: [
    names('PERMITS', 'spec.delegations[*].secretName', Secret, { optional: true }),
    relation(
      'GRANTS_TO',
      'spec.delegations[*].targetNamespaces[*]',
      Namespace.kind,
      { note: '* is every namespace' },
      ({ value }) => ({
        target:
          value === '*'
            ? allOf(Namespace)
            : { by: 'name', group: '', kind: Namespace.kind, namespace: '', name: String(value) },
        value: String(value),
        optional: true,
      }),
    ),
  ],
});

/** `ContourDeployment` holds the same settings one level deeper. */
function settings(path: string): readonly Relation[] {
  return [
    names('CONFIGURED_BY', `${path}.gateway.gatewayRef`, Gateway, anywhere),
    names('EXPOSED_BY', `${path}.envoy.service`, Service, anywhere),
    names('SERVES_CERTIFICATE', `${path}.httpproxy.fallbackCertificate`, Secret, anywhere),
    names('USES_SECRET', `${path}.envoy.clientCertificate`, Secret, anywhere),
    names('EXTENDED_BY', `${path}.globalExtAuth.extensionRef`, ExtensionService, anywhere),
    names('EXTENDED_BY', `${path}.{rateLimitService,tracing}.extensionService`, ExtensionService, anywhere),
  ];
}

const contourConfiguration = kind({
  group: GROUP,
  name: 'ContourConfiguration',
  plural: 'contourconfigurations',
  namespaced: true,
  relations: settings('spec'),
});

const contourDeployment = kind({
  group: GROUP,
  name: 'ContourDeployment',
  plural: 'contourdeployments',
  namespaced: true,
  relations: settings('spec.runtimeSettings'),
});

export const contour: readonly Kind[] = [
  httpProxy,
  extensionService,
  tlsCertificateDelegation,
  contourConfiguration,
  contourDeployment,
];
