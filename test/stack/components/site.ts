/** What every component needs to know of the cluster that it is part of, and who may log in there. */
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Login } from '../client.ts';
import type { Machine } from '../runner.ts';

/** `admin` may do everything; `viewer` (group `viewers`) nothing until a test binds a role. */
export type User = 'admin' | 'viewer';

export interface Site {
  readonly name: string;
  /** The cluster's folder: certificates, data, logs, kubeconfig. */
  readonly directory: string;
  readonly machine: Machine;
  readonly ports: {
    readonly etcd: number;
    readonly etcdPeer: number;
    readonly apiserver: number;
    readonly kwok: number;
  };
  readonly tokens: Readonly<Record<User, string>>;
}

export function newTokens(): Record<User, string> {
  return { admin: randomBytes(16).toString('hex'), viewer: randomBytes(16).toString('hex') };
}

export function kubeconfigOf(site: Site): string {
  return join(site.directory, 'kubeconfig');
}

export function loginOf({ directory, machine, ports, tokens }: Site, user: User): Login {
  return {
    server: `https://${machine.address}:${ports.apiserver}`,
    caFile: join(directory, 'certificates', 'apiserver.crt'),
    token: tokens[user],
  };
}

/** Writes the kubeconfig: contexts `NAME` (admin) and `NAME-viewer`, so that files of several clusters can be merged. */
export async function writeKubeconfig(site: Site): Promise<void> {
  const { name } = site;
  const { server, caFile } = loginOf(site, 'admin');
  const users = Object.entries(site.tokens).map(([user, token]) => ({ name: `${name}-${user}`, user: { token } }));
  const context = (user: User): unknown => ({ cluster: name, user: `${name}-${user}` });
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority': caFile } }],
    users,
    contexts: [
      { name, context: context('admin') },
      { name: `${name}-viewer`, context: context('viewer') },
    ],
    'current-context': name,
  };
  await writeFile(kubeconfigOf(site), stringify(document), { mode: 0o600 });
}
