/** People read a history in PostgreSQL with any client; here its own, which knows the schema and nothing else. */
import { after, before } from 'node:test';
import { Client, types } from 'pg';
import { sqlContract } from '../contracts/sql.ts';
import { type PostgresServer, startPostgres } from './components/postgres.ts';

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

sqlContract('PostgreSQL', async () => {
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
});
