/**
 * Argo Rollouts: progressive delivery, the traffic objects it edits and the analyses that judge it.
 * Source: argoproj.io/v1alpha1 Rollout, Experiment, AnalysisTemplate, AnalysisRun (argo-rollouts 1.10).
 */
import type { Found, Kind, Outcome, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { podSpecRelations } from '../pod-template.ts';
import { clusterScoped, Ingress, namespaced, Secret, Service } from '../refs.ts';
import { names, refersTo, relation, textAt, valueAt } from '../relations.ts';
import { columns, healthByPhase } from './custom-resource.ts';
import { secretsBelow } from './deep-references.ts';

const GROUP = 'argoproj.io';
const AnalysisTemplate = namespaced(GROUP, 'AnalysisTemplate');
const ClusterAnalysisTemplate = clusterScoped(GROUP, 'ClusterAnalysisTemplate');
const VirtualService = namespaced('networking.istio.io', 'VirtualService');
const DestinationRule = namespaced('networking.istio.io', 'DestinationRule');
const TraefikService = namespaced('traefik.io', 'TraefikService');
const TrafficSplit = namespaced('split.smi-spec.io', 'TrafficSplit');
const ApisixRoute = namespaced('apisix.apache.org', 'ApisixRoute');
const Mapping = namespaced('getambassador.io', 'Mapping');
const GATEWAY_API = 'gateway.networking.k8s.io';

const ANALYSES = 'AnalysisTemplate or ClusterAnalysisTemplate';

/** `{templateName, clusterScope}`: with `clusterScope: true` a ClusterAnalysisTemplate. */
function analysed(path: string): Relation {
  return relation('USES_TEMPLATE', path, ANALYSES, { note: 'cluster-wide with clusterScope' }, analysisTemplate);
}

function analysisTemplate({ value, namespace }: Found): Outcome | undefined {
  const name = textAt(value, 'templateName');
  if (name === undefined) return undefined;
  const wide = (value as { clusterScope?: unknown }).clusterScope === true;
  const { group, kind: kindName } = wide ? ClusterAnalysisTemplate : AnalysisTemplate;
  return {
    target: { by: 'name', group, kind: kindName, namespace: wide ? '' : namespace, name },
    suffix: '.templateName',
  };
}

/** What the controller writes to as it shifts traffic. */
function steers(path: string, target: typeof Service): Relation {
  return names('MANAGES', path, target, { attributes: ({ steps }) => ({ role: String(steps.at(-1)) }) });
}

/** Istio objects may be written `name` or `name.namespace`. */
function steersIstio(path: string, target: typeof Service): Relation {
  return relation('MANAGES', path, target.kind, { note: 'name or name.namespace' }, ({ value, namespace }) => {
    const text = textAt(value, 'name');
    if (text === undefined) return undefined;
    const [, name = text, where = namespace] = /^(.+)\.([^.]+)$/.exec(text.replace(/\.cluster\.local$/, '')) ?? [];
    return { target: { by: 'name', group: target.group, kind: target.kind, namespace: where, name }, suffix: '.name' };
  });
}

const CANARY = 'spec.strategy.canary';
const BLUE_GREEN = 'spec.strategy.blueGreen';
const ROUTING = `${CANARY}.trafficRouting`;
const PLUGIN = `${ROUTING}.plugins["argoproj-labs/gatewayAPI"]`;

/** The Gateway API plugin names its routes one by one or in lists, all in one namespace. */
function pluginRoutes(): readonly Relation[] {
  return ['HTTP', 'GRPC', 'TCP', 'TLS'].flatMap((protocol) => {
    const target = namespaced(GATEWAY_API, `${protocol}Route`);
    const field = `${protocol.toLowerCase()}Route`;
    const inPluginNamespace =
      (levels: number) =>
      ({ up }: Found) =>
        textAt(up(levels), 'namespace');
    return [
      names('MANAGES', `${PLUGIN}.${field}`, target, { namespace: inPluginNamespace(1) }),
      names('MANAGES', `${PLUGIN}.${field}s[*]`, target, { namespace: inPluginNamespace(2) }),
    ];
  });
}

const rollout = kind({
  group: GROUP,
  name: 'Rollout',
  plural: 'rollouts',
  namespaced: true,
  summary: columns({
    desired: 'spec.replicas',
    current: 'status.replicas',
    upToDate: 'status.updatedReplicas',
    available: 'status.availableReplicas',
  }),
  health: healthByPhase('status.phase', {
    Healthy: 'healthy',
    Progressing: 'warning',
    Paused: 'warning',
    Degraded: 'critical',
  }),
  relations: [
    ...podSpecRelations('spec.template.spec', 'template'),
    refersTo('USES_TEMPLATE', 'spec.workloadRef', 'a workload', { note: 'takes its pod template from there' }),
    steers(`${CANARY}.{canaryService,stableService}`, Service),
    steers(`${CANARY}.pingPong.{pingService,pongService}`, Service),
    steers(`${BLUE_GREEN}.{activeService,previewService}`, Service),
    names('DEPENDS_ON', `${ROUTING}.{alb,smi}.rootService`, Service),
    steersIstio(`${ROUTING}.istio.virtualService`, VirtualService),
    steersIstio(`${ROUTING}.istio.virtualServices[*]`, VirtualService),
    steersIstio(`${ROUTING}.istio.destinationRule`, DestinationRule),
    names('DEPENDS_ON', `${ROUTING}.nginx.stableIngress`, Ingress),
    names('DEPENDS_ON', `${ROUTING}.nginx.stableIngresses[*]`, Ingress),
    names('MANAGES', `${ROUTING}.alb.ingress`, Ingress),
    names('MANAGES', `${ROUTING}.alb.ingresses[*]`, Ingress),
    names('MANAGES', `${ROUTING}.traefik.weightedTraefikServiceName`, TraefikService),
    names('MANAGES', `${ROUTING}.smi.trafficSplitName`, TrafficSplit),
    names('MANAGES', `${ROUTING}.apisix.route`, ApisixRoute),
    names('DEPENDS_ON', `${ROUTING}.ambassador.mappings[*]`, Mapping),
    ...pluginRoutes(),
    analysed(`${CANARY}.analysis.templates[*]`),
    analysed(`${CANARY}.steps[*].analysis.templates[*]`),
    analysed(`${CANARY}.steps[*].experiment.analyses[*]`),
    analysed(`${BLUE_GREEN}.{prePromotionAnalysis,postPromotionAnalysis}.templates[*]`),
  ],
});

const analysisPhases = {
  Pending: 'warning',
  Running: 'healthy',
  Successful: 'healthy',
  Failed: 'critical',
  Error: 'critical',
  Inconclusive: 'warning',
} as const;

const FINISHED: ReadonlySet<unknown> = new Set(['Successful', 'Failed', 'Error', 'Inconclusive']);

const experiment = kind({
  group: GROUP,
  name: 'Experiment',
  plural: 'experiments',
  namespaced: true,
  summary: columns({ status: 'status.phase' }),
  health: healthByPhase('status.phase', analysisPhases),
  idle: (object: unknown) => FINISHED.has(valueAt(object, 'status.phase')),
  relations: [
    ...podSpecRelations('spec.templates[*].template.spec', 'template'),
    analysed('spec.analyses[*]'),
    names('PRODUCES', 'status.templateStatuses[*]', Service, { name: 'serviceName', optional: true }),
  ],
});

const provider = podSpecRelations('spec.metrics[*].provider.job.spec.template.spec', 'template');

const analysisTemplateKind = kind({
  group: GROUP,
  name: AnalysisTemplate.kind,
  plural: 'analysistemplates',
  namespaced: true,
  relations: [
    analysed('spec.templates[*]'),
    secretsBelow('spec.args'),
    names('USES_SECRET', 'spec.metrics[*].provider.datadog.secretRef', Secret, {
      when: ({ value }) => (value as { namespaced?: unknown }).namespaced === true,
      note: 'with namespaced: true; else in the namespace of Argo Rollouts',
    }),
    ...provider,
  ],
});

const clusterAnalysisTemplate = kind({
  group: GROUP,
  name: ClusterAnalysisTemplate.kind,
  plural: 'clusteranalysistemplates',
  namespaced: false,
  relations: [analysed('spec.templates[*]')],
});

const analysisRun = kind({
  group: GROUP,
  name: 'AnalysisRun',
  plural: 'analysisruns',
  namespaced: true,
  summary: columns({ status: 'status.phase' }),
  health: healthByPhase('status.phase', analysisPhases),
  idle: (object: unknown) => FINISHED.has(valueAt(object, 'status.phase')),
  relations: [secretsBelow('spec.args'), ...provider],
});

export const argoRollouts: readonly Kind[] = [
  rollout,
  experiment,
  analysisTemplateKind,
  clusterAnalysisTemplate,
  analysisRun,
];
