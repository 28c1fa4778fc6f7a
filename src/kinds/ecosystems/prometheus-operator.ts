/**
 * Prometheus operator: what is scraped by whom, which rules and receivers are loaded, and the credentials in between.
 * Source: monitoring.coreos.com/v1 and v1alpha1 (prometheus-operator 0.85).
 */

import type { Namespaces } from '../../model/reference.ts';
import type { Health } from '../../model/resource.ts';
import { condition } from '../conditions.ts';
import { dnsTargets } from '../dns.ts';
import type { Found, Kind, KindRef, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { namespacesOf } from '../pod-peers.ts';
import { podSpecRelations } from '../pod-template.ts';
import { ConfigMap, Ingress, namespaced, Pod, Secret, Service } from '../refs.ts';
import { names, namesPseudo, relation, selects, textAt } from '../relations.ts';
import { columns, healthBy } from './custom-resource.ts';
import { configMapsBelow, secretsBelow } from './deep-references.ts';

const GROUP = 'monitoring.coreos.com';
const ServiceMonitor = namespaced(GROUP, 'ServiceMonitor');
const PodMonitor = namespaced(GROUP, 'PodMonitor');
const Probe = namespaced(GROUP, 'Probe');
const ScrapeConfig = namespaced(GROUP, 'ScrapeConfig');
const PrometheusRule = namespaced(GROUP, 'PrometheusRule');
const AlertmanagerConfig = namespaced(GROUP, 'AlertmanagerConfig');

const template = { via: 'template' } as const;

/** Environment variables are told by the containers' own relations. */
const besidesEnvironment = { when: ({ steps }: Found) => !steps.includes('env') };

const credentials: readonly Relation[] = [
  secretsBelow('spec', besidesEnvironment),
  configMapsBelow('spec', besidesEnvironment),
];

const calls = (path: string, edge = 'CALLS'): Relation =>
  relation(edge, path, 'Service', { confidence: 'heuristic' }, dnsTargets);

/** `<what>Selector` and `<what>NamespaceSelector`: no selector selects nothing, an empty one everything; no namespace selector is the own namespace. */
function loads(what: string, target: KindRef): Relation {
  return selects('SELECTS', `spec.${what}Selector`, target, {
    empty: 'all',
    note: `in the namespaces of ${what}NamespaceSelector, the own without it`,
    namespaces: ({ up, namespace }) => {
      const chosen = (up(1) as Readonly<Record<string, unknown>>)[`${what}NamespaceSelector`];
      return chosen == null ? { type: 'names', names: [namespace] } : namespacesOf(chosen);
    },
  });
}

const monitors: readonly Relation[] = [
  loads('serviceMonitor', ServiceMonitor),
  loads('podMonitor', PodMonitor),
  loads('probe', Probe),
  loads('scrapeConfig', ScrapeConfig),
];

/** The spec of each server is nearly a pod spec. */
const server: readonly Relation[] = [
  ...podSpecRelations('spec', 'template'),
  namesPseudo('USES_IMAGE', 'spec.image', 'Image', template),
  names('GOVERNED_BY', 'spec.serviceName', Service),
];

const mounted: readonly Relation[] = [
  names('MOUNTS', 'spec.secrets[*]', Secret, template),
  names('MOUNTS', 'spec.configMaps[*]', ConfigMap, template),
];

const replicas = (desired: string) =>
  columns({
    version: 'spec.version',
    [desired]: 'spec.replicas',
    ready: 'status.availableReplicas',
    reconciled: '@Reconciled',
    available: '@Available',
  });

/** Available has a third status, Degraded: some replicas are missing. */
function serverHealth(object: unknown): Health {
  const available = condition(object, 'Available');
  if (available?.status === 'Degraded') {
    const { reason = 'Degraded', message } = available;
    return { status: 'warning', reason: reason || 'Degraded', ...(message && { message }) };
  }
  return healthBy({ good: ['Available', 'Reconciled'] })(object);
}

const prometheus = kind({
  group: GROUP,
  name: 'Prometheus',
  plural: 'prometheuses',
  namespaced: true,
  summary: replicas('desired'),
  health: serverHealth,
  relations: [
    ...monitors,
    loads('rule', PrometheusRule),
    names('NOTIFIES', 'spec.alerting.alertmanagers[*]', Service, {
      namespace: 'namespace',
      note: 'the Service before an Alertmanager',
    }),
    calls('spec.{remoteWrite,remoteRead}[*].url'),
    ...server,
    ...mounted,
    ...credentials,
  ],
});

const prometheusAgent = kind({
  group: GROUP,
  name: 'PrometheusAgent',
  plural: 'prometheusagents',
  namespaced: true,
  summary: replicas('desired'),
  health: serverHealth,
  relations: [...monitors, calls('spec.remoteWrite[*].url'), ...server, ...mounted, ...credentials],
});

const thanosRuler = kind({
  group: GROUP,
  name: 'ThanosRuler',
  plural: 'thanosrulers',
  namespaced: true,
  summary: replicas('replicas'),
  health: serverHealth,
  relations: [
    loads('rule', PrometheusRule),
    calls('spec.queryEndpoints[*]'),
    calls('spec.alertmanagersUrl[*]', 'NOTIFIES'),
    ...server,
    ...credentials,
  ],
});

const alertmanager = kind({
  group: GROUP,
  name: 'Alertmanager',
  plural: 'alertmanagers',
  namespaced: true,
  summary: replicas('replicas'),
  health: serverHealth,
  relations: [
    loads('alertmanagerConfig', AlertmanagerConfig),
    names('USES_CONFIG', 'spec.alertmanagerConfiguration', AlertmanagerConfig),
    relation(
      'USES_SECRET',
      'spec',
      'Secret',
      { note: 'configSecret; alertmanager-<name> without it, if there is one' },
      ({ value, name, namespace }) => {
        const said = textAt(value, 'configSecret');
        const { group, kind: kindName } = Secret;
        return {
          target: { by: 'name', group, kind: kindName, namespace, name: said ?? `alertmanager-${name}` },
          suffix: '.configSecret',
          ...(said === undefined && { optional: true }),
        };
      },
    ),
    ...server,
    ...mounted,
    ...credentials,
  ],
});

/** `{any, matchNames}`; without either, the own namespace. */
function monitored(levels: number): (found: Found) => Namespaces {
  return ({ up, namespace }) => {
    const { any, matchNames } = ((up(levels) as { namespaceSelector?: unknown }).namespaceSelector ?? {}) as {
      any?: unknown;
      matchNames?: unknown;
    };
    if (any === true) return { type: 'all' };
    const listed = Array.isArray(matchNames) ? matchNames.map(String) : [];
    return { type: 'names', names: listed.length > 0 ? listed : [namespace] };
  };
}

const scrapes = (path: string, target: KindRef): Relation =>
  selects('SCRAPES', path, target, {
    empty: 'all',
    namespaces: monitored(1),
    note: 'in the namespaces of namespaceSelector',
  });

const serviceMonitor = kind({
  group: GROUP,
  name: ServiceMonitor.kind,
  plural: 'servicemonitors',
  namespaced: true,
  relations: [scrapes('spec.selector', Service), ...credentials],
});

const podMonitor = kind({
  group: GROUP,
  name: PodMonitor.kind,
  plural: 'podmonitors',
  namespaced: true,
  relations: [scrapes('spec.selector', Pod), ...credentials],
});

const probe = kind({
  group: GROUP,
  name: Probe.kind,
  plural: 'probes',
  namespaced: true,
  relations: [
    scrapes('spec.targets.ingress.selector', Ingress),
    calls('spec.targets.staticConfig.static[*]', 'SCRAPES'),
    calls('spec.prober.url'),
    ...credentials,
  ],
});

const scrapeConfig = kind({
  group: GROUP,
  name: ScrapeConfig.kind,
  plural: 'scrapeconfigs',
  namespaced: true,
  relations: [calls('spec.staticConfigs[*].targets[*]', 'SCRAPES'), ...credentials],
});

const prometheusRule = kind({
  group: GROUP,
  name: PrometheusRule.kind,
  plural: 'prometheusrules',
  namespaced: true,
});

const alertmanagerConfig = kind({
  group: GROUP,
  name: AlertmanagerConfig.kind,
  plural: 'alertmanagerconfigs',
  namespaced: true,
  relations: credentials,
});

export const prometheusOperator: readonly Kind[] = [
  prometheus,
  prometheusAgent,
  thanosRuler,
  alertmanager,
  serviceMonitor,
  podMonitor,
  probe,
  scrapeConfig,
  prometheusRule,
  alertmanagerConfig,
];
