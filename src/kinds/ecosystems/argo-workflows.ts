/**
 * Argo Workflows: what a workflow's pods need before they exist, and the templates they come from.
 * Source: argoproj.io/v1alpha1 Workflow, CronWorkflow, WorkflowTemplate, WorkflowEventBinding (argo-workflows 3.6).
 */
import type { Found, Kind, Outcome, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { containerRelations, networkRelations, podSpecRelations } from '../pod-template.ts';
import { podVolumeRelations } from '../pod-volumes.ts';
import { ConfigMap, clusterScoped, namespaced, PriorityClass, ServiceAccount } from '../refs.ts';
import { names, relation, textAt, valueAt } from '../relations.ts';
import { columns, healthBy, healthByPhase } from './custom-resource.ts';
import { configMapsBelow, secretsBelow } from './deep-references.ts';

const GROUP = 'argoproj.io';
const Workflow = namespaced(GROUP, 'Workflow');
const WorkflowTemplate = namespaced(GROUP, 'WorkflowTemplate');
const ClusterWorkflowTemplate = clusterScoped(GROUP, 'ClusterWorkflowTemplate');

const template = { via: 'template' } as const;

/** `{name, clusterScope}`; names that hold parameters (`{{…}}`) are known at run time only. */
function workflowTemplate({ value, namespace }: Found): Outcome | undefined {
  const name = textAt(value, 'name');
  if (name === undefined || name.includes('{{')) return undefined;
  const wide = (value as { clusterScope?: unknown }).clusterScope === true;
  const { group, kind: kindName } = wide ? ClusterWorkflowTemplate : WorkflowTemplate;
  return {
    target: { by: 'name', group, kind: kindName, namespace: wide ? '' : namespace, name },
    suffix: '.name',
  };
}

function usesTemplate(path: string): Relation {
  const to = 'WorkflowTemplate or ClusterWorkflowTemplate';
  return relation('USES_TEMPLATE', path, to, { note: 'cluster-wide with clusterScope' }, workflowTemplate);
}

/** Environment variables are told by the containers' own relations. */
const besidesEnvironment = ({ steps }: Found): boolean => !steps.includes('env');

/** Relations of a WorkflowSpec: a pod spec in which each template adds containers, volumes and an account. */
function workflowSpec(path: string): readonly Relation[] {
  const each = `${path}.templates[*]`;
  return [
    usesTemplate(`${path}.workflowTemplateRef`),
    usesTemplate(`${path}.**.templateRef`),
    names('RUNS_AS', `${path}.{serviceAccountName,executor.serviceAccountName}`, ServiceAccount, template),
    names('RUNS_AS', `${each}.serviceAccountName`, ServiceAccount, template),
    names('HAS_PRIORITY', `${path}.podPriorityClassName`, PriorityClass, template),
    names('USES_CONFIG', `${path}.artifactRepositoryRef.configMap`, ConfigMap, {
      optional: true,
      note: 'or that of the controller',
    }),
    secretsBelow(path, { when: besidesEnvironment }),
    configMapsBelow(path, { when: besidesEnvironment, namespace: ({ up }) => textAt(up(1), 'namespace') }),
    ...podSpecRelations(path, 'template').filter(({ edge }) => edge !== 'RUNS_AS' && edge !== 'USES_NETWORK'),
    ...networkRelations(`${path}.podMetadata.annotations`, template),
    ...podVolumeRelations(each, template),
    ...['{container,script}', '{sidecars,initContainers}[*]', 'containerSet.containers[*]'].flatMap((where) =>
      containerRelations(`${each}.${where}`, template),
    ),
  ];
}

const FINISHED: ReadonlySet<unknown> = new Set(['Succeeded', 'Failed', 'Error']);

const workflow = kind({
  group: GROUP,
  name: Workflow.kind,
  plural: 'workflows',
  namespaced: true,
  summary: columns({ status: 'status.phase', message: 'status.message' }),
  health: healthByPhase('status.phase', {
    Pending: 'warning',
    Running: 'healthy',
    Succeeded: 'healthy',
    Failed: 'critical',
    Error: 'critical',
  }),
  idle: (object: unknown) => FINISHED.has(valueAt(object, 'status.phase')),
  relations: workflowSpec('spec'),
});

const cronWorkflow = kind({
  group: GROUP,
  name: 'CronWorkflow',
  plural: 'cronworkflows',
  namespaced: true,
  summary: columns({ schedule: 'spec.schedule', schedules: 'spec.schedules', suspend: 'spec.suspend' }),
  health: (object: unknown) => {
    const health = healthBy({ good: [], bad: ['SubmissionError', 'SpecError'] })(object);
    return health.status === 'unknown' ? { status: 'healthy' } : health;
  },
  relations: [
    names('PRODUCES', 'status.active[*]', Workflow, { uid: 'uid', optional: true }),
    ...workflowSpec('spec.workflowSpec'),
  ],
});

const workflowTemplateKind = kind({
  group: GROUP,
  name: WorkflowTemplate.kind,
  plural: 'workflowtemplates',
  namespaced: true,
  relations: workflowSpec('spec'),
});

/** Its namespaced references hold where a workflow uses it, so only what is cluster-wide is known. */
const clusterWorkflowTemplate = kind({
  group: GROUP,
  name: ClusterWorkflowTemplate.kind,
  plural: 'clusterworkflowtemplates',
  namespaced: false,
  relations: [
    names('USES_TEMPLATE', 'spec.**.templateRef', ClusterWorkflowTemplate, {
      when: ({ value }) => (value as { clusterScope?: unknown }).clusterScope === true,
    }),
  ],
});

const workflowEventBinding = kind({
  group: GROUP,
  name: 'WorkflowEventBinding',
  plural: 'workfloweventbindings',
  namespaced: true,
  relations: [usesTemplate('spec.submit.workflowTemplateRef')],
});

export const argoWorkflows: readonly Kind[] = [
  workflow,
  cronWorkflow,
  workflowTemplateKind,
  clusterWorkflowTemplate,
  workflowEventBinding,
];
