/** Elastic Cloud on Kubernetes: the parts of an Elastic stack and how they find each other. Source: *.k8s.elastic.co (cloud-on-k8s 3). */
import type { Found, Kind, KindRef, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { podSpecRelations } from '../pod-template.ts';
import { namespaced, Secret, Service, ServiceAccount } from '../refs.ts';
import { names } from '../relations.ts';
import { type Column, columns, healthByPhase } from './custom-resource.ts';

const group = (name: string): string => `${name}.k8s.elastic.co`;
const Elasticsearch = namespaced(group('elasticsearch'), 'Elasticsearch');
const Kibana = namespaced(group('kibana'), 'Kibana');
const Agent = namespaced(group('agent'), 'Agent');
const EnterpriseSearch = namespaced(group('enterprisesearch'), 'EnterpriseSearch');

const health = healthByPhase('status.health', {
  green: 'healthy',
  yellow: 'warning',
  red: 'critical',
  unknown: 'unknown',
});

/** `{name, namespace?, serviceName?}`; with a secretName instead it is outside of the cluster. */
const uses = (path: string, target: KindRef): Relation => names('DEPENDS_ON', path, target, { namespace: 'namespace' });
const elasticsearches = (...fields: readonly string[]): Relation => uses(`spec.{${fields.join(',')}}`, Elasticsearch);

const shared: readonly Relation[] = [
  uses('spec.monitoring.{metrics,logs}.elasticsearchRefs[*]', Elasticsearch),
  names('USES_SECRET', 'spec.**', Secret, {
    name: 'secretName',
    note: 'at any depth: fields secretName, but not those of pod templates',
    when: ({ steps }: Found) => !steps.includes('podTemplate') && !steps.includes('volumeClaimTemplates'),
  }),
];

function part(
  target: KindRef,
  plural: string,
  relations: readonly Relation[],
  templates: readonly string[] = ['spec.podTemplate.spec'],
  cells: Readonly<Record<string, Column>> = { nodes: 'status.availableNodes' },
): Kind {
  return kind({
    group: target.group,
    name: target.kind,
    plural,
    namespaced: true,
    summary: columns({ health: 'status.health', ...cells, version: 'status.version' }),
    health,
    relations: [...relations, ...shared, ...templates.flatMap((path) => podSpecRelations(path, 'template'))],
  });
}

const replicas = { available: 'status.availableNodes', expected: 'status.expectedNodes' };
const eitherWay = ['spec.deployment.podTemplate.spec', 'spec.daemonSet.podTemplate.spec'];

export const elastic: readonly Kind[] = [
  part(
    Elasticsearch,
    'elasticsearches',
    [
      uses('spec.remoteClusters[*].elasticsearchRef', Elasticsearch),
      names('RUNS_AS', 'spec.serviceAccountName', ServiceAccount, { note: 'by which other parts are let in' }),
    ],
    ['spec.nodeSets[*].podTemplate.spec'],
    { nodes: 'status.availableNodes', phase: 'status.phase' },
  ),
  part(Kibana, 'kibanas', [
    elasticsearches('elasticsearchRef'),
    uses('spec.enterpriseSearchRef', EnterpriseSearch),
    names('CALLS', 'spec.{elasticsearchRef,enterpriseSearchRef}', Service, {
      name: 'serviceName',
      namespace: 'namespace',
    }),
  ]),
  part(namespaced(group('apm'), 'ApmServer'), 'apmservers', [
    elasticsearches('elasticsearchRef'),
    uses('spec.kibanaRef', Kibana),
  ]),
  part(
    namespaced(group('beat'), 'Beat'),
    'beats',
    [elasticsearches('elasticsearchRef'), uses('spec.kibanaRef', Kibana)],
    eitherWay,
    replicas,
  ),
  part(
    Agent,
    'agents',
    [elasticsearches('elasticsearchRefs[*]'), uses('spec.kibanaRef', Kibana), uses('spec.fleetServerRef', Agent)],
    [...eitherWay, 'spec.statefulSet.podTemplate.spec'],
    replicas,
  ),
  part(namespaced(group('logstash'), 'Logstash'), 'logstashes', [elasticsearches('elasticsearchRefs[*]')]),
  part(EnterpriseSearch, 'enterprisesearches', [elasticsearches('elasticsearchRef')]),
  part(namespaced(group('maps'), 'ElasticMapsServer'), 'elasticmapsservers', [elasticsearches('elasticsearchRef')]),
];
