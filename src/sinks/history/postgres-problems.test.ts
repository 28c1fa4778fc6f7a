import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemFromPostgres } from './postgres-problems.ts';

const where = 'postgres://kg:***@db/kg';

function problemOf(code: string | undefined, message = 'what it says') {
  return problemFromPostgres(Object.assign(new Error(message), code !== undefined && { code }), where);
}

test('what may pass is tried again, what will not is not, and each is told with what to do', () => {
  const away = [
    'ECONNREFUSED',
    'ECONNRESET',
    'ENOTFOUND',
    '57P01',
    '57P03',
    '53300',
    '08006',
    '25006',
    '28P01',
    '3D000',
    '42501',
    '42P01',
    '23505',
    undefined,
  ];
  for (const code of away) {
    const problem = problemOf(code);
    assert.equal(problem.code, 'store-unreachable', code);
    assert.ok(problem.retryable);
    assert.match(problem.message, /^postgres:\/\/kg:\*\*\*@db\/kg: what it says; \S/, code);
  }
  assert.equal(problemOf('53100').code, 'store-full');
  assert.deepEqual([problemOf('XX001').code, problemOf('XX002').retryable], ['store-damaged', false]);
  for (const code of ['22021', '23502', '42703']) {
    assert.equal(problemOf(code).code, 'internal');
    assert.match(problemOf(code).message, new RegExp(`what it says \\(${code}\\)`));
  }
});

test('several addresses of a host that do not answer are told as one', () => {
  const error = new AggregateError([
    new Error('connect ECONNREFUSED ::1:5432'),
    new Error('connect ECONNREFUSED 127.0.0.1:5432'),
  ]);
  assert.match(problemFromPostgres(error, where).message, /::1:5432; connect ECONNREFUSED 127.0.0.1:5432; see whether/);
});
