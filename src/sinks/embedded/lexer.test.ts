import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../../model/problem.ts';
import { offsetAt, positionAt, tokenize } from './lexer.ts';

const texts = (source: string): string[] => tokenize(source).map(({ type, text }) => `${type} ${text}`);

test('strings, escaped names, comments and words are told apart', () => {
  assert.deepEqual(texts(`RETURN 'a\\'b' , "c'd" // 'e\n/* SET */ \`x y\`.name_1`), [
    'word RETURN',
    `string 'a\\'b'`,
    'symbol ,',
    `string "c'd"`,
    `comment // 'e`,
    'comment /* SET */',
    'quoted `x y`',
    'symbol .',
    'word name_1',
  ]);
});

test('a number never swallows a word that follows it, so that no keyword can hide in one', () => {
  assert.deepEqual(texts('1CREATE'), ['number 1', 'word CREATE']);
  assert.deepEqual(texts('[*1..3]'), ['symbol [', 'symbol *', 'number 1', 'symbol ..', 'number 3', 'symbol ]']);
});

test('tokens keep their place in the source', () => {
  const source = `MATCH (ñ:Pod) /* 😀 */ RETURN ñ`;
  for (const { text, start, end } of tokenize(source)) assert.equal(source.slice(start, end), text);
});

test('what is not closed is named with its place', () => {
  for (const [source, where] of [
    ["RETURN 'abc", 'line 1, column 8'],
    ['MATCH (n)\nRETURN "abc\\"', 'line 2, column 8'],
    ['MATCH (`n) RETURN 1', 'line 1, column 8'],
    ['RETURN 1 /* never', 'line 1, column 10'],
  ] as const) {
    assert.throws(
      () => tokenize(source),
      (error) => error instanceof Problem && error.code === 'invalid-query' && error.details[0] === where,
    );
  }
});

test('offsets and positions are each other’s inverse, counted in characters', () => {
  const source = 'a😀b\n\ncé';
  for (let offset = 0; offset <= source.length; offset++) {
    if (offset === 2) continue; // the middle of 😀
    assert.equal(offsetAt(source, positionAt(source, offset)), offset);
  }
  assert.deepEqual(positionAt(source, 3), { line: 1, column: 3 });
});
