/** A past for tests: changes written to a history as a recording's are, and a context to ask it with. */
import { Readable } from 'node:stream';
import type { Context } from '../../src/operations/operation.ts';
import { load } from '../../src/program/config.ts';
import { takeSnapshot } from '../../src/program/open.ts';
import { pastOfRecording } from '../../src/program/past-input.ts';

export interface Observed extends AsyncDisposable {
  readonly context: Context;
}

/** Lines of a recording, as objects; the cluster is `c` unless they say so. */
export async function observed(changes: readonly object[]): Promise<Observed> {
  return observedIn('-', changes.map((change) => `${JSON.stringify({ cluster: 'c', ...change })}\n`).join(''));
}

/** A recording in a file. */
export async function observedIn(file: string, text = ''): Promise<Observed> {
  const config = load({ environment: {}, note: () => undefined, overrides: {} });
  const last = { now: Date.parse('2100-01-01T00:00:00Z') };
  const io = (): Parameters<typeof takeSnapshot>[2] => ({
    stdin: Readable.from([Buffer.from(text)]),
    environment: {},
    now: () => last.now,
    stop: new AbortController().signal,
  });
  const past = await pastOfRecording(config, { file }, io());
  const snapshot = await takeSnapshot(config, { file }, io());
  last.now = Date.parse((await past.context.past.history.extent())?.to ?? '2100-01-01T00:00:00Z') + 1;
  return {
    context: { ...snapshot.context, past: past.context.past },
    async [Symbol.asyncDispose]() {
      await snapshot.close();
      await past.close();
    },
  };
}
