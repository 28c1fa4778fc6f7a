/** People read a history in PostgreSQL with any client; here its own, which knows the schema and nothing else. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, types } from 'pg';
import { openHistory } from '../../src/sinks/history/history.ts';
import { type SqlStore, sqlContract } from '../contracts/sql.ts';
import { demoEntries } from '../support/sql-history.ts';
import { type PostgresServer, startPostgres } from './components/postgres.ts';
import { waitFor } from './runner.ts';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server[Symbol.asyncDispose]());

/** int8 and numeric as numbers, json and timestamptz as they are written. */
const asWritten = (type: number): ((text: string) => unknown) => {
  if (type === 20 || type === 1700) return Number;
  if (type === 114 || type === 1184) return String;
  return types.getTypeParser(type);
};

let schemas = 0;

async function store(): Promise<SqlStore> {
  const schema = `sql_${++schemas}`;
  return {
    url: `${server.url()}?schema=${schema}`,
    async ask(sql) {
      const client = new Client({ connectionString: server.url(), types: { getTypeParser: asWritten as never } });
      await client.connect();
      try {
        await client.query(`SET search_path TO ${schema}`);
        return (await client.query(sql)).rows;
      } finally {
        await client.end();
      }
    },
  };
}

sqlContract('PostgreSQL', store);

test('HI86 PostgreSQL: texts follow within a minute while the history goes on being written', async (t) => {
  const { url, ask } = await store();
  const history = await openHistory(url);
  t.after(() => history.close());
  const begun = performance.now();
  for await (const changes of demoEntries()) history.write(changes);
  await history.written();
  await waitFor(
    'the texts',
    async () => Number((await ask('SELECT count(*) AS many FROM events'))[0]?.['many']) > 0,
    60_000,
    250,
  );
  t.diagnostic(`after ${((performance.now() - begun) / 1_000).toFixed(1)} s`);
  assert.equal(history.status.unreadable, undefined);
});
