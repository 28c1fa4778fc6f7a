import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { Problem } from '../../model/problem.ts';
import { inputFromStrings } from './from-strings.ts';
import { commaList } from './inputs.ts';
import { selectorFromText } from './label-selector.ts';

test('R6 label selectors in the syntax of kubectl', () => {
  assert.deepEqual(selectorFromText('a=b, c==d,e!=f,g in (h, i),j notin (k),l,!m,n>3,o<4,p='), [
    { key: 'a', operator: 'In', values: ['b'] },
    { key: 'c', operator: 'In', values: ['d'] },
    { key: 'e', operator: 'NotIn', values: ['f'] },
    { key: 'g', operator: 'In', values: ['h', 'i'] },
    { key: 'j', operator: 'NotIn', values: ['k'] },
    { key: 'l', operator: 'Exists', values: [] },
    { key: 'm', operator: 'DoesNotExist', values: [] },
    { key: 'n', operator: 'Gt', values: ['3'] },
    { key: 'o', operator: 'Lt', values: ['4'] },
    { key: 'p', operator: 'In', values: [''] },
  ]);
  assert.deepEqual(selectorFromText('app.kubernetes.io/name=web')[0]?.key, 'app.kubernetes.io/name');
  assert.deepEqual(selectorFromText(''), []);
});

test('R6 a selector that is not understood is refused, never guessed', () => {
  for (const text of ['a=b,,c', 'a in (b', '=b', 'a=b=c', 'a within (b)', 'a>b'])
    assert.throws(
      () => selectorFromText(text),
      (error) => error instanceof Problem && error.code === 'invalid-input',
      text,
    );
});

test('R7 text becomes what the schema wants, and stays text where it cannot', () => {
  const input = z.strictObject({
    number: z.int().default(1),
    flag: z.boolean().optional(),
    list: commaList(z.string()).optional(),
    several: z.array(z.string()).optional(),
    map: z.record(z.string(), z.unknown()).default({}),
    text: z.string().optional(),
  });
  assert.deepEqual(
    inputFromStrings(
      { input },
      { number: '12', flag: '', list: 'a,b', several: 'x,y', map: '{"n":1}', text: '7', other: 'z' },
    ),
    { number: 12, flag: true, list: ['a', 'b'], several: ['x,y'], map: { n: 1 }, text: '7', other: 'z' },
  );
  assert.deepEqual(
    inputFromStrings({ input }, { number: 'many', flag: 'no', list: ['a', 'b,c'], several: ['x', 'y'] }),
    {
      number: 'many',
      flag: 'no',
      list: ['a', 'b', 'c'],
      several: ['x', 'y'],
    },
  );
});
