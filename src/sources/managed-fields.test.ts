import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../test/support/random.ts';
import { compactManagedFields } from './managed-fields.ts';
import { compactFieldsInPlace } from './managed-fields-bytes.ts';

const same = (line: string): string => line;

/** As the client reads: bytes made compact, then parsed, then finished. */
function throughBytes(value: unknown): unknown {
  const bytes = Buffer.from(JSON.stringify(value));
  return JSON.parse(bytes.toString('utf8', 0, compactFieldsInPlace(bytes, 0, bytes.length)));
}

const entry = (fieldsV1: unknown): object => ({ manager: 'm', fieldsType: 'FieldsV1', fieldsV1 });
const lineOf = (fieldsV1: unknown): unknown => compactManagedFields([entry(fieldsV1)], same)[0]?.fieldsV1;

test('X20 every kind of path element has its place in the line', () => {
  assert.equal(lineOf({}), '');
  assert.equal(lineOf({ 'f:a': {}, 'f:b': { 'f:c': {} } }), 'a,b{c}');
  assert.equal(lineOf({ 'f:m': { '.': {}, 'f:app.kubernetes.io/name': {} } }), 'm{.,app.kubernetes.io/name}');
  assert.equal(
    lineOf({ 'f:p': { 'k:{"containerPort":80,"protocol":"TCP"}': {} } }),
    'p{[containerPort:80,protocol:TCP]}',
  );
  assert.equal(lineOf({ 'f:finalizers': { 'v:"a/b"': {}, 'i:3': {} } }), 'finalizers{="a/b",#3}');
  assert.equal(lineOf({ 'f:odd{name}': {}, 'k:{"name":"a]b"}': {} }), String.raw`"f:odd{name}","k:{\"name\":\"a]b\"}"`);
});

test('X21 what is compact stays as it is, and what is broken is dropped', () => {
  const once = compactManagedFields([entry({ 'f:a': {} })], same);
  assert.deepEqual(compactManagedFields(once, same), once);
  assert.deepEqual(compactManagedFields([null, 7, 'x', { fieldsV1: 7 }], same), [{}]);
  let deep: object = {};
  for (let depth = 0; depth < 50_000; depth++) deep = { 'f:a': deep };
  assert.equal(typeof lineOf(deep), 'string');
});

test('X22 making bytes compact before parsing gives what making it compact afterwards gives', () => {
  const random = seededRandom('fields');
  const names = [
    '.',
    'f:a',
    'f:b c',
    'f:a.b/c-d',
    'f:ü',
    'f:x{y',
    'f:p,q',
    'f:"quoted"',
    'f:back\\slash',
    'f:~|',
    'i:3',
    'weird',
    '',
  ];
  const keys = [
    'k:{"name":"web"}',
    'k:{"name":"a\\"b"}',
    'k:{"name":"a}b"}',
    'k:{"n":"é"}',
    'k:{"a":1,"b":"c"}',
    'v:"x"',
    'v:"q\\"q"',
    'v:{"a":1}',
    'v:5',
  ];
  const tree = (depth: number): object =>
    Object.fromEntries(
      Array.from({ length: random.int(4) }, () => [
        random.pick(random.chance(0.6) ? names.slice(0, 5) : [...names, ...keys]),
        depth > 0 && random.chance(0.6) ? tree(depth - 1) : {},
      ]),
    );
  for (let round = 0; round < 3_000; round++) {
    const list = {
      text: random.pick(['', '"fieldsV1":{', 'V1":{ "fieldsV1":{}', '\\"fieldsV1\\":{"f:a":{}}', 'ü€😀']),
      items: Array.from({ length: random.int(4) }, () => ({
        metadata: { managedFields: [entry(tree(4)), entry(tree(1))] },
        x: 1,
      })),
    };
    const finish = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value), (name, inner) =>
        name === 'managedFields' ? compactManagedFields(inner, same) : inner,
      );
    assert.deepEqual(finish(throughBytes(list)), finish(list));
  }
});

test('X23 only between the given bounds is anything moved', () => {
  const line = JSON.stringify({ fieldsV1: { 'f:a': { 'f:b': {} } } });
  const bytes = Buffer.from(`${line}\n${line}\n`);
  const end = compactFieldsInPlace(bytes, line.length + 1, bytes.length - 1);
  assert.equal(bytes.toString('utf8', 0, line.length + 1), `${line}\n`);
  assert.equal(bytes.toString('utf8', line.length + 1, end), '{"fieldsV1":"a{b}"}');
  const cut = Buffer.from(line.slice(0, -6));
  assert.equal(compactFieldsInPlace(cut, 0, cut.length), cut.length, 'a tree that is cut off is left alone');
});

test('X24 a tree that is larger than the line may be is left to the parser', () => {
  const big = Object.fromEntries(Array.from({ length: 9_000 }, (_, index) => [`f:field-${index}`, {}]));
  const read = throughBytes({ fieldsV1: big }) as { fieldsV1: unknown };
  assert.equal(typeof read.fieldsV1, 'object');
  assert.equal(lineOf(read.fieldsV1), lineOf(big));
});
