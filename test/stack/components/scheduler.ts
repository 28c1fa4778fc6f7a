/** kube-scheduler, allowed to be quick. */
import { join } from 'node:path';
import { built } from '../build.ts';
import type { Program } from '../runner.ts';
import { kubeconfigOf, type Site } from './site.ts';

export async function scheduler(site: Site): Promise<Program> {
  return {
    name: 'scheduler',
    argv: [
      join(await built('kubernetes'), 'kube-scheduler'),
      `--kubeconfig=${kubeconfigOf(site)}`,
      '--leader-elect=false',
      '--kube-api-qps=2000',
      '--kube-api-burst=4000',
      '--secure-port=0',
    ],
  };
}
