/**
 * Which words of a Cypher query are names, told from what stands before them and in which bracket. What has no role may be a keyword,
 * a variable or a function.
 */
import type { Token } from './lexer.ts';

/** What a name names. */
export type Role = 'label' | 'type' | 'property' | 'key' | 'parameter' | 'alias';

/** `rel`: the bracket of a relationship pattern · `map`: a map or map projection · `block`: a subquery. */
type Bracket = 'paren' | 'list' | 'rel' | 'map' | 'block';

export interface Reading {
  /** Without comments. */
  readonly tokens: readonly Token[];
  /** By index of the token. */
  readonly roles: readonly (Role | undefined)[];
  /** Index of the innermost bracket that is open around the token, by index; undefined outside of all. */
  readonly around: readonly (number | undefined)[];
  /** Index of the bracket that closes the one at this index, and the other way round. */
  readonly partners: ReadonlyMap<number, number>;
}

const SUBQUERY = new Set(['CALL', 'EXISTS', 'COUNT', 'COLLECT']);

export function read(all: readonly Token[]): Reading {
  const tokens = all.filter((token) => token.type !== 'comment');
  const roles: (Role | undefined)[] = [];
  const around: (number | undefined)[] = [];
  const partners = new Map<number, number>();
  const open: { bracket: Bracket; index: number }[] = [];
  for (const [index, token] of tokens.entries()) {
    const bracket = open.at(-1)?.bracket;
    if (token.type === 'symbol' && ')]}'.includes(token.text)) {
      const opened = open.pop();
      if (opened) partners.set(index, opened.index).set(opened.index, index);
    }
    around.push(open.at(-1)?.index);
    roles.push(token.type === 'word' || token.type === 'quoted' ? roleAt(tokens, roles, index, bracket) : undefined);
    const opening = token.type === 'symbol' ? bracketAt(tokens, partners, index) : undefined;
    if (opening) open.push({ bracket: opening, index });
  }
  return { tokens, roles, around, partners };
}

function bracketAt(
  tokens: readonly Token[],
  partners: ReadonlyMap<number, number>,
  index: number,
): Bracket | undefined {
  const before = tokens[index - 1];
  switch (tokens[index]?.text) {
    case '(':
      return 'paren';
    case '[':
      return isSymbol(before, '-') ? 'rel' : 'list';
    case '{': {
      // `CALL (n) {`: what counts stands before the parenthesis.
      const head = isSymbol(before, ')') ? tokens[(partners.get(index - 1) ?? 0) - 1] : before;
      const subquery = head?.type === 'word' && SUBQUERY.has(head.text.toUpperCase());
      return subquery && (head === before || head.text.toUpperCase() === 'CALL') ? 'block' : 'map';
    }
    default:
      return undefined;
  }
}

function roleAt(
  tokens: readonly Token[],
  roles: readonly (Role | undefined)[],
  index: number,
  bracket: Bracket | undefined,
): Role | undefined {
  const before = tokens[index - 1];
  const joined = roles[index - 2];
  if (before === undefined) return undefined;
  if (before.type === 'word')
    return before.text.toUpperCase() === 'AS' && roles[index - 1] === undefined ? 'alias' : undefined;
  if (before.type !== 'symbol') return undefined;
  switch (before.text) {
    case '$':
      return 'parameter';
    case '.':
      return 'property';
    case ':':
      return bracket === 'map' ? undefined : bracket === 'rel' ? 'type' : 'label';
    case '|':
      return bracket === 'rel' && joined === 'type' ? 'type' : undefined;
    case '&':
      return joined === 'type' || joined === 'label' ? joined : undefined;
    case '{':
    case ',':
      return bracket === 'map' && isSymbol(tokens[index + 1], ':') ? 'key' : undefined;
    default:
      return undefined;
  }
}

export function isSymbol(token: Token | undefined, text: string): boolean {
  return token?.type === 'symbol' && token.text === text;
}

/** The word in upper case when the token may be a keyword, undefined when it is none or a name. */
export function keywordAt({ tokens, roles }: Reading, index: number): string | undefined {
  const token = tokens[index];
  return token?.type === 'word' && roles[index] === undefined ? token.text.toUpperCase() : undefined;
}
