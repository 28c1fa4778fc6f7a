/** Says in the log when a source loses an API server, or the server of an API group, and when it is there again. One line each. */
import type { Logger } from '../lib/logger.ts';
import type { Change } from '../model/change.ts';
import type { Source } from '../model/source.ts';
import type { Time } from '../model/time.ts';

/** The same source; what it says of whole servers is logged when it is handed on. */
export function withOutageLog(source: Source, log: Logger): Source {
  const lost = new Map<string, Time>();
  return {
    name: source.name,
    async *changes(stop) {
      for await (const batch of source.changes(stop)) {
        for (const change of batch) if (change.type === 'observe' && change.scope.kind === '*') note(change, lost, log);
        yield batch;
      }
    },
  };
}

/** `lost`: since when, by cluster and group. */
function note(
  { cluster, scope: { group }, coverage, at, message }: Extract<Change, { type: 'observe' }>,
  lost: Map<string, Time>,
  log: Logger,
): void {
  const what = group === '*' ? `cluster ${cluster}` : `API group ${group} of cluster ${cluster}`;
  const since = lost.get(what);
  if (coverage !== 'ready' && since === undefined) {
    lost.set(what, at);
    log.warn({ cluster, err: message }, `${what} cannot be reached; answers about it are as of now until it can`);
  } else if (coverage === 'ready' && since !== undefined) {
    lost.delete(what);
    const seconds = (Date.parse(at) - Date.parse(since)) / 1000;
    log.info({ cluster, seconds }, `${what} can be reached again, after ${seconds} s`);
  }
}
