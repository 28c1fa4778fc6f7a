/**
 * A query as a person wrote it → the text the store is given: refused when it would write, aliases resolved, names that look like
 * keywords put in backticks, and never more rows than asked for.
 *
 * Invariant (Y2): no keyword that writes reaches the store as a bare word. Each one is either refused or, where it is a name, sent in
 * backticks; comments are blanked and words with letters outside ASCII sent in backticks, so the store reads the same words as we do.
 */
import { Problem } from '../../model/problem.ts';
import { edgeAliases, labelAliases } from '../cypher/aliases.ts';
import { type Names, namesIn } from './hints.ts';
import { invalidQuery, offsetAt, type Position, type Token, tokenize } from './lexer.ts';
import { isSymbol, keywordAt, type Reading, read } from './roles.ts';

export interface StatementOptions {
  readonly params: Readonly<Record<string, unknown>>;
  /** One row more is asked of the store, so that a cut shows. */
  readonly limitRows: number;
  readonly readOnly: boolean;
}

export interface Statement {
  /** What the store is given. */
  readonly text: string;
  /** Labels, types and properties, as the query writes them. */
  readonly names: Names;
  /** The offset in the source of a position in `text`. */
  sourceOffset(position: Position): number;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Throws Problem `read-only` for a query that would write, `unsupported` for one that would change the schema or read a file, `invalid-query`. */
export function statementFrom(source: string, { params, limitRows, readOnly }: StatementOptions): Statement {
  const all = tokenize(source);
  const reading = read(all);
  if (reading.tokens.length === 0) throw invalidQuery(source, 'The query is empty; try MATCH (n:Pod) RETURN n.name', 0);
  refuse(source, reading, readOnly);
  const comments = all.filter((token) => token.type === 'comment');
  const edits = [
    ...comments.map(({ start, end, text }) => ({ start, end, text: text.replaceAll(/[^\n]/g, ' ') })),
    ...nameEdits(reading),
    ...limitEdits(reading, limitRows + 1, params),
  ];
  return { ...edited(source, edits), names: namesIn(reading) };
}

const WRITES = new Set(['CREATE', 'MERGE', 'SET', 'DELETE', 'DETACH', 'REMOVE', 'FOREACH', 'INSERT']);
/** Words that only begin statements about the schema, the session or rights. */
const ADMINISTERS = new Set([
  'DROP',
  'ALTER',
  'GRANT',
  'DENY',
  'REVOKE',
  'USE',
  'SESSION',
  'START',
  'COMMIT',
  'ROLLBACK',
]);

function refuse(source: string, reading: Reading, readOnly: boolean): void {
  const { tokens } = reading;
  const first = keywordAt(reading, 0) === 'EXPLAIN' || keywordAt(reading, 0) === 'PROFILE' ? 1 : 0;
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1];
    if (isWord(token, 'LOAD') && isWord(next, 'CSV')) {
      const message = 'LOAD CSV reads files, which queries cannot do here; pass the data as a parameter';
      throw refusal('unsupported', source, message, token.start);
    }
    const word = keywordAt(reading, index);
    if (word === undefined) continue;
    if ((ADMINISTERS.has(word) && index === first) || (word === 'CREATE' && !createsData(reading, index))) {
      const message = `${word} … changes the schema or the session, which queries cannot do here`;
      throw refusal('unsupported', source, message, token.start);
    }
    if (readOnly && WRITES.has(word) && (word !== 'FOREACH' || isSymbol(next, '('))) {
      const hint = `if it is a name, write \`${token.text}\` in backticks`;
      throw refusal('read-only', source, `${word} writes, and queries may only read; ${hint}`, token.start);
    }
  }
}

function isWord(token: Token | undefined, text: string): boolean {
  return token?.type === 'word' && token.text.toUpperCase() === text;
}

/** `CREATE (…)`, `CREATE p = (…)` and MERGE's `ON CREATE` make nodes; other CREATEs make indexes, constraints or graphs. */
function createsData({ tokens }: Reading, index: number): boolean {
  return isWord(tokens[index - 1], 'ON') || isSymbol(tokens[index + 1], '(') || isSymbol(tokens[index + 2], '=');
}

function refusal(code: 'read-only' | 'unsupported', source: string, message: string, offset: number): Problem {
  const placed = invalidQuery(source, message, offset);
  return new Problem(code, placed.message, { details: placed.details });
}

/** Words the store never takes as a bare name, wherever they stand (found by trying them all). */
const RESERVED = new Set(
  (
    'SET IN AS IS NOT NULL TRUE FALSE CASE WHEN THEN ELSE WITH MATCH WHERE RETURN MERGE CREATE DELETE REMOVE DETACH UNION UNWIND ' +
    'DISTINCT OPTIONAL AND OR XOR FOREACH INSERT END'
  ).split(' '),
);

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is all of ASCII
const ASCII = /^[\x00-\x7f]*$/;

function* nameEdits(reading: Reading): Iterable<Edit> {
  const { tokens, roles, around } = reading;
  /** Labels on both sides of a relationship, by its bracket: looked for once, however many types it names. */
  const joined = new Map<number, ReadonlySet<string>>();
  const labelsOf = (bracket: number): ReadonlySet<string> => {
    const labels = joined.get(bracket) ?? labelsAround(reading, bracket);
    joined.set(bracket, labels);
    return labels;
  };
  for (const [index, { type, text, start, end }] of tokens.entries()) {
    if (type !== 'word') continue;
    const role = roles[index];
    const bracket = around[index] ?? index;
    const alias =
      role === 'label' ? labelAlias(text) : role === 'type' ? edgeAlias(text, () => labelsOf(bracket)) : undefined;
    if (alias !== undefined) yield { start, end, text: alias };
    else if (!ASCII.test(text) || (role !== undefined && RESERVED.has(text.toUpperCase()))) {
      yield { start, end, text: `\`${text}\`` };
    }
  }
}

function labelAlias(text: string): string | undefined {
  return Object.hasOwn(labelAliases, text) ? labelAliases[text] : undefined;
}

function edgeAlias(text: string, labels: () => ReadonlySet<string>): string | undefined {
  const alias = Object.hasOwn(edgeAliases, text) ? edgeAliases[text] : undefined;
  return alias?.between?.every((label) => labels().has(label)) === false ? undefined : alias?.means.join('|');
}

/** Labels of the two nodes that a relationship pattern joins, by its opening bracket. */
function labelsAround({ tokens, roles, partners }: Reading, opened: number): ReadonlySet<string> {
  const closed = partners.get(opened) ?? opened;
  let left = opened - 1;
  while (left >= 0 && (isSymbol(tokens[left], '-') || isSymbol(tokens[left], '<'))) left--;
  let right = closed + 1;
  while (isSymbol(tokens[right], '-') || isSymbol(tokens[right], '>')) right++;
  const labels = new Set<string>();
  for (const [from, to] of [
    [partners.get(left) ?? left, left],
    [right, partners.get(right) ?? right],
  ] as const) {
    for (let at = from; at <= to; at++) if (roles[at] === 'label') labels.add(tokens[at]?.text ?? '');
  }
  return labels;
}

/**
 * Asks the store for no more rows than needed. A LIMIT of the query's own stays unless it is larger; a UNION is taken as a whole, since
 * LIMIT would bind to its last part only; what ends without RETURN (a procedure call, EXPLAIN) is left alone.
 */
function* limitEdits(reading: Reading, rows: number, params: StatementOptions['params']): Iterable<Edit> {
  const { tokens, around } = reading;
  const top = (index: number): string | undefined =>
    around[index] === undefined ? keywordAt(reading, index) : undefined;
  const indexes = [...tokens.keys()];
  const result = indexes.findLast((index) => top(index) === 'RETURN');
  if (result === undefined || top(0) === 'EXPLAIN' || top(0) === 'PROFILE') return;
  const last = tokens.findLast((token) => !isSymbol(token, ';'));
  const first = tokens[0];
  if (last === undefined || first === undefined) return;
  if (indexes.some((index) => top(index) === 'UNION')) {
    yield { start: first.start, end: first.start, text: 'CALL { ' };
    yield { start: last.end, end: last.end, text: ` } RETURN * LIMIT ${rows}` };
    return;
  }
  const limit = indexes.findLast((index) => index > result && top(index) === 'LIMIT');
  if (limit === undefined) {
    yield { start: last.end, end: last.end, text: ` LIMIT ${rows}` };
    return;
  }
  const amount = tokens[limit + 1];
  const end = tokens[isSymbol(amount, '$') ? limit + 2 : limit + 1];
  if (amount === undefined || end === undefined) return;
  const asked = isSymbol(amount, '$') ? params[end.text.replaceAll('`', '')] : Number(amount.text);
  if (typeof asked === 'number' && asked > rows) yield { start: amount.start, end: end.end, text: String(rows) };
}

function edited(source: string, edits: readonly Edit[]): Omit<Statement, 'names'> {
  const ordered = [...edits].sort((a, b) => a.start - b.start);
  let text = '';
  let done = 0;
  /** Where in `text` each edit's replacement ends, and where in the source what follows it begins. */
  const joints: { sent: number; source: number }[] = [{ sent: 0, source: 0 }];
  for (const edit of ordered) {
    text += source.slice(done, edit.start);
    joints.push({ sent: text.length, source: edit.start });
    text += edit.text;
    joints.push({ sent: text.length, source: edit.end });
    done = edit.end;
  }
  text += source.slice(done);
  const sourceOffset = (position: Position): number => {
    const sent = offsetAt(text, position);
    const index = joints.findLastIndex((joint) => joint.sent <= sent);
    const joint = joints[index] ?? { sent: 0, source: 0 };
    const limit = joints[index + 1]?.source ?? source.length;
    return Math.min(joint.source + sent - joint.sent, limit);
  };
  return { text, sourceOffset };
}
