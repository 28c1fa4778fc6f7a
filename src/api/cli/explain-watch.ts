/**
 * `kube-kg explain --watch`: tells what opens, changes and is resolved, one line each, until it is stopped. It asks a running kube-kg; of live clusters it
 * runs one of its own, on this machine alone and with a history that goes with it, so that a long watch takes no more memory than a server does.
 */

import { sleep } from '../../lib/timer.ts';
import { Problem } from '../../model/problem.ts';
import { type Explanation, explainOperation } from '../../operations/explain.ts';
import { inputsOf } from '../../program/inputs.ts';
import { passingHistory } from '../../program/passing-history.ts';
import { startServer } from '../../program/server.ts';
import { type Incident, IncidentNews, type News, percent } from './incident-news.ts';
import { type Io, pageOf, print } from './io.ts';
import { configFrom, type SharedOptions } from './options.ts';
import { ask } from './remote.ts';
import { cut, type Page } from './text/layout.ts';

export interface WatchOptions extends SharedOptions {
  readonly json?: boolean;
  readonly resource?: string;
  readonly server?: string;
  readonly token?: string | undefined;
  /** Milliseconds between two looks; default: by how long a look takes. */
  readonly lookMs?: number;
}

/** Milliseconds between two looks, and between two tries to reach a server that was lost. */
const PAUSE_MIN_MS = 2_000;
const PAUSE_MAX_MS = 20_000;
const SHARE = 5;
/** Between two looks at whether everything is listed. */
const LISTED_MS = 500;

/** `isEnough`: of an incident with which to end. Resolves with whether it met one. Rejects when the server cannot be reached to begin with. */
export async function watchIncidents(
  options: WatchOptions,
  io: Io,
  isEnough: (incident: Incident) => boolean,
): Promise<boolean> {
  if (options.server !== undefined) return watch({ ...options, server: options.server }, io, isEnough);
  using history = await passingHistory();
  const given = configFrom(options, io, {
    'server.host': '127.0.0.1',
    'server.port': 0,
    'history.url': history.url,
    'history.enabled': true,
    'log.level': 'warn',
    'intake.enabled': false,
  });
  // Whoever mirrors into a store is the one who serves.
  const config = { ...given, neo4j: { ...given.neo4j, uri: undefined } };
  const over = new AbortController();
  const own: Io = { ...io, stop: AbortSignal.any([io.stop, over.signal]) };
  const served = await startServer(config, inputsOf(config, {}, own, 'follow'), own);
  const failed = served.ended.then((failures) => {
    const [first] = failures;
    if (first && !own.stop.aborted) throw first.problem;
    return new Promise<never>(() => undefined);
  });
  failed.catch(() => undefined);
  try {
    const { token } = config.server;
    return await Promise.race([failed, watch({ ...options, server: served.url, token }, own, isEnough)]);
  } finally {
    // What follows the clusters must not keep the process.
    over.abort();
    await served.close();
  }
}

interface Watched extends Pick<WatchOptions, 'json' | 'resource' | 'token' | 'lookMs'> {
  readonly server: string;
}

async function watch(asked: Watched, io: Io, isEnough: (incident: Incident) => boolean): Promise<boolean> {
  const news = new IncidentNews();
  const page = pageOf(io, 'stdout');
  let isFirst = true;
  try {
    await untilListed(asked, io);
    for (;;) {
      const began = performance.now();
      const incidents = await look(asked, io, isFirst);
      const told = incidents === undefined ? [] : news.take(incidents);
      const at = new Date(io.now()).toISOString();
      await print(
        io.stdout,
        told.flatMap((one) => (asked.json ? [jsonLine(at, one)] : [newsLine(at, one, page)])),
      );
      if (isFirst && incidents?.length === 0) io.stderr.write('nothing is wrong that needs an explanation; watching\n');
      if (told.some(({ event, incident }) => event !== 'resolved' && isEnough(incident))) return true;
      isFirst = false;
      await sleep(asked.lookMs ?? pauseAfter(performance.now() - began), io.stop);
    }
  } catch (error) {
    if (io.stop.aborted) return false;
    throw error;
  }
}

/** A look takes a fifth of the time of who is asked, as long as none takes very long. */
function pauseAfter(lookMs: number): number {
  return Math.min(PAUSE_MAX_MS, Math.max(PAUSE_MIN_MS, SHARE * lookMs));
}

/** What is still being listed would look as if it was missing. Gives up waiting where nobody says. */
async function untilListed({ server, token }: Watched, { stop }: Io): Promise<void> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  for (;;) {
    const answer = await fetch(new URL('/healthz/ready', server), { signal: stop, headers }).catch(() => undefined);
    if (answer?.status !== 503) return;
    await sleep(LISTED_MS, stop);
  }
}

/** Undefined when the server was lost, which is said; the first look must succeed. */
async function look(
  { server, token, resource }: Watched,
  io: Io,
  isFirst: boolean,
): Promise<readonly Incident[] | undefined> {
  try {
    return await allIncidents((page) =>
      ask(explainOperation, { ...page, ...(resource !== undefined && { resource }) }, { server, token, stop: io.stop }),
    );
  } catch (error) {
    if (isFirst || io.stop.aborted || !(error instanceof Problem && error.retryable)) throw error;
    io.stderr.write(`note: ${error.message} Trying again.\n`);
    return undefined;
  }
}

/** Every page of the incidents. */
export async function allIncidents(
  askPage: (page: { readonly limit: number; readonly cursor?: string }) => Promise<unknown>,
): Promise<readonly Incident[]> {
  const incidents: Incident[] = [];
  for (let cursor: string | undefined; ; ) {
    const { incidents: some, next } = (await askPage({
      limit: 1_000,
      ...(cursor !== undefined && { cursor }),
    })) as Explanation;
    incidents.push(...some);
    if (next === undefined) return incidents;
    cursor = next;
  }
}

function jsonLine(at: string, { event, incident, changes }: News): string {
  return `${JSON.stringify({ at, event, ...(changes.length > 0 && { changes }), incident })}\n`;
}

const styles = {
  opened: { critical: 'red', warning: 'yellow' },
  changed: { critical: 'red', warning: 'yellow' },
  resolved: { critical: 'green', warning: 'green' },
} as const;

/** `14:29:40  opened    critical  Deployment/shop/web: …, because of Secret/shop/key (83 %)`. */
function newsLine(at: string, { event, incident, changes }: News, { paint, width }: Page): string {
  const { severity, title, causes } = incident;
  const sure = event === 'resolved' ? '' : causes.length > 0 ? ` (${percent(incident)})` : ' (cause not known)';
  const words = `${event.padEnd(8)}  ${severity.padEnd(8)}  ${title}${sure}${changes.length > 0 ? `: ${changes.join('; ')}` : ''}`;
  return `${paint(at.slice(11, 19), 'dim')}  ${paint(cut(words.replaceAll(/\s*\n\s*/g, ' '), width - 10), styles[event][severity])}\n`;
}
