/** Answers of operations on standard output: JSON, or text where a person reads it. What is left is said on standard error, with how to get it. */
import { stringify } from 'yaml';
import { JsonText, type Operation } from '../../operations/operation.ts';
import { type Io, pageOf, print } from './io.ts';
import type { Page } from './text/layout.ts';
import { texts } from './text/texts.ts';

export const forms = ['text', 'json', 'yaml'] as const;

export interface Chosen {
  readonly output?: (typeof forms)[number];
  readonly json?: boolean;
}

/** Prints an answer in the form that was chosen: without a choice as text where a person reads it, else as JSON. */
export async function show({ name }: Pick<Operation, 'name'>, answer: unknown, chosen: Chosen, io: Io): Promise<void> {
  if (answer instanceof JsonText) return print(io.stdout, answer.pieces);
  const form = chosen.json ? 'json' : (chosen.output ?? (io.terminal.stdout ? 'text' : 'json'));
  await print(io.stdout, piecesOf(name, answer, form, pageOf(io, 'stdout')));
  const { hints = [] } = answer as { hints?: readonly string[] };
  const notes = [...hints, ...(form === 'text' ? unknownKinds(answer) : [])];
  for (const line of [...notes.map((note) => `note: ${note}`), ...moreLines(answer)]) io.stderr.write(`${line}\n`);
}

function piecesOf(name: string, answer: unknown, form: (typeof forms)[number], page: Page): Iterable<string> {
  if (form === 'json') return [`${JSON.stringify(answer, null, 2)}\n`];
  const text = form === 'text' ? texts.get(name) : undefined;
  return text ? text(answer, page) : [stringify(answer, { lineWidth: 0 })];
}

const KINDS_MAX = 8;

/** What the answer may lack because it is not fully observed; JSON says it by itself, and of clusters out of reach the hints tell. */
function* unknownKinds(answer: unknown): Iterable<string> {
  const {
    incomplete = [],
    asOf,
    from = asOf,
  } = answer as {
    incomplete?: readonly { coverage: string; group: string; kind: string }[];
    asOf?: string;
    from?: string;
  };
  const then = from === undefined ? '' : ` --at ${from}`;
  const scoped = incomplete.filter(({ group }) => group !== '*');
  for (const [coverage, scopes] of Map.groupBy(scoped, (scope) => scope.coverage)) {
    const kinds = [...new Set(scopes.map(({ group, kind }) => (kind === '*' ? `all of ${group}` : kind)))];
    const more = kinds.length > KINDS_MAX ? ` and ${kinds.length - KINDS_MAX} more` : '';
    yield `the answer may lack what is ${coverage}: ${kinds.slice(0, KINDS_MAX).join(', ')}${more}; kube-kg clusters${then} tells why`;
  }
}

/** What an answer left out and how to ask for it; nothing when it is whole. */
function* moreLines(answer: unknown): Iterable<string> {
  const { next, left, truncated, rows } = answer as {
    next?: string;
    left?: number;
    truncated?: boolean;
    rows?: unknown[];
  };
  if (next !== undefined)
    yield `… ${left === undefined ? '' : `${left} `}more: repeat with --cursor ${next}, or raise --limit`;
  if (truncated && rows) yield `… more than these ${rows.length} rows: raise --limit, or aggregate`;
  else if (truncated) yield '… a limit was met, there is more than was looked at: narrow the question';
}
