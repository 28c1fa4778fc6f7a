/**
 * What a request carries to be let in: headers and TLS material for one connection, as fresh as they can be.
 * Tokens of exec plugins and files are asked for before every request (they cache until they expire), certificate files are read again
 * every minute, and `reload` forgets everything, for the one retry after a 401: once, however many requests were refused.
 * The authenticators are those of `@kubernetes/client-node`, loaded one by one when a user needs them (see kubeconfig.ts).
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Authenticator } from '@kubernetes/client-node/dist/auth.js';
import { Problem } from '../../model/problem.ts';
import type { Connection, KubeCluster, KubeExec, KubeUser } from './kubeconfig.ts';

export interface TlsMaterial {
  readonly ca?: Buffer;
  readonly cert?: Buffer | string;
  readonly key?: Buffer | string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface RequestAuth {
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** The same object as long as nothing in it changed, so that connections can be kept. */
  readonly tls: TlsMaterial;
}

export interface Credentials {
  /** Throws Problem `unauthorized` when credentials cannot be had, saying why. */
  current(): Promise<RequestAuth>;
  /** Forgets what is cached and reads the connection again, unless that was done since the refused was given out. */
  reload(refused: RequestAuth): Promise<void>;
}

export interface CredentialsOptions {
  readonly connection: Connection;
  /** Reads the kubeconfig again; what it throws leaves the connection as it is. */
  readonly reread: () => Connection;
  /** Milliseconds. */
  readonly now: () => number;
  /** How long a credential plugin may take. */
  readonly pluginTimeoutMs?: number;
}

const FILES_FRESH_MS = 60_000;
const PLUGIN_TIMEOUT_MS = 60_000;

/** What is kept until the server refuses it. */
interface Session {
  readonly connection: Connection;
  authenticate?: Promise<Authenticate>;
  files?: { readonly readAt: number; readonly tls: Promise<TlsMaterial> };
  pending?: Promise<RequestAuth>;
}

export function createCredentials(options: CredentialsOptions): Credentials {
  const { connection, reread, now, pluginTimeoutMs = PLUGIN_TIMEOUT_MS } = options;
  let session: Session = { connection };
  let tls: TlsMaterial = {};
  const issued = new WeakMap<RequestAuth, Session>();

  const build = async (own: Session): Promise<RequestAuth> => {
    if (own.files === undefined || now() - own.files.readAt > FILES_FRESH_MS) {
      own.files = { readAt: now(), tls: readMaterial(own.connection) };
    }
    own.authenticate ??= authenticatorOf(own.connection, pluginTimeoutMs);
    const [granted, read] = await Promise.all([own.authenticate.then((ask) => ask()), own.files.tls]);
    const material = { ...read, ...granted.tls };
    if (!sameMaterial(tls, material)) tls = material;
    const auth = { headers: { ...impersonation(own.connection.user), ...granted.headers }, tls };
    issued.set(auth, own);
    return auth;
  };

  return {
    // One at a time: sixty watches that start together must not start sixty credential plugins.
    current() {
      const own = session;
      own.pending ??= build(own)
        .catch((error: unknown) => {
          if (session === own) session = { connection: own.connection };
          throw refusal(error, own.connection);
        })
        .finally(() => {
          delete own.pending;
        });
      return own.pending;
    },
    async reload(refused) {
      if (issued.get(refused) !== session) return;
      let { connection } = session;
      try {
        connection = reread();
      } catch {
        // A kubeconfig that is just being rewritten: what we have may still do.
      }
      session = { connection };
    },
  };
}

interface Grant {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls?: Pick<TlsMaterial, 'cert' | 'key'>;
}

type Authenticate = () => Promise<Grant>;

/** Precedence as in client-go: token file, token, plugin, provider, password. */
async function authenticatorOf({ user, cluster }: Connection, pluginTimeoutMs: number): Promise<Authenticate> {
  if (user.tokenFile) {
    const { FileAuth } = await import('@kubernetes/client-node/dist/file_auth.js');
    return through(new FileAuth(), { authProvider: { name: 'tokenFile', config: { tokenFile: user.tokenFile } } });
  }
  if (user.token) return async () => ({ headers: { authorization: `Bearer ${user.token?.trim()}` } });
  if (user.exec) {
    const { ExecAuth } = await import('@kubernetes/client-node/dist/exec_auth.js');
    // It has no limit of its own; without one, plugins that hang would gather, one for each time we ask again.
    const start = (command: string, args: readonly string[] = [], more: SpawnOptions = {}): ChildProcess =>
      spawn(command, args, { ...more, signal: AbortSignal.timeout(pluginTimeoutMs), killSignal: 'SIGKILL' });
    const plugin = Object.assign(new ExecAuth(), { execFn: start });
    return limited(through(plugin, { exec: execWithInfo(user.exec, cluster) }), pluginTimeoutMs);
  }
  const provider = user['auth-provider'];
  if (provider) return through(await providerNamed(provider.name), { authProvider: provider });
  if (user.username) {
    const basic = Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64');
    return async () => ({ headers: { authorization: `Basic ${basic}` } });
  }
  return async () => ({ headers: {} });
}

async function providerNamed(name: string): Promise<Authenticator> {
  switch (name) {
    case 'oidc':
      return new (await import('@kubernetes/client-node/dist/oidc_auth.js')).OpenIDConnectAuth();
    case 'azure':
      return new (await import('@kubernetes/client-node/dist/azure_auth.js')).AzureAuth();
    case 'gcp':
      return new (await import('@kubernetes/client-node/dist/gcp_auth.js')).GoogleCloudPlatformAuth();
    default:
      throw new Problem('unauthorized', `the auth-provider "${name}" is not known; use an exec plugin or a token`);
  }
}

function through(authenticator: Authenticator, user: object): Authenticate {
  return async () => {
    const options: { headers: Record<string, string>; cert?: string; key?: string } = { headers: {} };
    await authenticator.applyAuthentication({ name: 'user', ...user }, options);
    const headers = Object.fromEntries(
      Object.entries(options.headers).map(([name, value]) => [name.toLowerCase(), value.trim()]),
    );
    const { cert, key } = options;
    return cert !== undefined && key !== undefined ? { headers, tls: { cert, key } } : { headers };
  };
}

/** A plugin that waits for somebody to type would otherwise hold every request back for ever. */
function limited(authenticate: Authenticate, timeoutMs: number): Authenticate {
  return async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const seconds = timeoutMs / 1000;
      reject(new Error(`it gave no credentials within ${seconds} s; run it by hand, it may want to ask something`));
    }, timeoutMs);
    try {
      return await Promise.race([authenticate(), promise]);
    } finally {
      clearTimeout(timer);
    }
  };
}

/** What plugins expect in `KUBERNETES_EXEC_INFO` (client.authentication.k8s.io ExecCredential). */
function execWithInfo(exec: KubeExec, cluster: KubeCluster): KubeExec {
  const info = {
    apiVersion: exec.apiVersion ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(exec.provideClusterInfo && {
        cluster: {
          server: cluster.server,
          'tls-server-name': cluster['tls-server-name'] ?? undefined,
          'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'] ?? undefined,
          'certificate-authority-data': cluster['certificate-authority-data'] ?? undefined,
          'proxy-url': cluster['proxy-url'] ?? undefined,
        },
      }),
    },
  };
  return { ...exec, env: [...(exec.env ?? []), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }] };
}

async function readMaterial({ cluster, user }: Connection): Promise<TlsMaterial> {
  const [ca, cert, key] = await Promise.all([
    fromFileOrData(cluster['certificate-authority'], cluster['certificate-authority-data']),
    fromFileOrData(user['client-certificate'], user['client-certificate-data']),
    fromFileOrData(user['client-key'], user['client-key-data']),
  ]);
  return {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(cluster['tls-server-name'] && { servername: cluster['tls-server-name'] }),
    ...(cluster['insecure-skip-tls-verify'] && { rejectUnauthorized: false }),
  };
}

/** Data wins over a file, as in client-go. */
async function fromFileOrData(
  file: string | null | undefined,
  data: string | null | undefined,
): Promise<Buffer | undefined> {
  if (data) return Buffer.from(data, 'base64');
  return file ? readFile(file) : undefined;
}

function sameMaterial(a: TlsMaterial, b: TlsMaterial): boolean {
  return (
    String(a.ca) === String(b.ca) &&
    String(a.cert) === String(b.cert) &&
    String(a.key) === String(b.key) &&
    a.servername === b.servername &&
    a.rejectUnauthorized === b.rejectUnauthorized
  );
}

function impersonation(user: KubeUser): Record<string, string | string[]> {
  if (!user.as) return {};
  const extra = Object.entries(user['as-user-extra'] ?? {}).map(([key, values]): [string, string[]] => [
    `impersonate-extra-${encodeURIComponent(key)}`,
    values,
  ]);
  return {
    'impersonate-user': user.as,
    ...(user['as-uid'] && { 'impersonate-uid': user['as-uid'] }),
    ...(user['as-groups'] && { 'impersonate-group': user['as-groups'] }),
    ...Object.fromEntries(extra),
  };
}

function refusal(error: unknown, { user, context }: Connection): Problem {
  if (error instanceof Problem) return error;
  const reason = (error instanceof Error ? error.message.trim() : String(error)) || 'it failed without a word';
  if (!user.exec) {
    return new Problem('unauthorized', `no credentials for context "${context}": ${reason}`, { cause: error });
  }
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  const hint = user.exec.installHint ? ` ${user.exec.installHint.trim()}` : '';
  return new Problem(
    'unauthorized',
    missing
      ? `the credential plugin "${user.exec.command}" of context "${context}" is not installed or not in PATH.${hint}`
      : `the credential plugin "${user.exec.command}" of context "${context}" failed: ${reason}`,
    { cause: error },
  );
}
