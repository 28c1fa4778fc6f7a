/** Ingress and IngressClass: HTTP from outside to Services, and who serves it. Source: networking.k8s.io/v1. */
import type { V1Ingress, V1IngressClass } from '@kubernetes/client-node';
import type { Health, Scalar } from '../model/resource.ts';
import { addressesOf, exposedBy } from './addresses.ts';
import { issuerAnnotations } from './cert-manager-annotations.ts';
import { gkeIngress } from './ecosystems/cloud-load-balancers.ts';
import { ingressAnnotations } from './ingress-annotations.ts';
import { type Found, kind, type Raw } from './kind.ts';
import { IngressClass, Secret, Service } from './refs.ts';
import { names, namesPseudo, refersTo, relation, textAt } from './relations.ts';

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const DEFAULT_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class';
/** Selectable fact of default classes; no label can have it, for its key holds a colon. */
const DEFAULT_CLASS = 'mark:default-class';
const BACKENDS = 'spec.{defaultBackend,backend,rules[*].http.paths[*].backend}';

export const ingress = kind<V1Ingress>({
  group: 'networking.k8s.io',
  name: 'Ingress',
  plural: 'ingresses',
  shortNames: ['ing'],
  namespaced: true,
  summary: (i) => ({
    class: i.spec?.ingressClassName ?? i.metadata?.annotations?.[CLASS_ANNOTATION],
    hosts: hosts(i),
    address: addressesOf(i.status?.loadBalancer?.ingress).join(','),
    ports: i.spec?.tls?.length ? '80, 443' : '80',
  }),
  health: ingressHealth,
  relations: [
    names('USES_CLASS', 'spec.ingressClassName', IngressClass),
    names('USES_CLASS', `metadata.annotations["${CLASS_ANNOTATION}"]`, IngressClass, {
      optional: true,
      note: 'deprecated; controllers compare the text, no IngressClass need exist',
    }),
    relation(
      'USES_CLASS',
      'spec',
      'IngressClass',
      {
        confidence: 'heuristic',
        note: 'without a class: the newest default one, which admission sets on new Ingresses only',
      },
      defaultClass,
    ),
    names('ROUTES_TO', `${BACKENDS}.service`, Service, { attributes: routeOf }),
    names('ROUTES_TO', BACKENDS, Service, {
      name: 'serviceName',
      attributes: routeOf,
      note: 'until networking.k8s.io/v1beta1',
    }),
    refersTo('ROUTES_TO', `${BACKENDS}.resource`, 'any', { defaultGroup: '', attributes: routeOf }),
    names('SERVES_CERTIFICATE', 'spec.tls[*]', Secret, {
      name: 'secretName',
      attributes: ({ value }) => {
        const { hosts: served } = value as { hosts?: unknown };
        return Array.isArray(served) && served.length > 0 ? { hosts: served.join(',') } : undefined;
      },
    }),
    exposedBy('status.loadBalancer.ingress[*]'),
    ...issuerAnnotations,
    ...ingressAnnotations,
    ...gkeIngress,
  ],
});

export const ingressClass = kind<V1IngressClass>({
  ...IngressClass,
  name: IngressClass.kind,
  plural: 'ingressclasses',
  summary: ({ spec }) => ({ controller: spec?.controller, parameters: parameters(spec?.parameters) }),
  selectable: ({ metadata }) =>
    metadata?.annotations?.[DEFAULT_ANNOTATION] === 'true' ? { [DEFAULT_CLASS]: 'true' } : undefined,
  relations: [
    namesPseudo('SERVED_BY', 'spec.controller', 'Controller'),
    refersTo('CONFIGURED_BY', 'spec.parameters', 'any', {
      defaultGroup: '',
      namespace: ({ value }) => (textAt(value, 'scope') === 'Namespace' ? textAt(value, 'namespace') : ''),
    }),
  ],
});

function defaultClass({ value, object }: Found) {
  if (
    textAt(value, 'ingressClassName') !== undefined ||
    object.metadata.annotations?.[CLASS_ANNOTATION] !== undefined
  ) {
    return undefined;
  }
  return {
    target: {
      by: 'labels',
      group: IngressClass.group,
      kind: IngressClass.kind,
      selector: [{ key: DEFAULT_CLASS, operator: 'In', values: ['true'] }],
      namespaces: { type: 'all' },
      newest: true,
    },
    suffix: '.ingressClassName',
    value: 'default',
  } as const;
}

/** Host, path and port that lead to a backend. The match is a backend, or its `service` or `resource`. */
function routeOf({ value, steps, up }: Found): Readonly<Record<string, Scalar>> | undefined {
  const level = steps.findLastIndex((step) => step === 'backend' || step === 'defaultBackend');
  const away = steps.length - 1 - level;
  const entry = steps.includes('paths') ? up(away + 1) : undefined;
  const rule = steps.includes('paths') ? up(away + 4) : undefined;
  const { port, servicePort } = value as { port?: { name?: string; number?: number }; servicePort?: Scalar };
  const facts = {
    host: textAt(rule, 'host'),
    path: textAt(entry, 'path'),
    pathType: textAt(entry, 'pathType'),
    port: port?.name ?? port?.number ?? servicePort,
  };
  const known = Object.entries(facts).filter((entry): entry is [string, Scalar] => entry[1] !== undefined);
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

/** The HOSTS column: at most three (kubernetes pkg/printers/internalversion formatHosts). */
function hosts({ spec }: Raw<V1Ingress>): string {
  const all = (spec?.rules ?? []).map(({ host }) => host).filter((host) => host !== undefined && host !== '');
  if (all.length === 0) return '*';
  const shown = all.slice(0, 3).join(',');
  return all.length > 3 ? `${shown} + ${all.length - 3} more...` : shown;
}

/** Not every controller publishes an address, so none is no verdict. */
function ingressHealth({ status }: Raw<V1Ingress>): Health {
  return addressesOf(status?.loadBalancer?.ingress).length > 0
    ? { status: 'healthy' }
    : { status: 'unknown', reason: 'NoAddress' };
}

function parameters(reference: { apiGroup?: string; kind: string; name: string } | undefined): string | undefined {
  if (reference === undefined) return undefined;
  const { apiGroup, kind: kindName, name } = reference;
  return `${kindName}${apiGroup ? `.${apiGroup}` : ''}/${name}`;
}
