/**
 * Traefik: routes to services, what stands in between, and the certificates of both sides. A name with an `@` belongs to another
 * provider (`auth@file`, `api@internal`) and is no object. Sources: traefik.io/v1alpha1 (traefik 3.7); traefik.containo.us until 2.x.
 */
import type { Found, Kind, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { ConfigMap, IngressClass, namespaced, Secret, Service } from '../refs.ts';
import { type NameOptions, names, relation, textAt } from '../relations.ts';
import { carries } from './attributes.ts';

const isObject = ({ value }: Found): boolean =>
  !(typeof value === 'string' ? value : (textAt(value, 'name') ?? '')).includes('@');
const anywhere: NameOptions = { namespace: 'namespace', when: isObject };
/** A load balancer's transport lives where the load balancer does. */
const besideService: NameOptions = { namespace: ({ up }) => textAt(up(1), 'namespace'), when: isObject };
/** Options and store called default are there without an object. */
const builtIn: NameOptions = { ...anywhere, optional: ({ value }) => textAt(value, 'name') === 'default' };

const classed = names('USES_CLASS', 'spec.ingressClassName', IngressClass, {
  optional: true,
  note: 'Traefik compares the text, no IngressClass need exist',
});

const toServices = names('ROUTES_TO', 'spec.routes[*].services[*]', Service, {
  ...anywhere,
  attributes: carries(['port', 'weight']),
});

const trusts = (path: string): readonly Relation[] => [
  names('USES_SECRET', `${path}.certificatesSecrets[*]`, Secret),
  names('TRUSTS', `${path}.rootCAsSecrets[*]`, Secret),
  names('TRUSTS', `${path}.rootCAs[*].secret`, Secret),
  names('TRUSTS', `${path}.rootCAs[*].configMap`, ConfigMap),
];

/** A Service, or a TraefikService of the same API group. */
function served(edge: string, path: string, group: string): Relation {
  const options = { ...anywhere, attributes: carries(['port', 'weight', 'percent']) };
  const toService = names(edge, path, Service, options);
  const toTraefikService = names(edge, path, namespaced(group, 'TraefikService'), options);
  return relation(edge, path, 'Service or TraefikService', { note: 'kind Service by default' }, (found) =>
    (textAt(found.value, 'kind') === 'TraefikService' ? toTraefikService : toService).resolve(found),
  );
}

const balanced = (path: string, group: string): readonly Relation[] => [
  names('EXTENDED_BY', `${path}.middlewares[*]`, namespaced(group, 'Middleware'), anywhere),
  names('CONFIGURED_BY', `${path}.serversTransport`, namespaced(group, 'ServersTransport'), besideService),
];

const here = (group: string, name: string, plural: string, relations: readonly Relation[]): Kind =>
  kind({ group, name, plural, namespaced: true, relations });

function routesOf(group: string): readonly Kind[] {
  const secured: readonly Relation[] = [
    names('SERVES_CERTIFICATE', 'spec.tls.secretName', Secret),
    names('CONFIGURED_BY', 'spec.tls.options', namespaced(group, 'TLSOption'), builtIn),
    names('CONFIGURED_BY', 'spec.tls.store', namespaced(group, 'TLSStore'), builtIn),
  ];
  const through = (name: string): Relation =>
    names('EXTENDED_BY', 'spec.routes[*].middlewares[*]', namespaced(group, name), anywhere);
  return [
    here(group, 'IngressRoute', 'ingressroutes', [
      served('ROUTES_TO', 'spec.routes[*].services[*]', group),
      ...balanced('spec.routes[*].services[*]', group),
      through('Middleware'),
      names('ATTACHES_TO', 'spec.parentRefs[*]', namespaced(group, 'IngressRoute'), anywhere),
      classed,
      ...secured,
    ]),
    here(group, 'IngressRouteTCP', 'ingressroutetcps', [
      toServices,
      names(
        'CONFIGURED_BY',
        'spec.routes[*].services[*].serversTransport',
        namespaced(group, 'ServersTransportTCP'),
        besideService,
      ),
      through('MiddlewareTCP'),
      classed,
      ...secured,
    ]),
    here(group, 'IngressRouteUDP', 'ingressrouteudps', [toServices, classed]),
  ];
}

function partsOf(group: string): readonly Kind[] {
  const several = 'spec.{weighted,highestRandomWeight}.services[*]';
  return [
    here(group, 'TraefikService', 'traefikservices', [
      served('ROUTES_TO', several, group),
      served('ROUTES_TO', 'spec.failover.{service,fallback}', group),
      served('ROUTES_TO', 'spec.mirroring', group),
      served('MIRRORS_TO', 'spec.mirroring.mirrors[*]', group),
      ...balanced(several, group),
      ...balanced('spec.{failover.service,failover.fallback,mirroring,mirroring.mirrors[*]}', group),
    ]),
    here(group, 'Middleware', 'middlewares', [
      names('EXTENDED_BY', 'spec.chain.middlewares[*]', namespaced(group, 'Middleware'), anywhere),
      served('ROUTES_TO', 'spec.errors.service', group),
      ...balanced('spec.errors.service', group),
      names('USES_SECRET', 'spec.{basicAuth,digestAuth}.secret', Secret),
      names('USES_SECRET', 'spec.rateLimit.redis.{secret,tls.certSecret}', Secret),
      names('USES_SECRET', 'spec.forwardAuth.tls.certSecret', Secret),
      names('TRUSTS', 'spec.{forwardAuth,rateLimit.redis}.tls.caSecret', Secret),
    ]),
    here(group, 'MiddlewareTCP', 'middlewaretcps', []),
    here(group, 'ServersTransport', 'serverstransports', trusts('spec')),
    here(group, 'ServersTransportTCP', 'serverstransporttcps', trusts('spec.tls')),
    here(group, 'TLSOption', 'tlsoptions', [names('TRUSTS', 'spec.clientAuth.secretNames[*]', Secret)]),
    here(group, 'TLSStore', 'tlsstores', [
      names('SERVES_CERTIFICATE', 'spec.defaultCertificate.secretName', Secret),
      names('SERVES_CERTIFICATE', 'spec.certificates[*].secretName', Secret),
    ]),
  ];
}

export const traefik: readonly Kind[] = ['traefik.io', 'traefik.containo.us'].flatMap((group) => [
  ...routesOf(group),
  ...partsOf(group),
]);
