/**
 * Knative Serving: services, the revisions that traffic goes to, and the machinery below them.
 * Sources: serving.knative.dev/v1, autoscaling.internal.knative.dev and networking.internal.knative.dev (serving 0.51).
 */
import type { Scalar } from '../../model/resource.ts';
import { hostOutcome } from '../addresses.ts';
import type { Found, Kind, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { podSpecRelations } from '../pod-template.ts';
import { namespaced, Secret, Service } from '../refs.ts';
import { names, namesPseudo, refersTo, relation } from '../relations.ts';
import { columns, ready } from './custom-resource.ts';

const GROUP = 'serving.knative.dev';
const AUTOSCALING = 'autoscaling.internal.knative.dev';
const NETWORKING = 'networking.internal.knative.dev';
const Configuration = namespaced(GROUP, 'Configuration');
const Revision = namespaced(GROUP, 'Revision');

const readyAndReason = { ready: '@Ready', reason: '@Ready.reason' };

/** Share and tag of a traffic target, or of a split. */
function share({ up }: Found): Readonly<Record<string, Scalar>> | undefined {
  const { percent, tag } = up(1) as { percent?: unknown; tag?: unknown };
  const known = { ...(typeof percent === 'number' && { percent }), ...(typeof tag === 'string' && { tag }) };
  return Object.keys(known).length === 0 ? undefined : known;
}

const toRevision = (path: string): Relation =>
  names('ROUTES_TO', `${path}[*].revisionName`, Revision, { attributes: share });

const latest = names('USES_REVISION', 'status.latestReadyRevisionName', Revision);
const template = podSpecRelations('spec.template.spec', 'template');

const service = kind({
  group: GROUP,
  name: 'Service',
  plural: 'services',
  namespaced: true,
  summary: columns({
    url: 'status.url',
    latestCreated: 'status.latestCreatedRevisionName',
    latestReady: 'status.latestReadyRevisionName',
    ...readyAndReason,
  }),
  health: ready,
  relations: [toRevision('spec.traffic'), toRevision('status.traffic'), latest, ...template],
});

const configuration = kind({
  group: GROUP,
  name: Configuration.kind,
  plural: 'configurations',
  namespaced: true,
  summary: columns({
    latestCreated: 'status.latestCreatedRevisionName',
    latestReady: 'status.latestReadyRevisionName',
    ...readyAndReason,
  }),
  health: ready,
  relations: [latest, ...template],
});

const labelled =
  (name: string) =>
  (object: unknown): Scalar | undefined =>
    (object as { metadata?: { labels?: Readonly<Record<string, string>> } }).metadata?.labels?.[`${GROUP}/${name}`];

/** The spec of a Revision is a pod spec itself. */
const revision = kind({
  group: GROUP,
  name: Revision.kind,
  plural: 'revisions',
  namespaced: true,
  summary: columns({
    configName: labelled('configuration'),
    generation: labelled('configurationGeneration'),
    ...readyAndReason,
    actualReplicas: 'status.actualReplicas',
    desiredReplicas: 'status.desiredReplicas',
  }),
  health: ready,
  relations: [
    ...podSpecRelations('spec', 'template'),
    namesPseudo('USES_IMAGE', 'status.containerStatuses[*].imageDigest', 'Image', { via: 'template' }),
  ],
});

const route = kind({
  group: GROUP,
  name: 'Route',
  plural: 'routes',
  namespaced: true,
  summary: columns({ url: 'status.url', ...readyAndReason }),
  health: ready,
  relations: [
    toRevision('spec.traffic'),
    names('ROUTES_TO', 'spec.traffic[*].configurationName', Configuration, { attributes: share }),
    toRevision('status.traffic'),
  ],
});

const domainMapping = kind({
  group: GROUP,
  name: 'DomainMapping',
  plural: 'domainmappings',
  namespaced: true,
  summary: columns({ url: 'status.url', ...readyAndReason }),
  health: ready,
  relations: [
    relation('DEFINES', 'metadata.name', 'ExternalHost (pseudo)', { note: 'the domain is its name' }, ({ name }) =>
      hostOutcome(name),
    ),
    refersTo('ROUTES_TO', 'spec.ref', 'Service (Knative) or any addressable', { namespace: 'namespace' }),
    names('SERVES_CERTIFICATE', 'spec.tls.secretName', Secret),
  ],
});

const podAutoscaler = kind({
  group: AUTOSCALING,
  name: 'PodAutoscaler',
  plural: 'podautoscalers',
  namespaced: true,
  summary: columns({
    desiredScale: 'status.desiredScale',
    actualScale: 'status.actualScale',
    ...readyAndReason,
  }),
  health: (object: unknown) => {
    const health = ready(object);
    // Scaled to zero for want of traffic is how it should be.
    return health.reason === 'NoTraffic' ? { status: 'healthy', reason: 'NoTraffic' } : health;
  },
  relations: [
    refersTo('SCALES', 'spec.scaleTargetRef', 'Deployment'),
    names('MEASURES', 'status.metricsServiceName', Service),
  ],
});

const metric = kind({
  group: AUTOSCALING,
  name: 'Metric',
  plural: 'metrics',
  namespaced: true,
  summary: columns(readyAndReason),
  health: ready,
  relations: [names('MEASURES', 'spec.scrapeTarget', Service)],
});

const serverlessService = kind({
  group: NETWORKING,
  name: 'ServerlessService',
  plural: 'serverlessservices',
  namespaced: true,
  summary: columns({
    mode: 'spec.mode',
    activators: 'spec.numActivators',
    serviceName: 'status.serviceName',
    privateServiceName: 'status.privateServiceName',
    ...readyAndReason,
  }),
  health: ready,
  relations: [
    refersTo('ROUTES_TO', 'spec.objectRef', 'Deployment'),
    names('PRODUCES', 'status.{serviceName,privateServiceName}', Service),
  ],
});

const ingress = kind({
  group: NETWORKING,
  name: 'Ingress',
  plural: 'ingresses',
  namespaced: true,
  summary: columns(readyAndReason),
  health: ready,
  relations: [
    names('ROUTES_TO', 'spec.rules[*].http.paths[*].splits[*]', Service, {
      name: 'serviceName',
      namespace: 'serviceNamespace',
      attributes: ({ value }) => {
        const { percent } = value as { percent?: unknown };
        return typeof percent === 'number' ? { percent } : undefined;
      },
    }),
    names('SERVES_CERTIFICATE', 'spec.tls[*]', Secret, { name: 'secretName', namespace: 'secretNamespace' }),
  ],
});

export const knativeServing: readonly Kind[] = [
  service,
  configuration,
  revision,
  route,
  domainMapping,
  podAutoscaler,
  metric,
  serverlessService,
  ingress,
];
