/** kube-apiserver: token authentication, RBAC, and a certificate of its own that the kubeconfig trusts. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { built } from '../build.ts';
import { ask } from '../client.ts';
import type { Program } from '../runner.ts';
import { loginOf, type Site } from './site.ts';

/** Makes the keys of a new cluster: for service account tokens, and the table of users. */
export async function prepareApiserver({ directory, tokens }: Site): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(join(directory, 'sa.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  await writeFile(join(directory, 'sa.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  const users = `${tokens.admin},admin,1,system:masters\n${tokens.viewer},viewer,2,viewers\n`;
  await writeFile(join(directory, 'users.csv'), users, { mode: 0o600 });
}

export async function kubeApiserver(site: Site): Promise<Program> {
  const { directory, machine, ports } = site;
  return {
    name: 'apiserver',
    argv: [
      join(await built('kubernetes'), 'kube-apiserver'),
      `--etcd-servers=http://${machine.address}:${ports.etcd}`,
      `--bind-address=${machine.address}`,
      `--advertise-address=${machine.address}`,
      `--secure-port=${ports.apiserver}`,
      `--cert-dir=${join(directory, 'certificates')}`,
      '--service-cluster-ip-range=10.96.0.0/16',
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${join(directory, 'sa.pub')}`,
      `--service-account-signing-key-file=${join(directory, 'sa.key')}`,
      `--token-auth-file=${join(directory, 'users.csv')}`,
      '--authorization-mode=RBAC',
      '--allow-privileged=true',
      '--kubelet-preferred-address-types=InternalIP',
    ],
    ready: async () => (await ask(loginOf(site, 'admin'), '/readyz')).status === 200,
  };
}
