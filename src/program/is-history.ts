/** Whether what somebody named is a history: the URL of a database, or a file of SQLite. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** SQLite's files begin so: https://sqlite.org/fileformat.html */
const SQLITE = 'SQLite format 3\0';

/** False also for what cannot be read. */
export function isHistory(name: string): boolean {
  if (/^postgres(?:ql)?:\/\//i.test(name)) return true;
  if (!statSync(name, { throwIfNoEntry: false })?.isFile()) return false;
  let file: number | undefined;
  try {
    file = openSync(name, 'r');
    const head = Buffer.alloc(SQLITE.length);
    readSync(file, head, 0, head.length, 0);
    return head.toString('latin1') === SQLITE;
  } catch {
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
