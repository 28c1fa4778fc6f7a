/**
 * Cypher text → tokens. Knows strings, escaped names, comments and brackets, no grammar: enough to tell a keyword from a name.
 * Invariant: where this lexer and the store's could differ (a comment, a letter outside ASCII), statement.ts does not send the text as written.
 */
import { Problem } from '../../model/problem.ts';

export interface Token {
  /** `word`: a bare name or keyword · `quoted`: a name in backticks. Numbers are their digits only: `1e3` is `1` and the word `e3`. */
  readonly type: 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'comment';
  readonly text: string;
  /** Offsets into the source, in UTF-16 units; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
}

/** Line and column from 1, the column in characters (code points). */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const PATTERNS: readonly (readonly [Token['type'] | 'space', RegExp])[] = [
  ['space', /\s+/y],
  ['comment', /\/\/[^\n]*|\/\*[\s\S]*?\*\//y],
  ['string', /'(?:\\[\s\S]|[^'\\])*'|"(?:\\[\s\S]|[^"\\])*"/y],
  ['quoted', /`[^`]*`/y],
  ['word', /[\p{Alphabetic}_][\p{Alphabetic}\p{N}_]*/uy],
  ['number', /\d+/y],
  ['symbol', /\.\.|[\s\S]/uy],
];

const UNTERMINATED: Readonly<Record<string, string>> = {
  "'": 'This string is not closed',
  '"': 'This string is not closed',
  '`': 'This name in backticks is not closed',
  '/*': 'This comment is not closed',
};

/** The tokens in order, comments among them. Throws Problem `invalid-query` for a string, escaped name or comment that is not closed. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < source.length; ) {
    const unclosed = source.startsWith('/*', at) ? '/*' : (source[at] ?? '');
    const { type, text } = next(source, at);
    if (type === 'symbol' && (UNTERMINATED[text] !== undefined || (text === '/' && unclosed === '/*'))) {
      throw invalidQuery(source, UNTERMINATED[unclosed] ?? 'This is not closed', at);
    }
    if (type !== 'space') tokens.push({ type, text, start: at, end: at + text.length });
    at += text.length;
  }
  return tokens;
}

function next(source: string, at: number): { type: Token['type'] | 'space'; text: string } {
  for (const [type, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    if (text !== undefined) return { type, text };
  }
  return { type: 'symbol', text: source.slice(at, at + 1) };
}

/** Where an offset of the source is. */
export function positionAt(source: string, offset: number): Position {
  const before = source.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: [...before.slice(lineStart)].length + 1 };
}

/** The offset of a position; positions behind the end of their line mean its end. */
export function offsetAt(source: string, { line, column }: Position): number {
  let start = 0;
  for (let skipped = 1; skipped < line; skipped++) {
    const end = source.indexOf('\n', start);
    if (end < 0) return source.length;
    start = end + 1;
  }
  const end = source.indexOf('\n', start);
  const text = source.slice(start, end < 0 ? source.length : end);
  return start + [...text].slice(0, column - 1).join('').length;
}

/**
 * Problem `invalid-query` for a place in the query: the position stands in the message, and `details` hold `line 2, column 13`,
 * the line itself and a caret under the place.
 */
export function invalidQuery(source: string, message: string, offset: number, cause?: unknown): Problem {
  const position = positionAt(source, offset);
  const where = `line ${position.line}, column ${position.column}`;
  const line = source.split('\n')[position.line - 1] ?? '';
  const caret = `${' '.repeat(position.column - 1)}^`;
  return new Problem('invalid-query', `${message} (${where})`, { cause, details: [where, line, caret] });
}
