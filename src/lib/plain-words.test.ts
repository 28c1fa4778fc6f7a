import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { placeOf, plainWords } from './plain-words.ts';

function fault(schema: z.ZodType, value: unknown): string {
  const result = schema.safeParse(value, { error: plainWords });
  assert.ok(!result.success);
  const [issue] = result.error.issues;
  return `${placeOf(issue?.path ?? [])} ${issue?.message}`.trim();
}

test('CL30 faults of an input are told in plain words, with what would be right', () => {
  const state = z.array(z.enum(['healthy', 'warning', 'critical']));
  assert.equal(
    fault(z.object({ health: state }), { health: ['criticla'] }),
    'health "criticla" is not known; give healthy, warning or critical; did you mean critical?',
  );
  assert.equal(fault(z.int(), 'all'), 'must be a number, "all" is none');
  assert.equal(fault(z.number(), Number.NaN), 'must be a number');
  assert.equal(fault(z.int().min(1), -1), 'must be at least 1');
  assert.equal(fault(z.int().max(9), 10), 'must be at most 9');
  assert.equal(fault(z.string().min(1), ''), 'must not be empty');
  assert.equal(fault(z.array(z.string()).max(1), ['a', 'b']), 'must have at most 1 entry; it has 2');
  assert.equal(fault(z.object({ a: z.string() }), {}), 'a is required');
  assert.equal(fault(z.object({ a: z.object({}) }), { a: 'x' }), 'a must be a mapping of names to values');
  assert.equal(fault(z.boolean(), 'yes'), 'must be true or false');
  assert.equal(fault(z.array(z.object({ from: z.string() })), [{ from: 3 }]), '[0].from must be text');
  assert.equal(fault(z.strictObject({}), { x: 1 }), 'has nothing called x');
});

test('CL31 a value that may be a secret is not repeated, and what a schema says itself is kept', () => {
  assert.equal(fault(z.string().min(16), 'hunter2'), 'must have at least 16 characters; it has 7');
  assert.equal(fault(z.string().min(16, 'choose a longer one'), 'hunter2'), 'choose a longer one');
});
