/**
 * Grafana operator: dashboards, data sources and alerting, and the instances they are loaded into.
 * Source: grafana.integreatly.org/v1beta1 (grafana-operator 5.18).
 */
import type { Namespaces } from '../../model/reference.ts';
import type { Found, Kind, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { podSpecRelations } from '../pod-template.ts';
import { ConfigMap, namespaced, Secret, ServiceAccount } from '../refs.ts';
import { names, selects, valueAt } from '../relations.ts';
import { columns, healthBy, healthByPhase } from './custom-resource.ts';
import { configMapsBelow, secretsBelow } from './deep-references.ts';

const GROUP = 'grafana.integreatly.org';
const Grafana = namespaced(GROUP, 'Grafana');
const Folder = namespaced(GROUP, 'GrafanaFolder');
const PolicyRoute = namespaced(GROUP, 'GrafanaNotificationPolicyRoute');

/** With `allowCrossNamespaceImport` every namespace, otherwise the own. */
function importing({ object, namespace }: Found): Namespaces {
  return valueAt(object, 'spec.allowCrossNamespaceImport') === true
    ? { type: 'all' }
    : { type: 'names', names: [namespace] };
}

const instances = selects('DEPLOYS_TO', 'spec.instanceSelector', Grafana, { empty: 'all', namespaces: importing });
const inFolder = names('BELONGS_TO', 'spec.folderRef', Folder);
const POD = 'spec.deployment.spec.template.spec';

const grafana = kind({
  group: GROUP,
  name: Grafana.kind,
  plural: 'grafanas',
  namespaced: true,
  summary: columns({ version: 'status.version', stage: 'status.stage', stageStatus: 'status.stageStatus' }),
  health: healthByPhase(
    'status.stageStatus',
    { success: 'healthy', 'in progress': 'warning', failed: 'critical' },
    'status.lastMessage',
  ),
  relations: [
    names('USES_SECRET', 'spec.{client,external}.tls.certSecretRef', Secret, { namespace: 'namespace' }),
    secretsBelow('spec.external'),
    selects('SELECTS', 'spec.jsonnet.libraryLabelSelector', ConfigMap, { empty: 'all' }),
    names('RUNS_AS', `${POD}.serviceAccountName`, ServiceAccount, { via: 'template' }),
    ...podSpecRelations(POD, 'template').filter(({ edge }) => edge !== 'RUNS_AS'),
  ],
});

const health = healthBy({
  good: [
    'AlertGroupSynchronized',
    'ContactPointSynchronized',
    'DashboardSynchronized',
    'DatasourceSynchronized',
    'FolderSynchronized',
    'LibraryPanelSynchronized',
    'MuteTimingSynchronized',
    'NotificationPolicySynchronized',
    'NotificationTemplateSynchronized',
  ],
  bad: ['NoMatchingInstance', 'NoMatchingFolder', 'InvalidSpec', 'NotificationPolicyLoopDetected'],
});

const values: readonly Relation[] = [secretsBelow('spec'), configMapsBelow('spec')];
const resync = { lastResync: 'status.lastResync' };
const matched = { noMatchingInstances: 'status.NoMatchingInstances', ...resync };

const content = (
  name: string,
  plural: string,
  cells: Parameters<typeof columns>[0],
  relations: readonly Relation[],
): Kind =>
  kind({
    group: GROUP,
    name,
    plural,
    namespaced: true,
    summary: columns(cells),
    health,
    relations: [instances, ...relations],
  });

const routes = selects('SELECTS', 'spec.route.**.routeSelector', PolicyRoute, {
  empty: 'all',
  namespaces: importing,
});

export const grafanaOperator: readonly Kind[] = [
  grafana,
  content('GrafanaDashboard', 'grafanadashboards', matched, [inFolder, ...values]),
  content('GrafanaDatasource', 'grafanadatasources', matched, values),
  content(Folder.kind, 'grafanafolders', matched, [names('BELONGS_TO', 'spec.parentFolderRef', Folder)]),
  content('GrafanaLibraryPanel', 'grafanalibrarypanels', resync, [inFolder, ...values]),
  content('GrafanaAlertRuleGroup', 'grafanaalertrulegroups', resync, [inFolder]),
  content('GrafanaContactPoint', 'grafanacontactpoints', resync, values),
  content('GrafanaMuteTiming', 'grafanamutetimings', resync, []),
  content('GrafanaNotificationPolicy', 'grafananotificationpolicies', resync, [routes]),
  content('GrafanaNotificationTemplate', 'grafananotificationtemplates', resync, []),
  kind({
    group: GROUP,
    name: PolicyRoute.kind,
    plural: 'grafananotificationpolicyroutes',
    namespaced: true,
    relations: [
      selects('SELECTS', 'spec.routeSelector', PolicyRoute, { empty: 'all' }),
      selects('SELECTS', 'spec.routes[*].**.routeSelector', PolicyRoute, { empty: 'all' }),
    ],
  }),
];
