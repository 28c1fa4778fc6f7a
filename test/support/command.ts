/** Runs a command as main.ts does, in surroundings of a test's own. */
import { Readable, Writable } from 'node:stream';
import type { Io } from '../../src/api/cli/io.ts';
import { runCommand } from '../../src/api/cli/program.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface CommandSurroundings extends Partial<Pick<Io, 'stdin' | 'environment' | 'now' | 'stop' | 'width'>> {
  /** Which streams are terminals; default: none. */
  readonly terminal?: Partial<Io['terminal']>;
  /** Told all that was said on standard error so far. */
  readonly heard?: (err: string) => void;
}

/** The exit code of a command line, and what it said where. */
export async function runIn(surroundings: CommandSurroundings, argv: readonly string[]): Promise<Ran> {
  const { terminal = {}, heard = () => undefined, ...given } = surroundings;
  const said = { out: '', err: '' };
  const sink = (to: keyof typeof said): Writable =>
    new Writable({
      write(chunk, _, done) {
        said[to] += String(chunk);
        heard(said.err);
        done();
      },
    });
  const code = await runCommand(argv, {
    stdin: Readable.from([]),
    stdout: sink('out'),
    stderr: sink('err'),
    environment: {},
    terminal: { stdout: false, stderr: false, ...terminal },
    colour: false,
    width: 100,
    now: Date.now,
    stop: new AbortController().signal,
    ...given,
  });
  return { code, ...said };
}
