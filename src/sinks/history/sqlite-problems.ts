/** What SQLite and the file system say when something is wrong, as Problems that say what to do. */
import { Problem } from '../../model/problem.ts';

/** SQLite's primary result codes: https://sqlite.org/rescode.html */
const BUSY = 5;
const FULL = 13;
const DAMAGED = new Set([11, 26]);
/** No right to it, only to read it, or it cannot be opened: it, or the files that SQLite needs beside it. */
const DENIED = new Set([3, 8, 14, 23]);

/** The file system's own: https://nodejs.org/api/errors.html#common-system-errors */
const remedies: Readonly<Record<string, string>> = {
  EACCES: 'this user has no right to that',
  EPERM: 'this user has no right to that',
  EROFS: 'nothing can be written there',
  EISDIR: 'it is a folder; name a file in it',
  ENOTDIR: 'what should be its folder is a file',
  ENOENT: 'nothing can be made there',
};

interface Foreign {
  readonly message: string;
  /** Of SQLite. */
  readonly errcode?: number;
  /** Of the file system. */
  readonly code?: string;
}

/** The error as a Problem about the file that it was asked for. */
export function problemFromSqlite(error: unknown, path: string): Problem {
  if (error instanceof Problem) return error;
  const { errcode, code = '', message } = error as Foreign;
  const options = { cause: error };
  const result = errcode === undefined ? undefined : errcode & 0xff;
  if (result === FULL || code === 'ENOSPC')
    return new Problem(
      'store-full',
      `${path}: no space left; what is known goes on, history waits until there is space`,
      options,
    );
  if (result === BUSY)
    return new Problem(
      'store-in-use',
      `${path} is in use by another kube-kg; give this one another file (--history FILE), or none (--no-history)`,
      options,
    );
  if (result !== undefined && DAMAGED.has(result))
    return new Problem('store-damaged', `${path} is damaged (${message}); move it away, or restore a backup`, options);
  if (result !== undefined && DENIED.has(result))
    return new Problem(
      'store-unreachable',
      `${path} cannot be used (${message}): only its owner may read it, and beside it SQLite must be able to write`,
      options,
    );
  const remedy = remedies[code];
  if (remedy !== undefined)
    return new Problem('store-unreachable', `${path} cannot be used: ${remedy} (${code})`, options);
  if (/^no such (?:table|column)/.test(message))
    return new Problem(
      'store-unreachable',
      `${path} is no history, or one of an earlier version of this program (${message}); "kube-kg serve --history" brings it up to date`,
      options,
    );
  return new Problem('store-unreachable', `${path}: ${message}`, options);
}
