/** What containers of a case wrote, taken through the API server as `kubectl logs` takes it, as occurrences. */
import type { Change, KubeObject, Severity } from '../../src/model/change.ts';
import { ask, type Login } from '../stack/client.ts';

interface Line {
  readonly at: string;
  readonly text: string;
  readonly container: string;
}

interface Status {
  readonly name: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: { readonly waiting?: object; readonly terminated?: { readonly exitCode?: number } };
}

const LINES_MAX = 60;

/** Lines since an instant, of every container that can be asked, by pod. */
export async function logsOf(login: Login, pod: KubeObject, since: string): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for (const { name, restartCount = 0 } of statusesOf(pod)) {
    for (const previous of restartCount > 0 ? [true, false] : [false]) {
      const { namespace, name: podName } = pod.metadata;
      const query = `container=${name}&timestamps=true&tailLines=${LINES_MAX}&previous=${previous}`;
      const path = `/api/v1/namespaces/${namespace}/pods/${podName}/log?${query}`;
      const { status, body } = await ask(login, path).catch(() => ({ status: 0, body: '' }));
      if (status !== 200) continue;
      for (const line of body.split('\n')) {
        const [at = '', ...words] = line.split(' ');
        if (at.endsWith('Z') && at >= since) lines.push({ at, text: words.join(' '), container: name });
      }
    }
  }
  return lines.slice(-LINES_MAX);
}

/** Something is wrong with it, or was. */
export function isUnwell(pod: KubeObject): boolean {
  return statusesOf(pod).some(
    ({ ready, restartCount = 0, state }) =>
      restartCount > 0 ||
      (ready === false && state?.terminated?.exitCode !== 0) ||
      (state?.terminated?.exitCode ?? 0) > 0,
  );
}

function statusesOf(pod: KubeObject): readonly Status[] {
  const status = pod['status'] as Readonly<Record<string, readonly Status[] | undefined>> | undefined;
  return [...(status?.['initContainerStatuses'] ?? []), ...(status?.['containerStatuses'] ?? [])];
}

export function severityOf(text: string): Severity {
  if (/\b(?:ERROR|FATAL|CRITICAL|panic|Traceback|\w*Exception|\w*Error)\b|"level":"(?:error|fatal)"/.test(text))
    return 'error';
  return /\bWARN(?:ING)?\b|"level":"warn/i.test(text) ? 'warning' : 'info';
}

export function occurrencesOf(pod: KubeObject, lines: readonly Line[]): readonly Change[] {
  const { namespace = '', name, uid = '' } = pod.metadata;
  const subject = { kind: 'Pod', namespace, name, uid };
  return lines
    .filter(({ text }) => text.trim() !== '')
    .map(({ at, text, container }) => ({
      type: 'occur',
      at,
      cluster: 'main',
      occurrence: { source: 'log', subject, severity: severityOf(text), message: text, attributes: { container } },
    }));
}
