/**
 * Applications and what can be said of one from its index alone: name, namespace, what it uses, whom it calls.
 * Deployments, StatefulSets, DaemonSets, CronJobs and Jobs each are (or belong to) one.
 */
import { hash32 } from '../../test/support/random.ts';
import { censusTime, dayMs, domains, minuteMs, namespaceName, randomFor, roles, suffixFor } from './names.ts';
import { helm, type Identity } from './object.ts';
import { appOfShare, at, namespaceOfApp, type Plan, partOf, shareAtOrBefore } from './plan.ts';

/** What every object of one application has in common. */
export interface App {
  /** Unique in the estate; the seed of everything random about it. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly partOf: string;
  readonly serviceAccount: string;
  readonly configMaps: readonly string[];
  readonly secrets: readonly string[];
  /** A Secret that does not exist. */
  readonly absentSecret?: string;
  /** Host names of Services it calls. */
  readonly calls: readonly string[];
  readonly replicas: number;
  readonly revisions: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Charts put fewer labels on pods: none that change with each version. */
  readonly templateLabels: Readonly<Record<string, string>>;
  readonly selector: Readonly<Record<string, string>>;
}

function appName(plan: Plan, app: number): string {
  const namespace = namespaceOfApp(plan, app);
  const ordinal = app - at(plan.appsBefore, namespace);
  const domain = domains[(ordinal + namespace * 7) % domains.length];
  const role = roles[Math.floor(ordinal / domains.length) % roles.length];
  const round = Math.floor(ordinal / (domains.length * roles.length));
  return `${domain}-${role}${round === 0 ? '' : `-${round + 1}`}`;
}

/** The share's thing that an application of the same namespace owns, preferring its own: its owner's name, or undefined. */
function neighbour(plan: Plan, count: number, app: number): string | undefined {
  if (count <= 0) return undefined;
  const owner = appOfShare(plan, count, Math.max(0, shareAtOrBefore(plan, count, app)));
  return owner <= app && namespaceOfApp(plan, owner) === namespaceOfApp(plan, app) ? appName(plan, owner) : undefined;
}

/** ConfigMaps and ServiceAccounts beyond the one that every namespace has. */
export function ownConfigMaps(plan: Plan): number {
  return Math.min(plan.counts.Deployment, plan.counts.ConfigMap - plan.counts.Namespace);
}

export function ownServiceAccounts(plan: Plan): number {
  return Math.min(plan.counts.Deployment, plan.counts.ServiceAccount - plan.counts.Namespace);
}

export function appLabels(
  name: string,
  partOfName: string,
  component: string,
): Pick<App, 'labels' | 'templateLabels' | 'selector'> {
  const selector = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': name };
  const templateLabels = {
    ...selector,
    'app.kubernetes.io/component': component,
    'app.kubernetes.io/part-of': partOfName,
  };
  const labels = {
    ...templateLabels,
    'app.kubernetes.io/managed-by': 'Helm',
    'app.kubernetes.io/version': '2.14.0',
    'helm.sh/chart': `${component}-1.8.3`,
  };
  return { labels, templateLabels, selector };
}

/** The application of Deployment `app`. */
export function appOf(plan: Plan, app: number): App {
  const key = `app/${app}`;
  const random = randomFor(plan.seed, key);
  const namespace = namespaceOfApp(plan, app);
  const namespaceText = namespaceName(namespace);
  const name = appName(plan, app);
  const config = neighbour(plan, ownConfigMaps(plan), app);
  const secret = neighbour(plan, plan.appSecrets, app);
  const account = neighbour(plan, ownServiceAccounts(plan), app);
  const first = at(plan.appsBefore, namespace);
  const peers = at(plan.appsBefore, namespace + 1) - first;
  const calls = Array.from({ length: random.int(3) }, () => appName(plan, first + random.int(peers)));
  const partOfName = namespaceText.split('-')[0] ?? namespaceText;
  return {
    key,
    namespace: namespaceText,
    name,
    partOf: partOfName,
    serviceAccount: account === name || (account !== undefined && random.chance(0.3)) ? account : 'default',
    configMaps: config === undefined ? [] : [`${config}-config`],
    secrets: secret === undefined ? [] : [`${secret}-secrets`],
    ...(random.chance(plan.danglingShare) ? { absentSecret: `${name}-credentials` } : {}),
    calls: [...new Set(calls)]
      .filter((call) => call !== name)
      .map((call) => `${call}.${namespaceText}.svc.cluster.local`),
    replicas: at(plan.appPodsBefore, app + 1) - at(plan.appPodsBefore, app),
    revisions: at(plan.replicaSetsBefore, app + 1) - at(plan.replicaSetsBefore, app),
    ...appLabels(name, partOfName, roles[app % roles.length] ?? 'api'),
  };
}

/** When an application was first deployed: up to a year before the census, the same for all its objects. */
export function deployedAt(seed: number, app: App): number {
  return censusTime - dayMs - (hash32(`${seed}/${app.key}/age`) % 31_536_000) * 1000;
}

/** What Helm writes on an object of the application's release. */
export const helmAnnotations = (app: App): Record<string, string> => ({
  'meta.helm.sh/release-name': app.name,
  'meta.helm.sh/release-namespace': app.namespace,
});

/** An object that came with the application's Helm release. */
export function releasedIdentity(seed: number, app: App, apiVersion: string, kind: string, name: string): Identity {
  return {
    apiVersion,
    kind,
    namespace: app.namespace,
    name,
    createdAt: deployedAt(seed, app),
    labels: app.labels,
    annotations: helmAnnotations(app),
    writers: [helm],
  };
}

export function templateHash(seed: number, app: App, revision: number): string {
  return suffixFor(seed, `${app.key}/revision/${revision}`, 9);
}

export function replicaSetName(seed: number, app: App, revision: number): string {
  return `${app.name}-${templateHash(seed, app, revision)}`;
}

const databases = ['postgres', 'redis', 'kafka', 'elasticsearch', 'rabbitmq', 'minio'];

/** StatefulSets stand in the namespaces of the applications they are strewn over. */
export function statefulApp(plan: Plan, index: number): App {
  const host = appOf(plan, appOfShare(plan, plan.counts.StatefulSet, index));
  const name = `${databases[index % databases.length]}-${index}`;
  const replicas = at(plan.claimsBefore, index + 1) - at(plan.claimsBefore, index);
  return {
    ...host,
    key: `stateful/${index}`,
    name,
    replicas,
    calls: [],
    revisions: 1,
    ...appLabels(name, host.partOf, 'database'),
  };
}

/** The set and the ordinal that the `index`-th claim, and the pod that uses it, belong to. */
export function statefulPlace(plan: Plan, index: number): { readonly app: App; readonly ordinal: number } {
  const set = partOf(plan.claimsBefore, index);
  return { app: statefulApp(plan, set), ordinal: index - at(plan.claimsBefore, set) };
}

const daemons = [
  'kube-proxy',
  'aws-node',
  'ebs-csi-node',
  'node-exporter',
  'fluent-bit',
  'node-local-dns',
  'falco',
  'spot-handler',
  'mesh-cni',
];

export function daemonApp(index: number): App {
  const name = daemons[index % daemons.length] ?? 'daemon';
  return {
    key: `daemon/${index}`,
    namespace: 'kube-system',
    name,
    partOf: 'platform',
    serviceAccount: 'default',
    configMaps: [],
    secrets: [],
    calls: [],
    replicas: 0,
    revisions: 1,
    ...appLabels(name, 'platform', 'agent'),
  };
}

/** The application a CronJob runs for, under the CronJob's own name. */
export function cronApp(plan: Plan, index: number): App {
  const host = appOf(plan, appOfShare(plan, plan.counts.CronJob, index));
  const name = `${host.name}-${domains[index % domains.length]}-cron`;
  return { ...host, key: `cron/${index}`, name, calls: [], ...appLabels(name, host.partOf, 'cron') };
}

/** Jobs kept by a CronJob's history limits (3 succeeded, 1 failed); Jobs beyond stand alone, as migrations do. */
export const jobsPerCron = 4;

export interface JobFacts {
  readonly app: App;
  readonly name: string;
  readonly cron: boolean;
  readonly failed: boolean;
  readonly running?: boolean;
  readonly createdAt: number;
}

export function jobFacts(plan: Plan, index: number): JobFacts {
  const { CronJob, Job } = plan.counts;
  const run = Math.floor(index / CronJob);
  const createdAt = censusTime - (index % 1440) * minuteMs - run * 60 * minuteMs;
  if (run < jobsPerCron) {
    const app = cronApp(plan, index % CronJob);
    return {
      app,
      name: `${app.name}-${29_422_080 - run * 60}`,
      cron: true,
      failed: run === jobsPerCron - 1,
      createdAt,
    };
  }
  const alone = index - jobsPerCron * CronJob;
  const app = appOf(plan, appOfShare(plan, Math.max(1, Job - jobsPerCron * CronJob), alone));
  return {
    app: { ...app, key: `migrate/${alone}` },
    name: `${app.name}-migrate-${alone}`,
    cron: false,
    failed: alone % 50 === 0,
    createdAt,
  };
}
