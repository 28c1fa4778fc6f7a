/** Stories as a past that can be asked: written as a recording, and read as one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { operations } from '../../src/operations/index.ts';
import { perform } from '../../src/operations/operation.ts';
import { load } from '../../src/program/config.ts';
import { pastOfRecording } from '../../src/program/past-input.ts';
import { at, type Seen } from './estate.ts';
import type { Story } from './told.ts';

export interface Recorded {
  /** Answers a question about it; throws what the operation throws. */
  ask(operation: string, input?: Readonly<Record<string, unknown>>): Promise<never>;
  close(): Promise<void>;
}

/** `environment`: settings as variables. */
export async function recorded(story: Story, environment: Readonly<Record<string, string>> = {}): Promise<Recorded> {
  const folder = mkdtempSync(join(tmpdir(), 'kube-kg-story-'));
  const file = join(folder, 'story.jsonl');
  const lines = Object.entries(story)
    .sort(([a], [b]) => Number(a) - Number(b))
    .flatMap(([second, list]) => list.map((seen) => JSON.stringify(lineOf(seen, at(Number(second))))));
  writeFileSync(file, `${lines.join('\n')}\n`);
  const io = {
    now: () => Date.parse(at(86_400)),
    stop: new AbortController().signal,
    stdin: process.stdin,
    environment: {},
  };
  const past = await pastOfRecording(load({ environment }), { file }, io);
  rmSync(folder, { recursive: true });
  return {
    async ask(name, input = {}) {
      const operation = operations.find((each) => each.name === name);
      if (operation === undefined) throw new Error(`no operation ${name}`);
      return (await perform(operation, past.context, input)) as never;
    },
    close: () => past.close(),
  };
}

function lineOf(seen: Seen, time: string): object {
  if ('occur' in seen) return { type: 'occur', at: time, occurrence: seen.occur };
  if ('gone' in seen) return { type: 'delete', at: time, object: seen.gone };
  return { type: 'apply', at: time, object: seen.apply };
}
