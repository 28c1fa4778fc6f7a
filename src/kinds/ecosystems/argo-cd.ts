/**
 * Argo CD: what an Application is made from, where it deploys to, and every object it manages.
 * Source: argoproj.io/v1alpha1 Application, ApplicationSet, AppProject (argo-cd 3.6).
 */
import type { Health } from '../../model/resource.ts';
import { type Requirement, selectorFrom } from '../../model/selector.ts';
import type { Found, Kind, Outcome, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { labelled } from '../pod-peers.ts';
import { ConfigMap, Namespace, namespaced, Secret } from '../refs.ts';
import { names, namesPseudo, relation, textAt, valueAt } from '../relations.ts';
import { columns, healthBy } from './custom-resource.ts';
import { repository } from './repository.ts';

const GROUP = 'argoproj.io';
const Application = namespaced(GROUP, 'Application');
const AppProject = namespaced(GROUP, 'AppProject');
const ApplicationSet = namespaced(GROUP, 'ApplicationSet');

/** Whether a destination is the cluster that Argo CD itself runs in. What is deployed elsewhere is not in this cluster's graph. */
function isHere(destination: unknown): boolean {
  const server = textAt(destination, 'server');
  if (server !== undefined) return server === 'https://kubernetes.default.svc';
  const name = textAt(destination, 'name');
  return name === undefined || name === 'in-cluster';
}

const deploysHere = ({ object }: Found): boolean => isHere(valueAt(object, 'spec.destination'));

const createsNamespace = ({ object }: Found): boolean => {
  const options = valueAt(object, 'spec.syncPolicy.syncOptions');
  return Array.isArray(options) && options.includes('CreateNamespace=true');
};

/** Text that is one name and no pattern of AppProject's (globs, `!` for all but). */
const isPlain = (text: unknown): boolean => typeof text === 'string' && !/[*?!{[]/.test(text);

/** `status.resources[*]`: group, kind and the namespace where there is one; hooks come and go. */
const managed = relation(
  'MANAGES',
  'status.resources[*]',
  'any',
  { note: 'only when the destination is this cluster' },
  ({ value, object }): Outcome | undefined => {
    const name = textAt(value, 'name');
    const kindName = textAt(value, 'kind');
    if (name === undefined || kindName === undefined || !isHere(valueAt(object, 'spec.destination'))) return undefined;
    const status = textAt(value, 'status');
    return {
      target: {
        by: 'name',
        group: textAt(value, 'group') ?? '',
        kind: kindName,
        namespace: textAt(value, 'namespace') ?? '',
        name,
      },
      suffix: '.name',
      ...((value as { hook?: unknown }).hook === true && { optional: true }),
      ...(status !== undefined && { attributes: { sync: status } }),
    };
  },
);

const SOURCES = 'spec.{source,sourceHydrator.drySource}';

const revision = ({ up }: Found): Record<string, string> | undefined => {
  const kept: Record<string, string> = {};
  for (const field of ['path', 'chart', 'targetRevision']) {
    const text = textAt(up(1), field);
    if (text !== undefined) kept[field] = text;
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
};

const healthOf: Readonly<Record<string, Health['status']>> = {
  Healthy: 'healthy',
  Progressing: 'warning',
  Suspended: 'warning',
  Missing: 'critical',
  Degraded: 'critical',
};

/** Errors first, then Argo CD's own health, then drift from what was asked for. */
function applicationHealth(object: unknown): Health {
  const conditions = valueAt(object, 'status.conditions');
  const error = Array.isArray(conditions)
    ? conditions.find((condition) => textAt(condition, 'type')?.endsWith('Error'))
    : undefined;
  const because = textAt(error, 'message');
  if (error)
    return { status: 'critical', reason: textAt(error, 'type') ?? 'Error', ...(because && { message: because }) };
  const own = valueAt(object, 'status.health.status');
  const status = healthOf[String(own)] ?? 'unknown';
  const message = valueAt(object, 'status.health.message');
  if (status !== 'healthy')
    return { status, ...(typeof own === 'string' && { reason: own }), ...(typeof message === 'string' && { message }) };
  return valueAt(object, 'status.sync.status') === 'OutOfSync'
    ? { status: 'warning', reason: 'OutOfSync' }
    : { status };
}

const application = kind({
  group: GROUP,
  name: Application.kind,
  plural: 'applications',
  namespaced: true,
  summary: columns({ syncStatus: 'status.sync.status', healthStatus: 'status.health.status' }),
  health: applicationHealth,
  relations: [
    names('BELONGS_TO', 'spec.project', AppProject, {
      namespace: ({ object }) => textAt(object['status'], 'controllerNamespace'),
      note: 'in the namespace of Argo CD (status.controllerNamespace)',
    }),
    names('DEPLOYS_TO', 'spec.destination', Namespace, {
      name: 'namespace',
      when: deploysHere,
      optional: createsNamespace,
    }),
    namesPseudo('DEPLOYS_TO', 'spec.destination', 'RemoteCluster', {
      when: (found) => !deploysHere(found),
      variant: 'RemoteCluster',
      read: ({ value }) => textAt(value, 'name') ?? textAt(value, 'server'),
    }),
    repository(`${SOURCES}.repoURL`, { attributes: revision }),
    repository('spec.sources[*].repoURL', { attributes: revision }),
    managed,
  ],
});

/** Cluster Secrets that a cluster generator goes through; an empty generator goes through all of them. */
const generatesFrom = relation(
  'SELECTS',
  'spec.generators.**.clusters',
  'Secret',
  { confidence: 'selector', note: 'Secrets labelled argocd.argoproj.io/secret-type=cluster' },
  ({ value, namespace }) => {
    const chosen = (value as { selector?: unknown }).selector;
    const more = chosen == null ? [] : selectorFrom(chosen);
    if (more === undefined) return undefined;
    const cluster: Requirement = { key: 'argocd.argoproj.io/secret-type', operator: 'In', values: ['cluster'] };
    return labelled(Secret, [cluster, ...more], { type: 'names', names: [namespace] });
  },
);

const generated: Relation = names('MANAGES', 'status.resources[*]', Application, {
  when: ({ value }) => textAt(value, 'kind') === Application.kind,
  namespace: 'namespace',
});

const applicationSet = kind({
  group: GROUP,
  name: ApplicationSet.kind,
  plural: 'applicationsets',
  namespaced: true,
  health: healthBy({
    good: ['ParametersGenerated', 'ResourcesUpToDate'],
    bad: ['ErrorOccurred', 'InvalidRolloutConfig'],
    progressing: ['RolloutProgressing'],
  }),
  relations: [
    generated,
    generatesFrom,
    repository('spec.generators.**.{git,oci}.repoURL'),
    names('USES_SECRET', 'spec.generators.**.tokenRef', Secret, { name: 'secretName' }),
    names('USES_CONFIG', 'spec.generators.**.plugin.configMapRef', ConfigMap),
    names('BELONGS_TO', 'spec.template.spec.project', AppProject, {
      via: 'template',
      when: ({ value }) => typeof value === 'string' && !value.includes('{{'),
    }),
  ],
});

const appProject = kind({
  group: GROUP,
  name: AppProject.kind,
  plural: 'appprojects',
  namespaced: true,
  relations: [
    names('PERMITS', 'spec.destinations[*]', Namespace, {
      name: 'namespace',
      optional: true,
      when: ({ value }) => isHere(value) && isPlain(textAt(value, 'namespace')),
      note: 'plain names only, no patterns',
    }),
    names('PERMITS', 'spec.sourceNamespaces[*]', Namespace, { optional: true, when: ({ value }) => isPlain(value) }),
  ],
});

export const argoCd: readonly Kind[] = [application, applicationSet, appProject];
