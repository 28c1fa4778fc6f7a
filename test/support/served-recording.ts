/** A recording, served with a history in a file, as `kube-kg serve FILE --history` does; for tests that ask over HTTP. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load } from '../../src/program/config.ts';
import { inputsOf } from '../../src/program/inputs.ts';
import { startServer } from '../../src/program/server.ts';

export const demo = fileURLToPath(new URL('../../demo/shop.jsonl.gz', import.meta.url));

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  /** What the text says as JSON; undefined when it is none. */
  readonly body: unknown;
}

export interface ServedRecording {
  readonly url: string;
  /** Asks below `/api/v1`; with a body, which is sent as JSON unless it is a text, by POST. */
  ask(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  close(): Promise<void>;
}

/** Serves it, and returns when all of it is read. `history: false` serves it without. */
export async function servedRecording(
  file: string,
  { history = true, settings = {} }: { history?: boolean; settings?: Record<string, string> } = {},
): Promise<ServedRecording> {
  const folder = mkdtempSync(join(tmpdir(), 'kube-kg-served-'));
  const stop = new AbortController();
  const environment = {
    KG_LOG_LEVEL: 'silent',
    KG_SERVER_PORT: '0',
    // Nothing comes of its own when the recording has been read.
    KG_ANALYSIS_ENABLED: 'false',
    ...(history ? { KG_HISTORY_URL: join(folder, 'h.db') } : { KG_HISTORY_ENABLED: 'false' }),
    ...settings,
  };
  const io = { now: Date.now, stop: stop.signal, environment };
  const config = load({ environment });
  const served = await startServer(config, inputsOf(config, { file }, { ...io, stdin: process.stdin }, 'follow'), io);
  await served.ended;
  return {
    url: served.url,
    async ask(path, body, headers = {}) {
      const sent = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
      const response = await fetch(`${served.url}/api/v1${path}`, {
        headers: { ...(sent !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(sent !== undefined && { method: 'POST', body: sent }),
      });
      const text = await response.text();
      return { status: response.status, type: response.headers.get('content-type') ?? '', text, body: jsonFrom(text) };
    },
    async close() {
      stop.abort();
      await served.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function jsonFrom(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
