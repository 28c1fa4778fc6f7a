/** A history that goes with the process: in a folder of its own among temporary files, which is removed at the end. */
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqlite } from '../sinks/history/sqlite.ts';

export interface PassingHistory extends Disposable {
  /** Of its file. */
  readonly url: string;
}

const PREFIX = 'kube-kg-passing-';
const NAME = 'history.db';
/** A process that starts may have made its folder and not yet taken its lock. */
const YOUNG_MS = 60_000;

/** Makes the folder, and removes those of processes that were killed. */
export async function passingHistory(parent = tmpdir()): Promise<PassingHistory> {
  await sweep(parent);
  const folder = mkdtempSync(join(parent, PREFIX));
  return { url: join(folder, NAME), [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Removes folders of ours that nobody holds any more; others are left alone, whatever is wrong with them. */
async function sweep(parent: string): Promise<void> {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(parent, name);
    try {
      const { uid, mtimeMs } = lstatSync(folder);
      if (uid !== process.getuid?.() || Date.now() - mtimeMs < YOUNG_MS) continue;
      // Who can write to it is the only one: the lock is that of its process, and goes with it.
      await openSqlite(join(folder, NAME)).close();
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // It is in use.
    }
  }
}
