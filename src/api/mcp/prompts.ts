/** Prompts: how an investigation goes, step by step, for a model that has these tools. Names, arguments and defaults are those of audit investigators. */
import { Problem } from '../../model/problem.ts';

interface Argument {
  readonly name: string;
  readonly description: string;
  readonly required?: true;
  readonly default?: string;
}

type Values = Readonly<Record<string, string>>;

export interface Prompt {
  readonly name: string;
  readonly description: string;
  readonly arguments: readonly Argument[];
  text(values: Values): string;
}

const podName: Argument = { name: 'pod_name', description: 'name of the pod', required: true };
const namespace: Argument = { name: 'namespace', description: 'its namespace', required: true };
const window = (standard: string): Argument => ({
  name: 'time_window',
  description: `how far to look back; default: ${standard}`,
  default: standard,
});

const RULES =
  'Write times as RFC 3339 in UTC. Say only what the tools have shown, with times; say what was not observed. End with the most likely cause, the evidence for it ' +
  'and against it, and what to do next.';

export const prompts: readonly Prompt[] = [
  {
    name: 'investigate_pod_failure',
    description: 'Find out why a pod fails',
    arguments: [podName, namespace, window('1 hour')],
    text: ({
      pod_name,
      namespace,
      time_window,
    }) => `Find out why the pod ${pod_name} in namespace ${namespace} fails. Look back over ${time_window}.

1. check_pod_issues for the namespace: what is wrong with this pod, and with which others at the same time?
2. investigate_pod_startup for the pod: how far did it come, and what does it wait for?
3. kubekg_resource for Pod/${namespace}/${pod_name}: what does it need, and is anything of that missing? kubekg_trouble shows the chain from causes to those who suffer.
4. analyze_recent_changes: what was changed or deleted shortly before it began, and by whom? Look first at what the pod refers to.
5. check_resource_limits and check_node_health, if memory, quotas or the node may be the matter.

${RULES}`,
  },
  {
    name: 'diagnose_cluster_health',
    description: 'Judge the health of the clusters',
    arguments: [
      window('24 hours'),
      { name: 'focus_area', description: 'nodes, pods, storage, network or all; default: all', default: 'all' },
    ],
    text: ({
      time_window,
      focus_area,
    }) => `Judge the health of the clusters over the last ${time_window}. Focus: ${focus_area}.

1. kubekg_clusters and kubekg_counts: what is there, what is not well, and what is not observed?
2. kubekg_trouble: what is broken now, and who suffers?
${focusSteps(focus_area ?? 'all')}
4. analyze_recent_changes: what changed before things became worse?

${RULES}`,
  },
  {
    name: 'analyze_deployment_rollout',
    description: 'Find out how a rollout of a Deployment went',
    arguments: [
      { name: 'deployment_name', description: 'name of the Deployment', required: true },
      namespace,
      window('2 hours'),
    ],
    text: ({
      deployment_name,
      namespace,
      time_window,
    }) => `Find out how the last rollout of the Deployment ${deployment_name} in namespace ${namespace} went. Look back over ${time_window}.

1. analyze_recent_changes with resource_types=deployments,replicasets,configmaps,secrets: what changed in it and in what it refers to, when and by whom?
2. kubekg_resource for Deployment/${namespace}/${deployment_name}, now and with \`at\` before the change: what is different?
3. check_pod_issues for the namespace, and investigate_pod_startup for one of its new pods: do they start, and what do they wait for?
4. check_resource_limits for the namespace: was anything refused?
5. kubekg_impact for Deployment/${namespace}/${deployment_name}: who depends on it?

${RULES}`,
  },
  {
    name: 'troubleshoot_volume_issues',
    description: 'Find out what is wrong with a volume claim',
    arguments: [{ name: 'pvc_name', description: 'name of the PersistentVolumeClaim', required: true }, namespace],
    text: ({
      pvc_name,
      namespace,
    }) => `Find out what is wrong with the PersistentVolumeClaim ${pvc_name} in namespace ${namespace}.

1. kubekg_resource for PersistentVolumeClaim/${namespace}/${pvc_name}: is it bound, to which volume and class, and who mounts it?
2. check_volume_issues for the namespace, over the last 24 hours: what do claims, attachments and Events tell?
3. check_pod_issues for the namespace: which pods wait for it?
4. analyze_recent_changes with resource_types=persistentvolumeclaims,persistentvolumes,storageclasses: what changed?
5. check_node_health, if attaching or mounting is the matter.

${RULES}`,
  },
];

const focuses: Readonly<Record<string, string>> = {
  nodes: 'check_node_health: which nodes were not ready, under pressure or cordoned?',
  pods: 'check_pod_issues and check_resource_limits: which pods crash, cannot start or lack resources?',
  storage: 'check_volume_issues: which claims and volumes fail?',
  network:
    'kubekg_findings and kubekg_dangling: which Services select nothing, which references of Ingresses and routes lead nowhere?',
};

function focusSteps(area: string): string {
  const chosen = focuses[area];
  const steps = chosen === undefined ? Object.values(focuses) : [chosen];
  return steps.length === 1 ? `3. ${steps[0]}` : `3. In turn:\n${steps.map((step) => `   - ${step}`).join('\n')}`;
}

/** A prompt filled in. Throws `not-found` for a name that none has, and `invalid-input` for an argument that must be given. */
export function promptText(
  name: string,
  given: Readonly<Record<string, string>>,
): { description: string; text: string } {
  const prompt = prompts.find((each) => each.name === name);
  if (prompt === undefined)
    throw new Problem(
      'not-found',
      `no prompt is called "${name}"; there are ${prompts.map((each) => each.name).join(', ')}`,
    );
  const values = Object.fromEntries(
    prompt.arguments.map(({ name, required, default: standard }) => {
      const value = given[name] || standard;
      if (required && value === undefined) throw new Problem('invalid-input', `${name} is required`);
      return [name, value ?? ''];
    }),
  );
  return { description: prompt.description, text: prompt.text(values) };
}
