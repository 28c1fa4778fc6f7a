import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareVersions, updateFrom } from './payload.ts';

test('KV41 what an event means, its object bare or wrapped', () => {
  const pod = { kind: 'Pod', metadata: { name: 'a' } };
  const secret = { kind: 'Secret', type: 'DELETED', object: { kind: 'Pod' }, metadata: { name: 'a' } };
  const meaning = (type: string, value: unknown): unknown => updateFrom({ type, data: JSON.stringify(value) });
  for (const type of ['add', 'update']) assert.deepEqual(meaning(type, pod), { type: 'apply', object: pod });
  assert.deepEqual(meaning('delete', pod), { type: 'delete', object: pod });
  assert.deepEqual(meaning('update', { type: 'DELETED', object: pod }), { type: 'delete', object: pod });
  assert.deepEqual(meaning('message', { type: 'add', object: pod }), { type: 'apply', object: pod });
  assert.deepEqual(meaning('delete', { object: pod }), { type: 'delete', object: pod });
  assert.deepEqual(
    meaning('add', secret),
    { type: 'apply', object: secret },
    'what is written in an object means nothing',
  );
  assert.equal(meaning('ping', null), 'ping');
  assert.equal(meaning('greeting', pod), undefined);
});

test('KV55 what cannot be read is known as such', () => {
  for (const data of ['{"kind":"Pod', '7', 'null', '[]', '{}', '{"object":{}}', undefined])
    assert.equal(updateFrom({ type: 'add', data }), 'unreadable', data);
  assert.equal(
    updateFrom({ type: 'message', data: '{"kind":"Pod"}' }),
    'unreadable',
    'nobody says what happened to it',
  );
  assert.equal(updateFrom({ type: 'error', data: 'Error marshalling object' }), 'unreadable');
});

test('KV12 versions are compared as the numbers they are, whatever their length', () => {
  assert.equal(compareVersions('9', '10'), -1);
  assert.equal(compareVersions('18446744073709551616', '18446744073709551615'), 1);
  assert.equal(compareVersions('a', 'a'), 0);
  for (const [left, right] of [
    ['1', undefined],
    [undefined, undefined],
    ['1', 'a'],
    ['01', '1'],
    ['-1', '1'],
  ] as const)
    assert.equal(compareVersions(left, right), undefined, `${left} and ${right}`);
});
