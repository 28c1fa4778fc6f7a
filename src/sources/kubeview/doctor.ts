/** What stands between us and KubeView; each finding says what to do. */
import type { Finding } from '../kubernetes/doctor.ts';
import type { Failure } from '../kubernetes/failure.ts';
import { createClient } from './client.ts';
import { clusterNameFrom } from './kubeview-follower.ts';
import { type KubeviewSourceOptions, kubeviewTimes, namespaceFilter } from './source.ts';

type Options = Pick<KubeviewSourceOptions, 'url' | 'cluster' | 'include' | 'exclude' | 'environment'>;

/** Looks at KubeView, without opening a stream. Never throws but when `stop` fires. */
export async function diagnoseKubeview(options: Options, stop: AbortSignal): Promise<readonly Finding[]> {
  const { url, cluster, include, exclude, environment } = options;
  const { answerMs, silenceMs } = kubeviewTimes;
  const subject = `KubeView at ${url}`;
  const client = createClient({ url, environment, answerTimeoutMs: answerMs, streamTimeoutMs: silenceMs });
  try {
    const answer = await client.namespaces(stop);
    if (answer.type !== 'namespaces')
      return [{ status: 'fault', subject, message: answer.message, remedy: remedyFor(answer) }];
    const followed = answer.names.filter(namespaceFilter(include, exclude));
    const name = cluster ?? clusterNameFrom(answer.clusterHost);
    const counts = `${followed.length} of ${answer.names.length} namespaces are followed`;
    const message = `cluster ${name}, ${counts}`;
    if (followed.length > 0) return [{ status: 'ok', subject, message, names: followed }];
    return [{ status: 'fault', subject, message, remedy: 'Correct kubeview.include and kubeview.exclude.' }];
  } finally {
    client.close();
  }
}

function remedyFor({ type }: Failure): string {
  return type === 'malformed'
    ? 'Set kubeview.url (KUBEVIEW_URL) to where KubeView itself answers, without a path of its page.'
    : 'Check kubeview.url (KUBEVIEW_URL), that KubeView runs, and that it may list namespaces.';
}
