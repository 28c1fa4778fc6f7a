/**
 * Where a cluster is and who we are there: kubeconfig files, merged as kubectl merges them, or the service account of the pod we run in.
 * Invariant: what is wrong is said here, as Problem `invalid-config` with every fault in `details`; nothing behind this file meets half a configuration.
 *
 * Authentication itself is left to `@kubernetes/client-node` (credentials.ts). Its own `KubeConfig` is not used because loading it brings in
 * every generated API type: 85 MB of memory and a second of start-up for what is a page of code here.
 */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { placeOf, plainWords } from '../../lib/plain-words.ts';
import { Problem } from '../../model/problem.ts';

const text = z.string().nullish();

const clusterSchema = z.looseObject({
  server: z.string().min(1),
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': z.boolean().nullish(),
  'tls-server-name': text,
  'proxy-url': text,
  'disable-compression': z.boolean().nullish(),
});

const execSchema = z.looseObject({
  apiVersion: text,
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.looseObject({ name: z.string(), value: z.string() })).nullish(),
  installHint: text,
  provideClusterInfo: z.boolean().nullish(),
});

const userSchema = z.looseObject({
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  token: text,
  tokenFile: text,
  username: text,
  password: text,
  as: text,
  'as-uid': text,
  'as-groups': z.array(z.string()).nullish(),
  'as-user-extra': z.record(z.string(), z.array(z.string())).nullish(),
  exec: execSchema.nullish(),
  'auth-provider': z.looseObject({ name: z.string(), config: z.record(z.string(), z.unknown()).nullish() }).nullish(),
});

const contextSchema = z.looseObject({ cluster: z.string().min(1), user: text, namespace: text });

const fileSchema = z.looseObject({
  clusters: z.array(z.looseObject({ name: z.string().min(1), cluster: clusterSchema })).nullish(),
  users: z.array(z.looseObject({ name: z.string().min(1), user: userSchema.nullish() })).nullish(),
  contexts: z.array(z.looseObject({ name: z.string().min(1), context: contextSchema })).nullish(),
  'current-context': text,
});

export type KubeCluster = z.infer<typeof clusterSchema>;
export type KubeUser = z.infer<typeof userSchema>;
export type KubeExec = z.infer<typeof execSchema>;
type KubeContext = z.infer<typeof contextSchema>;

/** All that the files say, merged; file names in it are absolute. */
export interface Kubeconfig {
  /** Where it was read from, for messages. */
  readonly from: string;
  readonly contexts: ReadonlyMap<string, KubeContext>;
  readonly clusters: ReadonlyMap<string, KubeCluster>;
  readonly users: ReadonlyMap<string, KubeUser>;
  readonly currentContext: string | undefined;
}

/** One context, resolved. */
export interface Connection {
  readonly context: string;
  readonly cluster: KubeCluster;
  readonly user: KubeUser;
  /** Namespace of the context, where it names one. */
  readonly namespace: string | undefined;
}

export interface KubeconfigOptions {
  /** File given by the user; it must exist. Otherwise `KUBECONFIG`, `~/.kube/config`, the pod's service account, in this order. */
  readonly kubeconfig?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder of the pod's service account; another one in tests. */
  readonly serviceAccountFolder?: string;
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Name of the only context when running in a pod. */
export const IN_CLUSTER = 'in-cluster';

/** Reads and merges. Throws Problem `invalid-config` that says what is missing or wrong and where. */
export function loadKubeconfig(options: KubeconfigOptions): Kubeconfig {
  const { kubeconfig, environment } = options;
  const listed = kubeconfig ?? environment['KUBECONFIG'];
  const files = listed ? listed.split(delimiter).filter((file) => file !== '') : [join(homedir(), '.kube', 'config')];
  const existing = files.filter((file) => existsSync(file));
  if (existing.length > 0) return readFiles(existing);
  if (!listed) {
    const inCluster = inClusterConfig(environment, options.serviceAccountFolder ?? SERVICE_ACCOUNT);
    if (inCluster !== undefined) return inCluster;
  }
  throw new Problem(
    'invalid-config',
    `No kubeconfig: ${files.join(', ')} does not exist. Give one with --kubeconfig FILE or KUBECONFIG, or try "kube-kg demo", which needs none.`,
  );
}

function readFiles(files: readonly string[]): Kubeconfig {
  const contexts = new Map<string, KubeContext>();
  const clusters = new Map<string, KubeCluster>();
  const users = new Map<string, KubeUser>();
  const faults: string[] = [];
  let currentContext: string | undefined;
  for (const file of files) {
    const content = readFile(file, faults);
    if (content === undefined) continue;
    const folder = dirname(file);
    currentContext ??= content['current-context'] || undefined;
    for (const { name, cluster } of content.clusters ?? []) putFirst(clusters, name, absoluteCluster(cluster, folder));
    for (const { name, user } of content.users ?? []) putFirst(users, name, absoluteUser(user ?? {}, folder));
    for (const { name, context } of content.contexts ?? []) putFirst(contexts, name, context);
  }
  if (faults.length > 0) {
    throw new Problem('invalid-config', `The kubeconfig cannot be used: ${faults[0]}`, { details: faults });
  }
  return { from: files.join(delimiter), contexts, clusters, users, currentContext };
}

function readFile(file: string, faults: string[]): z.infer<typeof fileSchema> | undefined {
  try {
    const content: unknown = parse(readFileSync(file, 'utf8')) ?? {};
    const result = fileSchema.safeParse(content, { error: plainWords });
    if (result.success) return result.data;
    for (const { path, message } of result.error.issues) {
      faults.push(`${file}: ${placeOf(path) || 'the file'}: ${message}`);
    }
  } catch (error) {
    faults.push(`${file}: ${(error instanceof Error ? error.message : String(error)).split('\n')[0]}`);
  }
  return undefined;
}

/** As kubectl: what is named twice counts where it comes first. */
function putFirst<T>(map: Map<string, T>, name: string, value: T): void {
  if (!map.has(name)) map.set(name, value);
}

function absoluteCluster(cluster: KubeCluster, folder: string): KubeCluster {
  return { ...cluster, 'certificate-authority': absolute(cluster['certificate-authority'], folder) };
}

function absoluteUser(user: KubeUser, folder: string): KubeUser {
  const { exec } = user;
  return {
    ...user,
    'client-certificate': absolute(user['client-certificate'], folder),
    'client-key': absolute(user['client-key'], folder),
    tokenFile: absolute(user.tokenFile, folder),
    // A command with a slash is relative to the file, one without is looked up in PATH (client-go's rule).
    exec: exec && /[\\/]/.test(exec.command) ? { ...exec, command: absolute(exec.command, folder) ?? '' } : exec,
  };
}

function absolute(path: string | null | undefined, folder: string): string | undefined {
  if (!path) return undefined;
  return isAbsolute(path) ? path : join(folder, path);
}

function inClusterConfig(environment: KubeconfigOptions['environment'], folder: string): Kubeconfig | undefined {
  const host = environment['KUBERNETES_SERVICE_HOST'];
  const port = environment['KUBERNETES_SERVICE_PORT'] ?? '443';
  if (!host || !existsSync(join(folder, 'token'))) return undefined;
  const namespaceFile = join(folder, 'namespace');
  const namespace = existsSync(namespaceFile) ? readFileSync(namespaceFile, 'utf8').trim() : undefined;
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    from: folder,
    clusters: new Map([
      [IN_CLUSTER, { server, 'certificate-authority': join(folder, 'ca.crt'), 'disable-compression': true }],
    ]),
    users: new Map([[IN_CLUSTER, { tokenFile: join(folder, 'token') }]]),
    contexts: new Map([[IN_CLUSTER, { cluster: IN_CLUSTER, user: IN_CLUSTER, namespace }]]),
    currentContext: IN_CLUSTER,
  };
}

/** One context, the current one unless named. Throws Problem `invalid-config` that names what there is. */
export function connectionOf(config: Kubeconfig, name: string | undefined): Connection {
  const wanted = name ?? config.currentContext;
  const known = [...config.contexts.keys()];
  const contexts = known.length > 0 ? `It has: ${known.join(', ')}.` : 'It has no context at all.';
  if (wanted === undefined) {
    throw new Problem(
      'invalid-config',
      `${config.from} sets no current-context. ${contexts} Choose one with --context, or "kubectl config use-context NAME".`,
    );
  }
  const context = config.contexts.get(wanted);
  if (context === undefined) {
    throw new Problem('invalid-config', `${config.from} has no context "${wanted}". ${contexts}`);
  }
  const cluster = config.clusters.get(context.cluster);
  if (cluster === undefined) {
    throw new Problem(
      'invalid-config',
      `Context "${wanted}" of ${config.from} names the cluster "${context.cluster}", which is not there.`,
    );
  }
  const user = context.user ? config.users.get(context.user) : {};
  if (user === undefined) {
    throw new Problem(
      'invalid-config',
      `Context "${wanted}" of ${config.from} names the user "${context.user}", which is not there.`,
    );
  }
  if (!URL.canParse(cluster.server) || !/^https?:/.test(cluster.server)) {
    throw new Problem(
      'invalid-config',
      `Cluster "${context.cluster}" of ${config.from} has the server "${cluster.server}"; it must be a URL such as https://host:6443.`,
    );
  }
  const proxy = cluster['proxy-url'];
  if (proxy && !/^https?:/.test(proxy)) {
    throw new Problem(
      'invalid-config',
      `Cluster "${context.cluster}" of ${config.from} has the proxy-url "${proxy}"; only http and https proxies are supported.`,
    );
  }
  return { context: wanted, cluster, user, namespace: context.namespace || undefined };
}
