import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { keyBeside } from './history-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-files-'));
after(() => rmSync(folder, { recursive: true }));

test('HI105 the key beside a history is made whole, once, for its owner only, and what is left of one is refused', () => {
  const history = join(folder, 'new', 'history.db');
  const key = keyBeside(history);
  assert.match(key, /^[0-9a-f]{64}$/);
  assert.equal(statSync(`${history}.key`).mode & 0o077, 0);
  assert.ok(!existsSync(`${history}.key.new`));
  assert.equal(keyBeside(history), key);
  for (const rest of ['', '\n', key.slice(0, 15)]) {
    writeFileSync(`${history}.key`, rest);
    assert.throws(() => keyBeside(history), { code: 'invalid-config', message: /put back the one.*or remove it/ });
    assert.equal(readFileSync(`${history}.key`, 'utf8'), rest, 'it is not overwritten');
  }
  rmSync(`${history}.key`);
  assert.notEqual(keyBeside(history), key);
});

test('HI105 of a key that cannot be written nothing is left', { skip: !existsSync('/dev/full') }, () => {
  const history = join(folder, 'full.db');
  // What is to become the key is a device without space.
  symlinkSync('/dev/full', `${history}.key.new`);
  assert.throws(() => keyBeside(history), {
    code: 'store-unreachable',
    message: /full\.db\.key cannot be made \(no space left\)/,
  });
  assert.ok(!existsSync(`${history}.key`));
});
