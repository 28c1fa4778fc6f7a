import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expandBraces, PathNames, PathTrie, parsePattern } from './path.ts';

const names = new PathNames();

function hits(pattern: string, object: unknown): string[] {
  const trie = new PathTrie<string>();
  trie.add(pattern, pattern);
  const found: string[] = [];
  trie.walk(object, (_, { value, steps }) => found.push(`${names.text(steps)}=${JSON.stringify(value)}`));
  return found;
}

test('K3 patterns find fields, list elements, map values and quoted keys', () => {
  const object = {
    spec: { list: [{ name: 'a' }, null, { name: 'b' }], map: { x: 1, 'y.z/w': 2 } },
    meta: { 'cert-manager.io/issuer': 'ca' },
  };
  assert.deepEqual(hits('spec.list[*].name', object), ['spec.list[0].name="a"', 'spec.list[2].name="b"']);
  assert.deepEqual(hits('spec.map[*]', object), ['spec.map.x=1', 'spec.map["y.z/w"]=2']);
  assert.deepEqual(hits('meta["cert-manager.io/issuer"]', object), ['meta["cert-manager.io/issuer"]="ca"']);
});

test('K4 braces are alternatives, ** is any depth', () => {
  assert.deepEqual(expandBraces('a.{b,c}[*].{d,e}'), ['a.b[*].d', 'a.b[*].e', 'a.c[*].d', 'a.c[*].e']);
  assert.deepEqual(expandBraces('a["{x}"]'), ['a["{x}"]']);
  assert.deepEqual(hits('spec.**.secretRef', { spec: { secretRef: 1, a: [{ b: { secretRef: 2 } }] } }), [
    'spec.secretRef=1',
    'spec.a[0].b.secretRef=2',
  ]);
});

test('K5 fields of an unexpected shape do not match, inherited ones neither', () => {
  assert.deepEqual(hits('spec.list[*].name', { spec: 'text' }), []);
  assert.deepEqual(hits('spec.list[*].name', { spec: { list: 'text' } }), []);
  assert.deepEqual(hits('spec.toString', { spec: {} }), []);
  assert.deepEqual(hits('spec.name', { spec: [{ name: 'a' }] }), []);
});

test('K6 a malformed pattern is refused with its column', () => {
  assert.throws(() => parsePattern('spec.list[0]'), /column 10/);
  assert.throws(() => parsePattern('spec..x'), SyntaxError);
});

test('K3 a concrete path reads as it is written, also after more paths than are remembered', () => {
  assert.equal(names.text(['spec', 'ports', 2, 'odd key'], '.name'), 'spec.ports[2]["odd key"].name');
  assert.equal(names.text(['odd key']), '["odd key"]');
  assert.equal(names.text([], 'x'), 'x');
  for (let index = 0; index < 60_000; index++)
    assert.equal(names.text(['data', `k${index}`], '.x'), `data.k${index}.x`);
  assert.equal(names.text(['spec', 'a']), 'spec.a');
});
