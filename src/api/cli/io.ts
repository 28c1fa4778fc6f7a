/** What a command may touch of the outside: streams, environment, time. Standard output carries the answer, standard error everything else. */
import type { Readable, Writable } from 'node:stream';
import { drained } from '../../lib/streams.ts';
import { type Page, painter } from './text/layout.ts';

export interface Io {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Which streams a person reads: text instead of JSON on standard output, progress on standard error, colour on both. */
  readonly terminal: { readonly stdout: boolean; readonly stderr: boolean };
  /** Colour is welcome on a terminal (NO_COLOR is not set). */
  readonly colour: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Fires on SIGINT, SIGTERM and SIGHUP; the message of its reason is the signal's name. */
  readonly stop: AbortSignal;
}

/** How a command ended: the exit codes of the command line. */
export const exitCodes = { done: 0, no: 1, usage: 2, unreachable: 3, interrupted: 130 } as const;

/** Writes pieces to a stream, waiting while the reader is behind. Ends quietly when the reader has gone away (`kube-kg … | head`). */
export async function print(stream: Writable, pieces: Iterable<string>): Promise<void> {
  let buffer = '';
  for (const piece of pieces) {
    buffer += piece;
    if (buffer.length < 1 << 16) continue;
    if (!stream.write(buffer)) await drained(stream);
    if (stream.destroyed) return;
    buffer = '';
  }
  if (buffer !== '' && !stream.destroyed) await new Promise<void>((resolve) => stream.write(buffer, () => resolve()));
}

/** The page that a stream is: painted and as wide as the terminal, plain and without end elsewhere. */
export function pageOf({ terminal, colour, width }: Io, stream: 'stdout' | 'stderr'): Page {
  const isTerminal = terminal[stream];
  return { paint: painter(isTerminal && colour), width: isTerminal ? width : Number.POSITIVE_INFINITY };
}
