/** What stands between us and the configured clusters: kubeconfig, network, credentials, version, permissions; each finding says what to do. */

import { createSemaphore } from '../../lib/semaphore.ts';
import { problemFrom } from '../../model/problem.ts';
import { type ApiResource, kindFilter } from './api-resource.ts';
import type { KubeClient } from './client.ts';
import { systemClock } from './clock.ts';
import type { KubernetesConfig } from './clusters.ts';
import { type Cluster, type ConnectOptions, connect } from './connect.ts';
import { createDiscovery } from './discovery.ts';
import type { Failure, FailureType } from './failure.ts';
import { allowedIn } from './permissions.ts';
import { offersStreamingLists, serverVersion } from './server-version.ts';
import type { Environment } from './transport.ts';

export interface Finding {
  /** ok · warning: works with less than it could · fault: does not work. */
  readonly status: 'ok' | 'warning' | 'fault';
  /** What was looked at: `kubeconfig`, `cluster prod: permissions`. */
  readonly subject: string;
  readonly message: string;
  /** What the message counts, each by its name. */
  readonly names?: readonly string[];
  /** What to do about it; absent when all is well. */
  readonly remedy?: string;
}

/** Oldest minor release that is still tested by anybody. */
const OLDEST_MINOR = 25;
const QUESTIONS_AT_A_TIME = 8;

/** Looks at every configured cluster. Never throws but when `stop` fires. */
export async function diagnoseClusters(
  config: KubernetesConfig,
  environment: Environment,
  stop: AbortSignal,
): Promise<readonly Finding[]> {
  const contexts = config.contexts.length > 0 ? config.contexts : [undefined];
  const findings: Finding[] = [];
  for (const context of contexts) {
    const options = { kubeconfig: config.kubeconfig, context, environment, clock: systemClock() };
    findings.push(...(await diagnoseContext(config, options, stop)));
  }
  return findings;
}

async function diagnoseContext(
  config: KubernetesConfig,
  options: ConnectOptions,
  stop: AbortSignal,
): Promise<readonly Finding[]> {
  let cluster: Cluster;
  try {
    cluster = connect(options);
  } catch (error) {
    const { message, details } = problemFrom(error);
    return [{ status: 'fault', subject: 'kubeconfig', message: [message, ...details.slice(1)].join('\n') }];
  }
  try {
    return [...kubeconfigFindings(cluster), ...(await serverFindings(cluster, config, stop))];
  } finally {
    cluster.client.close();
  }
}

function kubeconfigFindings({ name, connection }: Cluster): readonly Finding[] {
  const subject = `cluster ${name}: kubeconfig`;
  const { cluster, context } = connection;
  const read: Finding = { status: 'ok', subject, message: `context "${context}", server ${cluster.server}` };
  if (!cluster['insecure-skip-tls-verify']) return [read];
  const remedy = 'Give the cluster its certificate-authority and remove insecure-skip-tls-verify.';
  return [read, { status: 'warning', subject, message: "the server's certificate is not checked", remedy }];
}

async function serverFindings(
  cluster: Cluster,
  config: KubernetesConfig,
  stop: AbortSignal,
): Promise<readonly Finding[]> {
  const { client, name } = cluster;
  const version = await serverVersion(client, stop);
  if (version.type !== 'version') return [unreachable(name, version)];
  const subject = `cluster ${name}: server`;
  const lists = offersStreamingLists(version) ? 'streaming lists' : 'lists by pages';
  const findings: Finding[] = [{ status: 'ok', subject, message: `Kubernetes ${version.name}, ${lists}` }];
  if (version.minor < OLDEST_MINOR) {
    const message = `Kubernetes ${version.name} is older than anything this program is tested with (1.${OLDEST_MINOR})`;
    findings.push({ status: 'warning', subject, message, remedy: 'Upgrade the cluster, or expect surprises.' });
  }
  const discovery = await createDiscovery(client)(stop);
  if (discovery.type !== 'discovered') return [...findings, unreachable(name, discovery)];
  for (const { group, version: broken, message } of discovery.broken) {
    findings.push({
      status: 'warning',
      subject: `cluster ${name}: API group ${group}/${broken}`,
      message,
      remedy: `Its kinds are not seen until it works: kubectl get apiservice ${broken}.${group}`,
    });
  }
  const wanted = discovery.resources.filter(kindFilter(config.include, config.exclude));
  return [
    ...findings,
    ...(await permissionFindings(cluster, wanted, config, stop)),
    await logsFinding(cluster, config, stop),
  ];
}

const remedies: Readonly<Partial<Record<FailureType, string>>> = {
  unauthorized:
    'Log in again, or renew the token or client certificate of the kubeconfig\'s user; check with "kubectl get ns".',
  forbidden: 'Ask for the role "view" in the cluster, or for system:discovery.',
  unreachable: 'Check the server address in the kubeconfig, the network and the VPN; check with "kubectl version".',
};

function unreachable(name: string, { type, message }: Failure): Finding {
  return {
    status: 'fault',
    subject: `cluster ${name}: server`,
    message,
    remedy: remedies[type] ?? 'Check with "kubectl version" that this is a Kubernetes API server.',
  };
}

async function permissionFindings(
  { client, connection, name }: Cluster,
  wanted: readonly ApiResource[],
  config: KubernetesConfig,
  stop: AbortSignal,
): Promise<readonly Finding[]> {
  const subject = `cluster ${name}: permissions`;
  const semaphore = createSemaphore(QUESTIONS_AT_A_TIME);
  const answers = await Promise.all(
    wanted.map(async (resource) => {
      const release = await semaphore.acquire(stop);
      const may = await mayFollow(client, resource, stop).finally(release);
      return { resource, may };
    }),
  );
  const denied = answers.filter(({ may }) => !may).map(({ resource }) => resource);
  const count = `${wanted.length - denied.length} of ${wanted.length} kinds may be listed and watched in the whole cluster`;
  if (denied.length === 0) return [{ status: 'ok', subject, message: count }];
  const names = denied.map(({ group, kind }) => (group === '' ? kind : `${kind}.${group}`));
  const inNamespaces: Finding[] = [];
  const narrow = denied.filter(({ namespaced }) => namespaced);
  const own = config.namespaces.length > 0 ? config.namespaces : [connection.namespace ?? 'default'];
  for (const namespace of own) {
    const allowed = await allowedIn(client, namespace, stop);
    const kinds = narrow.filter(allowed);
    inNamespaces.push({
      status: kinds.length > 0 ? 'ok' : 'warning',
      subject,
      message: `namespace ${namespace}: ${kinds.length} of these kinds may be followed there`,
      ...(kinds.length === 0 && {
        remedy: 'Name the namespaces you may read in kubernetes.namespaces, or as the namespace of the context.',
      }),
    });
  }
  const nothing = denied.length === wanted.length && inNamespaces.every(({ status }) => status !== 'ok');
  const remedy = nothing
    ? `Nothing can be seen. Somebody who may (cluster-admin) grants reading with:\n${grant(await whoWeAre(client, stop))}`
    : 'Bind a ClusterRole with the verbs get, list and watch on these kinds, or leave them out with kubernetes.exclude.';
  const denial: Finding = {
    status: nothing ? 'fault' : 'warning',
    subject,
    message: `${count}; ${names.length} not`,
    names,
    remedy,
  };
  return [denial, ...inNamespaces];
}

/** Whether logs may be read, everywhere or in the namespaces that are ours. */
async function logsFinding(
  { client, connection, name }: Cluster,
  config: KubernetesConfig,
  stop: AbortSignal,
): Promise<Finding> {
  const subject = `cluster ${name}: logs`;
  const log = { verb: 'get', resource: 'pods', subresource: 'log' };
  if (await isAllowed(client, log, stop)) return { status: 'ok', subject, message: 'may be read of every pod' };
  const own = config.namespaces.length > 0 ? config.namespaces : [connection.namespace ?? 'default'];
  const narrow: string[] = [];
  for (const namespace of own) if (await isAllowed(client, { ...log, namespace }, stop)) narrow.push(namespace);
  if (narrow.length > 0) return { status: 'ok', subject, message: 'may be read in some namespaces', names: narrow };
  return {
    status: 'warning',
    subject,
    message: 'may not be read, so what programs say is not known',
    remedy:
      'Grant the verb get on pods/log (deploy/kubernetes/cluster-role.yaml has it), or set logs.enabled to false.',
  };
}

/** The commands that let somebody read everything. */
function grant(user: string): string {
  return [
    "kubectl create clusterrole kube-kg-reader --verb=get,list,watch --resource='*.*'",
    `kubectl create clusterrolebinding kube-kg-reader --clusterrole=kube-kg-reader --user='${user}'`,
    'Values of Secrets are never kept. Where they must not even be read, name the kinds instead of *.* and leave Secrets out.',
  ].join('\n');
}

/** Our name, as the server knows us (`authentication.k8s.io/v1 SelfSubjectReview`, Kubernetes 1.28). */
async function whoWeAre(client: KubeClient, stop: AbortSignal): Promise<string> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const answer = await client.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', review, stop);
  const body = answer.type === 'ok' ? answer.body : {};
  return (body as { status?: { userInfo?: { username?: string } } }).status?.userInfo?.username ?? '<user>';
}

/** Both verbs. */
async function mayFollow(client: KubeClient, { group, plural }: ApiResource, stop: AbortSignal): Promise<boolean> {
  for (const verb of ['list', 'watch'])
    if (!(await isAllowed(client, { group, resource: plural, verb }, stop))) return false;
  return true;
}

/** `authorization.k8s.io/v1 SelfSubjectAccessReview`. */
async function isAllowed(
  client: KubeClient,
  resourceAttributes: Readonly<Record<string, string>>,
  stop: AbortSignal,
): Promise<boolean> {
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes },
  };
  const answer = await client.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', review, stop);
  const { status } = (answer.type === 'ok' ? answer.body : {}) as { status?: { allowed?: boolean } };
  return status?.allowed === true;
}
