/** What a server can do that it does not tell in discovery. */
import type { KubeClient } from './client.ts';
import type { Failure } from './failure.ts';

/** `version.Info`, the fields used. */
export interface ServerVersion {
  readonly type: 'version';
  /** As the server calls itself, `v1.36.3` or `v1.30.4-gke.100`. */
  readonly name: string;
  readonly minor: number;
}

export async function serverVersion(
  client: Pick<KubeClient, 'get'>,
  stop: AbortSignal,
): Promise<ServerVersion | Failure> {
  const answer = await client.get('/version', { stop });
  if (answer.type !== 'ok') return answer;
  const { gitVersion, minor } = (answer.body ?? {}) as { gitVersion?: string; minor?: string };
  return { type: 'version', name: gitVersion ?? 'unknown', minor: Number.parseInt(minor ?? '', 10) || 0 };
}

/** First release whose API servers offer streaming lists without being told to (KEP-3157; beta 1.32, off again in 1.33). */
const STREAMING_LISTS_SINCE = 34;

export function offersStreamingLists(version: ServerVersion | Failure): boolean {
  return version.type === 'version' && version.minor >= STREAMING_LISTS_SINCE;
}
