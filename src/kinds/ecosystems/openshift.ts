/**
 * OpenShift: routes and deployment configurations. Builds and images: openshift-builds.ts.
 * Sources: route.openshift.io/v1, apps.openshift.io/v1 (openshift/api of July 2025).
 */
import type { Health } from '../../model/resource.ts';
import type { Kind } from '../kind.ts';
import { kind } from '../kind.ts';
import { podSpecRelations } from '../pod-template.ts';
import { Secret } from '../refs.ts';
import { names, namesPseudo, refersTo, valueAt } from '../relations.ts';
import { carries } from './attributes.ts';
import { columns, healthBy } from './custom-resource.ts';
import { openshiftBuilds } from './openshift-builds.ts';
import { securityContextConstraints } from './openshift-constraints.ts';
import { imageFrom } from './openshift-images.ts';

const ROUTE = 'route.openshift.io';

const target = { defaultKind: 'Service', defaultGroup: '', kinds: ['Service'], attributes: carries(['weight']) };

interface Admission {
  readonly conditions?: readonly { readonly type?: string; readonly status?: string; readonly reason?: string }[];
}

/** A route is served when any router admits it. */
function routeHealth(object: unknown): Health {
  const routers = valueAt(object, 'status.ingress');
  const admissions = (Array.isArray(routers) ? (routers as (Admission | null)[]) : []).flatMap(
    (router) => router?.conditions?.filter(({ type }) => type === 'Admitted') ?? [],
  );
  if (admissions.length === 0) return { status: 'unknown' };
  if (admissions.some(({ status }) => status === 'True')) return { status: 'healthy' };
  return { status: 'critical', reason: admissions[0]?.reason ?? 'NotAdmitted' };
}

const route = kind({
  group: ROUTE,
  name: 'Route',
  plural: 'routes',
  namespaced: true,
  summary: columns({
    host: 'spec.host',
    path: 'spec.path',
    services: 'spec.to.name',
    port: 'spec.port.targetPort',
    termination: 'spec.tls.termination',
    wildcard: 'spec.wildcardPolicy',
  }),
  health: routeHealth,
  relations: [
    refersTo('ROUTES_TO', 'spec.to', 'Service', target),
    refersTo('ROUTES_TO', 'spec.alternateBackends[*]', 'Service', target),
    names('SERVES_CERTIFICATE', 'spec.tls.externalCertificate', Secret),
    namesPseudo('EXPOSED_BY', 'status.ingress[*].routerCanonicalHostname', 'LoadBalancer'),
  ],
});

const deploymentConfig = kind({
  group: 'apps.openshift.io',
  name: 'DeploymentConfig',
  plural: 'deploymentconfigs',
  namespaced: true,
  summary: columns({
    revision: 'status.latestVersion',
    desired: 'spec.replicas',
    current: 'status.replicas',
  }),
  health: healthBy({ good: ['Available', 'Progressing'], progressingReasons: ['ReplicationControllerUpdated'] }),
  relations: [
    ...podSpecRelations('spec.template.spec', 'template'),
    imageFrom('USES_IMAGE', 'spec.triggers[*].imageChangeParams.from'),
  ],
});

export const openshift: readonly Kind[] = [route, deploymentConfig, securityContextConstraints, ...openshiftBuilds];
