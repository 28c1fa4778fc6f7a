/** SQLite is shortened, copied and restored as every store of history; PostgreSQL beside a real server (`test/stack/history-upkeep.test.ts`). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { upkeepContract } from './history-upkeep.ts';

upkeepContract('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kube-kg-history-'));
  return { url: join(folder, 'history.db'), end: async () => rmSync(folder, { recursive: true }) };
});
