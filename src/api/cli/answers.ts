/** Answers of operations on standard output: JSON, or text where a person reads it. What is left is said on standard error, with how to get it. */
import { stringify } from 'yaml';
import type { TroubleAnswer } from '../../operations/find-trouble.ts';
import { JsonText, type Operation } from '../../operations/operation.ts';
import { type Io, painter, print, table } from './io.ts';
import { troubleLines } from './trouble-text.ts';

type Text = (answer: never, io: Io) => Iterable<string>;

/** Operations that have a form of their own on a terminal; the others are YAML. */
const texts: Readonly<Record<string, Text>> = {
  query: (answer: QueryAnswer) => [rowsText(answer)],
  trouble: (answer: TroubleAnswer, { terminal, width }: Io) => troubleLines(answer, painter(terminal.stdout), width),
};

/** Prints an answer, as JSON where it is not read on a terminal. */
export async function show(
  { name }: Pick<Operation, 'name'>,
  answer: unknown,
  { json }: { readonly json?: boolean },
  io: Io,
): Promise<void> {
  if (answer instanceof JsonText) return print(io.stdout, answer.pieces);
  const text = json || !io.terminal.stdout ? undefined : (texts[name] ?? yamlText);
  await print(io.stdout, text ? text(answer as never, io) : [`${JSON.stringify(answer, null, 2)}\n`]);
  const { hints = [] } = answer as { hints?: readonly string[] };
  for (const line of [...hints.map((hint) => `note: ${hint}`), ...moreLines(answer)]) io.stderr.write(`${line}\n`);
}

function yamlText(answer: unknown): Iterable<string> {
  return [stringify(answer, { lineWidth: 160 })];
}

/** What an answer left out and how to ask for it; nothing when it is whole. */
function* moreLines(answer: unknown): Iterable<string> {
  const { next, left, truncated, rows } = answer as {
    next?: string;
    left?: number;
    truncated?: boolean;
    rows?: unknown[];
  };
  if (next !== undefined) yield `… ${left} more: repeat with --cursor ${next}, or raise --limit`;
  if (truncated && rows) yield `… more than these ${rows.length} rows: raise --limit, or aggregate`;
  else if (truncated) yield '… a limit was met, there is more than was looked at: narrow the question';
}

interface QueryAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly elapsedMs: number;
}

function rowsText({ columns, rows, elapsedMs }: QueryAnswer): string {
  const cells = rows.map((row) => row.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))));
  return `${table([columns, ...cells])}\n(${rows.length} row${rows.length === 1 ? '' : 's'}, ${Math.round(elapsedMs)} ms)\n`;
}
