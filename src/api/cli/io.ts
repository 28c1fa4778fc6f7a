/** What a command may touch of the outside: streams, environment, time. Standard output carries the answer, standard error everything else. */
import type { Readable, Writable } from 'node:stream';
import { drained } from '../../lib/streams.ts';

export interface Io {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Colour and progress on standard error, colour on standard output. */
  readonly terminal: { readonly stdout: boolean; readonly stderr: boolean };
  /** Columns of standard output. */
  readonly width: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Fires on SIGINT and SIGTERM. */
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

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

export type Paint = (text: string, style: keyof typeof codes) => string;

/** Colours for a terminal; plain text otherwise. */
export function painter(enabled: boolean): Paint {
  return enabled ? (text, style) => `\u001b[${codes[style]}m${text}\u001b[0m` : (text) => text;
}

/** Rows of text in aligned columns, two spaces apart. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  return rows
    .map((row) =>
      row
        .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The text, its end replaced by `…` where it would be longer than so many columns. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Cells joined into as few lines as fit so many columns; a line has one cell at least. */
export function wrap(cells: readonly string[], separator: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const cell of cells) {
    const longer = lines.length === 0 ? cell : `${lines.at(-1)}${separator}${cell}`;
    if (lines.length > 0 && longer.length <= width) lines.pop();
    lines.push(lines.length === 0 || longer.length <= width ? longer : cell);
  }
  return lines;
}
