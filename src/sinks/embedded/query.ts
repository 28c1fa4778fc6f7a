/**
 * One Cypher query: checked before it runs, bounded in rows, time and memory, answered in plain JSON.
 * Foreign errors become Problems here and nowhere else.
 */
import type { Json } from '../../model/change.ts';
import { Problem, problemFrom } from '../../model/problem.ts';
import { invalidQuery, tokenize } from './lexer.ts';
import { ANSWER_TOO_LARGE, type Fault, OUT_OF_MEMORY, type QueryReply } from './protocol.ts';
import { type Statement, statementFrom } from './statement.ts';
import { type Store, StoreFault } from './store.ts';

/** Values of `$names`: JSON. */
export type QueryParams = Readonly<Record<string, unknown>>;

export interface QueryOptions {
  /** Rows at most; 1,000 by default. */
  readonly limitRows?: number;
  /** How long the query may run, 10,000 by default. Waiting for a store that is being filled does not count. */
  readonly timeoutMs?: number;
  /** True by default. False lets the query write to see what would be; what it wrote is taken back when it ends. */
  readonly readOnly?: boolean;
}

export interface QueryAnswer {
  readonly columns: readonly string[];
  /** One list a row, in the order of the columns. */
  readonly rows: readonly (readonly Json[])[];
  /** There were more rows than the limit. */
  readonly truncated: boolean;
  /** From asking the store to its answer. */
  readonly elapsedMs: number;
  /** Names in the query that nothing bears, when the answer is empty or has empty columns. */
  readonly hints?: readonly string[];
}

export interface Query {
  readonly source: string;
  readonly statement: Statement;
  readonly params: QueryParams;
  readonly limitRows: number;
  readonly timeoutMs: number;
  readonly readOnly: boolean;
}

const LIMIT_ROWS = 1000;
const TIMEOUT_MS = 10_000;
/** The longest that setTimeout can wait. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1;

/** Checks a query without a store. Throws Problem `read-only`, `unsupported`, `invalid-query` or `invalid-input`. */
export function queryFrom(source: string, params: QueryParams, options: QueryOptions = {}): Query {
  const { limitRows = LIMIT_ROWS, timeoutMs = TIMEOUT_MS, readOnly = true } = options;
  positive('limitRows', limitRows, Number.MAX_SAFE_INTEGER - 1);
  positive('timeoutMs', timeoutMs, TIMEOUT_MS_MAX);
  asJson(params);
  const statement = statementFrom(source, { params, limitRows, readOnly });
  return { source, statement, params, limitRows, timeoutMs, readOnly };
}

function positive(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value > 0 && value <= max) return;
  throw new Problem('invalid-input', `${name} must be a whole number from 1 to ${max}, not ${value}`);
}

function asJson(params: QueryParams): void {
  try {
    JSON.stringify(params);
  } catch (error) {
    throw new Problem('invalid-input', `The parameters must be JSON: ${problemFrom(error).message}`, { cause: error });
  }
}

/** A query that runs out of time takes the store with it: nothing else ends it. The others under way are rejected as retryable. */
export async function runQuery(store: Store, query: Query): Promise<QueryAnswer> {
  const { statement, params, limitRows, timeoutMs, readOnly } = query;
  let timer: NodeJS.Timeout | undefined;
  let late = false;
  const started = performance.now();
  const begin = (): void => {
    timer = setTimeout(() => {
      late = true;
      store.end(
        new Problem('store-unreachable', 'The Cypher store was restarted since another query ran too long; ask again'),
      );
    }, timeoutMs);
  };
  try {
    const request = { type: 'query', text: statement.text, params, limitRows, writes: !readOnly } as const;
    const { columns, rows, truncated } = (await store.request(request, begin)) as QueryReply;
    return {
      columns,
      rows: JSON.parse(rows),
      truncated,
      elapsedMs: Math.round((performance.now() - started) * 10) / 10,
    };
  } catch (error) {
    if (late)
      throw new Problem('timeout', `The query took longer than ${timeoutMs} ms and was stopped; ${NARROW}`, {
        cause: error,
      });
    throw error instanceof StoreFault ? problemFromFault(error, query) : error;
  } finally {
    clearTimeout(timer);
  }
}

const NARROW = 'begin at a label or a name, bound paths as in -[*1..4]->, or aggregate';

function problemFromFault(error: StoreFault, query: Query): Problem {
  const { message } = error.fault;
  if (message === OUT_OF_MEMORY) {
    return new Problem('too-large', `The query took more memory than it may and was stopped; ${NARROW}`, {
      cause: error,
    });
  }
  if (message === ANSWER_TOO_LARGE) {
    return new Problem('too-large', 'The answer is too large; return fewer rows, or properties instead of nodes', {
      cause: error,
    });
  }
  return grafeoProblem(error, error.fault, query);
}

const SHAPE = /^[^:\n]*: (GRAFEO-\w+): (?:[a-z ]+: )?([^\n]*)/;
const PLACE = /^\s*--> query:(\d+):(\d+)/m;
const HELP = /^\s*help: (.*)$/m;

/** Grafeo: `Query error: GRAFEO-Q001: syntax error: [Cypher] Expected RParen`, then the place and a hint, each when known. */
function grafeoProblem(cause: Error, { message }: Fault, { source, statement }: Query): Problem {
  const [, code = '', text = message] = SHAPE.exec(message) ?? [];
  if (code === 'GRAFEO-Q003')
    return new Problem('timeout', `The query took too long and was stopped; ${NARROW}`, { cause });
  if (!code.startsWith('GRAFEO-Q')) return new Problem('internal', `The Cypher store failed: ${text}`, { cause });
  const hint = HELP.exec(message)?.[1];
  const told = readable(text) + (hint === undefined ? '' : ` (${hint})`);
  const [, line, column] = PLACE.exec(message) ?? [];
  const offset =
    line === undefined
      ? mentioned(text, source)
      : statement.sourceOffset({ line: Number(line), column: Number(column) });
  return offset === undefined
    ? new Problem('invalid-query', told, { cause })
    : invalidQuery(source, told, offset, cause);
}

const SYMBOLS: Readonly<Record<string, string>> = {
  LParen: '(',
  RParen: ')',
  LBracket: '[',
  RBracket: ']',
  LBrace: '{',
  RBrace: '}',
  Colon: ':',
  Comma: ',',
  Arrow: '->',
};

function readable(text: string): string {
  return text
    .replace('[Cypher] ', '')
    .replace(/\bExpected (\w+)$/, (all, name: string) => (SYMBOLS[name] ? `Expected ${SYMBOLS[name]}` : all));
}

/** Where the first name that a message quotes stands: `Undefined variable 'x'`, `Unknown function 'f'`, `Missing parameter: $p`. */
function mentioned(message: string, source: string): number | undefined {
  const [, quoted, parameter] = /'([^']+)'|\$(\w+)/.exec(message) ?? [];
  const name = quoted ?? parameter;
  return tokenize(source).find(({ text }) => text === name || text === `\`${name}\``)?.start;
}
