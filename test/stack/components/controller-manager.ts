/**
 * kube-controller-manager, allowed to be quick: by default it would create 20 objects a second. Endpoints are written in batches,
 * or a rollout of thousands of pods is mostly spent on rewriting them.
 */
import { join } from 'node:path';
import { built } from '../build.ts';
import { ask } from '../client.ts';
import type { Program } from '../runner.ts';
import { kubeconfigOf, loginOf, type Site } from './site.ts';

export async function controllerManager(site: Site): Promise<Program> {
  const login = loginOf(site, 'admin');
  return {
    name: 'controller-manager',
    argv: [
      join(await built('kubernetes'), 'kube-controller-manager'),
      `--kubeconfig=${kubeconfigOf(site)}`,
      `--service-account-private-key-file=${join(site.directory, 'sa.key')}`,
      `--root-ca-file=${login.caFile}`,
      '--use-service-account-credentials',
      '--leader-elect=false',
      '--kube-api-qps=2000',
      '--kube-api-burst=4000',
      '--concurrent-replicaset-syncs=20',
      '--endpoint-updates-batch-period=500ms',
      '--endpointslice-updates-batch-period=500ms',
      '--secure-port=0',
    ],
    // Pods are refused until their namespace has its service account and the certificate that it trusts.
    ready: async () => {
      const namespace = '/api/v1/namespaces/default';
      const parts = [`${namespace}/serviceaccounts/default`, `${namespace}/configmaps/kube-root-ca.crt`];
      const answers = await Promise.all(parts.map((part) => ask(login, part)));
      return answers.every(({ status }) => status === 200);
    },
  };
}
