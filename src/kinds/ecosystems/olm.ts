/**
 * Operator Lifecycle Manager: subscriptions to packages, the versions installed from catalogs, and where they may act. What an operator
 * version made carries the label olm.owner: see label-parents.ts. Source: operators.coreos.com (operator-framework/api 0.36).
 */
import type { Health } from '../../model/resource.ts';
import type { Found, Kind } from '../kind.ts';
import { kind } from '../kind.ts';
import {
  ConfigMap,
  CustomResourceDefinition,
  clusterScoped,
  Deployment,
  Namespace,
  namespaced,
  Secret,
  Service,
  ServiceAccount,
} from '../refs.ts';
import { names, namesPseudo, refersTo, relation, selects, textAt, valueAt } from '../relations.ts';
import { columns, healthBy, healthByPhase } from './custom-resource.ts';

const GROUP = 'operators.coreos.com';
const ClusterServiceVersion = namespaced(GROUP, 'ClusterServiceVersion');
const CatalogSource = namespaced(GROUP, 'CatalogSource');
const InstallPlan = namespaced(GROUP, 'InstallPlan');
const OperatorGroup = namespaced(GROUP, 'OperatorGroup');
const APIService = clusterScoped('apiregistration.k8s.io', 'APIService');

/** Packages come from a catalog; the package itself is no object. */
const catalog = names('SYNCS_FROM', 'spec.source', CatalogSource, {
  namespace: ({ up }) => textAt(up(1), 'sourceNamespace'),
});

const subscription = kind({
  group: GROUP,
  name: 'Subscription',
  plural: 'subscriptions',
  namespaced: true,
  summary: columns({ package: 'spec.name', source: 'spec.source', channel: 'spec.channel' }),
  health: (object: unknown): Health => {
    const state = textAt(valueAt(object, 'status'), 'state');
    if (state === 'UpgradeFailed') return { status: 'critical', reason: state };
    const trouble = healthBy({ good: [], worrying: ['CatalogSourcesUnhealthy', 'ResolutionFailed'] })(object);
    if (trouble.status !== 'unknown') return trouble;
    return state === 'AtLatestKnown'
      ? { status: 'healthy' }
      : { status: state ? 'warning' : 'unknown', ...(state && { reason: state }) };
  },
  relations: [
    catalog,
    names('MANAGES', 'status.installedCSV', ClusterServiceVersion),
    names('PRODUCES', 'status.currentCSV', ClusterServiceVersion, {
      optional: true,
      note: 'the version being installed',
    }),
    names('PRODUCES', 'status.installPlanRef', InstallPlan, { namespace: 'namespace', optional: true }),
    names('READS', 'spec.config.envFrom[*].configMapRef', ConfigMap, { optional: 'optional' }),
    names('READS_SECRET', 'spec.config.envFrom[*].secretRef', Secret, { optional: 'optional' }),
  ],
});

/** A copy tells other namespaces of an operator that watches them, and has made nothing itself. */
const isOriginal = ({ object }: Found): boolean => object.metadata.labels?.['olm.copiedFrom'] === undefined;

const clusterServiceVersion = kind({
  group: GROUP,
  name: ClusterServiceVersion.kind,
  plural: 'clusterserviceversions',
  namespaced: true,
  summary: columns({
    display: 'spec.displayName',
    version: 'spec.version',
    replaces: 'spec.replaces',
    phase: 'status.phase',
  }),
  health: healthByPhase('status.phase', {
    Succeeded: 'healthy',
    Pending: 'warning',
    InstallReady: 'warning',
    Installing: 'warning',
    Replacing: 'warning',
    Deleting: 'warning',
    Unknown: 'warning',
    Failed: 'critical',
  }),
  relations: [
    names('DEFINES', 'spec.customresourcedefinitions.owned[*]', CustomResourceDefinition, { when: isOriginal }),
    names('DEPENDS_ON', 'spec.customresourcedefinitions.required[*]', CustomResourceDefinition, { when: isOriginal }),
    ...['owned', 'required'].map((list) =>
      relation(
        list === 'owned' ? 'DEFINES' : 'DEPENDS_ON',
        `spec.apiservicedefinitions.${list}[*]`,
        APIService.kind,
        { note: 'named version.group' },
        (found) => {
          const version = textAt(found.value, 'version');
          const group = textAt(found.value, 'group');
          if (version === undefined || group === undefined || !isOriginal(found)) return undefined;
          return {
            target: {
              by: 'name',
              group: APIService.group,
              kind: APIService.kind,
              namespace: '',
              name: `${version}.${group}`,
            },
            suffix: '.version',
          };
        },
      ),
    ),
    names('PRODUCES', 'spec.install.spec.deployments[*]', Deployment, { when: isOriginal }),
    names('PRODUCES', 'spec.install.spec.{permissions,clusterPermissions}[*]', ServiceAccount, {
      name: 'serviceAccountName',
      when: isOriginal,
    }),
    relation(
      'CLONED_FROM',
      'metadata.labels["olm.copiedFrom"]',
      ClusterServiceVersion.kind,
      { note: 'of the same name in that namespace' },
      ({ value, name }) => ({
        target: { by: 'name', group: GROUP, kind: ClusterServiceVersion.kind, namespace: String(value), name },
      }),
    ),
    names('BELONGS_TO', 'metadata.annotations["olm.operatorGroup"]', OperatorGroup, {
      namespace: ({ up }) => textAt(up(1), 'olm.operatorNamespace'),
    }),
  ],
});

const installPlan = kind({
  group: GROUP,
  name: InstallPlan.kind,
  plural: 'installplans',
  namespaced: true,
  summary: columns({
    csv: (object) => {
      const list = valueAt(object, 'spec.clusterServiceVersionNames');
      return Array.isArray(list) ? String(list[0]) : undefined;
    },
    approval: 'spec.approval',
    approved: 'spec.approved',
  }),
  health: healthByPhase('status.phase', {
    Complete: 'healthy',
    Installing: 'warning',
    Planning: 'warning',
    RequiresApproval: 'warning',
    Failed: 'critical',
  }),
  idle: (object: unknown) => valueAt(object, 'status.phase') === 'Complete',
  relations: [
    names('PRODUCES', 'spec.clusterServiceVersionNames[*]', ClusterServiceVersion),
    refersTo('SYNCS_FROM', 'status.bundleLookups[*].catalogSourceRef', CatalogSource.kind, {
      defaultGroup: GROUP,
      defaultKind: CatalogSource.kind,
      namespace: 'namespace',
    }),
  ],
});

const operatorGroup = kind({
  group: GROUP,
  name: OperatorGroup.kind,
  plural: 'operatorgroups',
  namespaced: true,
  relations: [
    names('APPLIES_TO', 'spec.targetNamespaces[*]', Namespace),
    selects('APPLIES_TO', 'spec.selector', Namespace, {
      empty: 'none',
      when: ({ up }) => !(up(1) as { targetNamespaces?: readonly unknown[] }).targetNamespaces?.length,
      note: 'only without targetNamespaces; without either, all namespaces, which is said of none',
    }),
    names('RUNS_AS', 'spec.serviceAccountName', ServiceAccount),
  ],
});

const catalogSource = kind({
  group: GROUP,
  name: CatalogSource.kind,
  plural: 'catalogsources',
  namespaced: true,
  summary: columns({ display: 'spec.displayName', type: 'spec.sourceType', publisher: 'spec.publisher' }),
  health: healthByPhase('status.connectionState.lastObservedState', {
    READY: 'healthy',
    CONNECTING: 'warning',
    IDLE: 'warning',
    TRANSIENT_FAILURE: 'critical',
    SHUTDOWN: 'critical',
  }),
  relations: [
    namesPseudo('USES_IMAGE', 'spec.image', 'Image'),
    names('USES_CONFIG', 'spec.configMap', ConfigMap),
    names('PULLS_WITH', 'spec.secrets[*]', Secret),
    names('PRODUCES', 'status.registryService', Service, { name: 'serviceName', namespace: 'serviceNamespace' }),
  ],
});

const operator = kind({
  group: GROUP,
  name: 'Operator',
  plural: 'operators',
  namespaced: false,
  relations: [refersTo('MANAGES', 'status.components.refs[*]', 'any', { namespace: 'namespace', optional: true })],
});

export const olm: readonly Kind[] = [
  subscription,
  clusterServiceVersion,
  installPlan,
  operatorGroup,
  catalogSource,
  operator,
];
