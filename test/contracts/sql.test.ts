/** People read a history in SQLite with any client; here one that only reads the file. PostgreSQL: `test/stack/sql.test.ts`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after } from 'node:test';
import { sqlContract } from './sql.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-sql-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

sqlContract('SQLite', async () => {
  const url = join(folder, `history-${++files}.db`);
  return {
    url,
    async ask(sql) {
      const client = new DatabaseSync(url, { readOnly: true });
      try {
        return client.prepare(sql).all() as never;
      } finally {
        client.close();
      }
    },
  };
});
