import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutPassword } from './address.ts';

test('C7 the password of an address is not shown, wherever it stands and however it is written', () => {
  for (const [text, shown] of [
    ['postgres://kg:secret@db/kg?schema=a', 'postgres://kg:***@db/kg?schema=a'],
    ['postgres://kg:se:c@re/t@db:5432/kg', 'postgres://kg:***@db:5432/kg'],
    ['postgres://:secret@db', 'postgres://:***@db'],
    [
      'postgres://db/kg?user=kg&password=secret&sslpassword=other#x',
      'postgres://db/kg?user=kg&password=***&sslpassword=***#x',
    ],
    ['postgres://kg@db/kg', 'postgres://kg@db/kg'],
    ['postgres://db:5432/kg', 'postgres://db:5432/kg'],
    ['/var/lib/kube-kg/history.db', '/var/lib/kube-kg/history.db'],
  ] as const)
    assert.equal(withoutPassword(text), shown);
});
