/**
 * Tekton pipelines: runs, what they run, and what they work with. A name with a `$(…)` is only known when it runs, one beside a `resolver`
 * is fetched from elsewhere: neither is an object here. Source: tekton.dev/v1 (pipeline 1.6), and v1beta1 where it differs.
 */
import type { Health } from '../../model/resource.ts';
import { because, condition } from '../conditions.ts';
import type { Found, Kind, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import {
  ConfigMap,
  CSIDriver,
  namespaced,
  PersistentVolumeClaim,
  PriorityClass,
  Secret,
  ServiceAccount,
} from '../refs.ts';
import { type NameOptions, names, namesPseudo, refersTo, textAt, valueAt } from '../relations.ts';
import { columns } from './custom-resource.ts';

const GROUP = 'tekton.dev';
const Pipeline = namespaced(GROUP, 'Pipeline');
const StepAction = namespaced(GROUP, 'StepAction');

/** Only texts that are final: no variables. Looks at every field that may hold the name. */
const isFinal = ({ value }: Found): boolean => {
  const texts =
    typeof value === 'string' ? [value] : ['name', 'secretName', 'claimName'].map((field) => textAt(value, field));
  return texts.every((text) => text === undefined || !text.includes('$('));
};
const final: NameOptions = { when: isFinal };
const lenient: NameOptions = { ...final, optional: 'optional' };

const task = (path: string): Relation =>
  refersTo('USES_TEMPLATE', path, 'Task, ClusterTask or a custom task', {
    defaultGroup: GROUP,
    defaultKind: 'Task',
    when: (found) => isFinal(found) && textAt(found.value, 'resolver') === undefined,
  });
const pipelineOf = (path: string): Relation =>
  names('USES_TEMPLATE', path, Pipeline, {
    when: (found) => isFinal(found) && textAt(found.value, 'resolver') === undefined,
  });

const containers = (path: string): string => `${path}.{steps[*],sidecars[*],stepTemplate}`;
const images = (path: string): Relation =>
  namesPseudo('USES_IMAGE', `${containers(path)}.image`, 'Image', { when: isFinal });

/** What the spec of a task asks for: images, environment, volumes. */
function taskSpec(path: string): readonly Relation[] {
  const container = containers(path);
  return [
    images(path),
    names('USES_TEMPLATE', `${path}.steps[*].ref`, StepAction, {
      when: (found) => isFinal(found) && textAt(found.value, 'resolver') === undefined,
    }),
    names('READS', `${container}.envFrom[*].configMapRef`, ConfigMap, lenient),
    names('READS_SECRET', `${container}.envFrom[*].secretRef`, Secret, lenient),
    names('READS', `${container}.env[*].valueFrom.configMapKeyRef`, ConfigMap, lenient),
    names('READS_SECRET', `${container}.env[*].valueFrom.secretKeyRef`, Secret, lenient),
    ...volumes(`${path}.volumes[*]`),
  ];
}

/** A volume, or a workspace that is bound to one. */
function volumes(path: string): readonly Relation[] {
  return [
    names('CLAIMS', `${path}.persistentVolumeClaim`, PersistentVolumeClaim, { ...final, name: 'claimName' }),
    names('MOUNTS', `${path}.secret`, Secret, { ...lenient, name: 'secretName' }),
    names('MOUNTS', `${path}.configMap`, ConfigMap, lenient),
    names('MOUNTS', `${path}.projected.sources[*].secret`, Secret, lenient),
    names('MOUNTS', `${path}.projected.sources[*].configMap`, ConfigMap, lenient),
    names('USES_DRIVER', `${path}.csi`, CSIDriver, { ...final, name: 'driver' }),
  ];
}

const podTemplate = (path: string): readonly Relation[] => [
  names('PULLS_WITH', `${path}.imagePullSecrets[*]`, Secret, final),
  names('HAS_PRIORITY', `${path}.priorityClassName`, PriorityClass, final),
  ...volumes(`${path}.volumes[*]`),
];

const PIPELINE_TASKS = '{tasks,finally}[*]';
const pipelineTasks = (path: string): readonly Relation[] => [
  task(`${path}.${PIPELINE_TASKS}.taskRef`),
  pipelineOf(`${path}.${PIPELINE_TASKS}.pipelineRef`),
  ...taskSpec(`${path}.${PIPELINE_TASKS}.taskSpec`),
];

/** Succeeded is Unknown while it runs. */
function runHealth(object: unknown): Health {
  const succeeded = condition(object, 'Succeeded');
  if (succeeded === undefined) return { status: 'unknown' };
  if (succeeded.status === 'True') return { status: 'healthy' };
  if (succeeded.status === 'False') return because('critical', succeeded);
  return { status: 'healthy', reason: succeeded.reason ?? 'Running' };
}

const runColumns = columns({
  succeeded: '@Succeeded',
  reason: '@Succeeded.reason',
  startTime: 'status.startTime',
  completionTime: 'status.completionTime',
});
const isOver = (object: unknown): boolean => valueAt(object, 'status.completionTime') !== undefined;
const runsAs = (path: string): Relation => names('RUNS_AS', path, ServiceAccount, final);

const pipelineRun = kind({
  group: GROUP,
  name: 'PipelineRun',
  plural: 'pipelineruns',
  namespaced: true,
  summary: runColumns,
  health: runHealth,
  idle: isOver,
  relations: [
    pipelineOf('spec.pipelineRef'),
    ...pipelineTasks('spec.pipelineSpec'),
    ...volumes('spec.workspaces[*]'),
    runsAs('spec.{taskRunTemplate,taskRunSpecs[*]}.serviceAccountName'),
    runsAs('spec.serviceAccountName'),
    ...podTemplate('spec.{taskRunTemplate,taskRunSpecs[*]}.podTemplate'),
  ],
});

const taskRun = kind({
  group: GROUP,
  name: 'TaskRun',
  plural: 'taskruns',
  namespaced: true,
  summary: runColumns,
  health: runHealth,
  idle: isOver,
  relations: [
    task('spec.taskRef'),
    ...taskSpec('spec.taskSpec'),
    ...volumes('spec.workspaces[*]'),
    runsAs('spec.serviceAccountName'),
    ...podTemplate('spec.podTemplate'),
  ],
});

const customRun = kind({
  group: GROUP,
  name: 'CustomRun',
  plural: 'customruns',
  namespaced: true,
  summary: runColumns,
  health: runHealth,
  idle: isOver,
  relations: [
    refersTo('USES_TEMPLATE', 'spec.customRef', 'a custom task', final),
    runsAs('spec.serviceAccountName'),
    ...volumes('spec.workspaces[*]'),
  ],
});

const pipeline = kind({
  group: GROUP,
  name: Pipeline.kind,
  plural: 'pipelines',
  namespaced: true,
  relations: pipelineTasks('spec'),
});

const oneTask = kind({ group: GROUP, name: 'Task', plural: 'tasks', namespaced: true, relations: taskSpec('spec') });

/** What else it names is in the namespace of whoever runs it. */
const clusterTask = kind({
  group: GROUP,
  name: 'ClusterTask',
  plural: 'clustertasks',
  namespaced: false,
  relations: [images('spec')],
});

/** The spec of a step action is one container. */
const stepAction = kind({
  group: GROUP,
  name: StepAction.kind,
  plural: 'stepactions',
  namespaced: true,
  relations: [
    namesPseudo('USES_IMAGE', 'spec.image', 'Image', { when: isFinal }),
    names('READS', 'spec.env[*].valueFrom.configMapKeyRef', ConfigMap, lenient),
    names('READS_SECRET', 'spec.env[*].valueFrom.secretKeyRef', Secret, lenient),
  ],
});

export const tekton: readonly Kind[] = [pipelineRun, taskRun, customRun, pipeline, oneTask, clusterTask, stepAction];
