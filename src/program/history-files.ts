/** Where a history lies on this machine when nothing is said, and the key that must last as long as it does. */
import { randomBytes } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Problem } from '../model/problem.ts';
import { checkSqlite } from '../sinks/history/sqlite.ts';

/** `kube-kg/history.db` in the folder for state (XDG Base Directory Specification). */
export function standardHistory(environment: Readonly<Record<string, string | undefined>>): string {
  const state = environment['XDG_STATE_HOME'] || join(environment['HOME'] ?? homedir(), '.local', 'state');
  return join(state, 'kube-kg', 'history.db');
}

/** Makes the folder in which a history is to be kept, for its owner only. Throws what `makeFolderOf` does. */
export function makePlace(history: string): void {
  makeFolderOf(history, 'A history cannot be kept', 'name another place with --history, or keep none (--no-history)');
}

/** Throws Problem `store-unreachable` where nothing can be written: `what` cannot be, and what else to do. */
export function makeFolderOf(path: string, what: string, advice: string): void {
  const folder = dirname(resolve(path));
  attempt(`${what} in ${folder}`, advice, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
  });
}

function attempt<T>(what: string, advice: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code = '' } = error as { readonly code?: string };
    const why = reasons[code] ?? (error instanceof Error ? error.message : code);
    throw new Problem('store-unreachable', `${what} (${why}): ${advice}.`, { cause: error });
  }
}

/** https://nodejs.org/api/errors.html#common-system-errors */
const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user has no right to',
  EPERM: 'this user has no right to',
  EROFS: 'nothing can be written there',
  ENOENT: 'nothing can be made there',
  ENOTDIR: 'it is no folder',
  EEXIST: 'it is no folder',
  ENOSPC: 'no space left',
};

/** Shorter ones could be guessed, or are what is left of one that could not be written. */
const KEY_MIN = 16;

/**
 * The redaction key of a history in a file, made with it: with another key every Secret would seem to have changed at each start. Only its owner may
 * read it. Throws a Problem: `invalid-input` where something else lies than a history, and nothing is made then; `invalid-config` for a key that is none;
 * `store-unreachable` where it cannot be read or made.
 */
export function keyBeside(history: string): string {
  const path = `${history}.key`;
  makePlace(history);
  checkSqlite(history);
  if (!existsSync(path)) attempt(`${path} cannot be made`, KEY_ADVICE, () => makeKey(path));
  const key = attempt(`${path} cannot be read`, KEY_ADVICE, () => readFileSync(path, 'utf8')).trim();
  if (key.length >= KEY_MIN) return key;
  throw new Problem(
    'invalid-config',
    `${path} holds no key (${key.length} characters, ${KEY_MIN} at least): put back the one that was there, or remove it, and another is made; with another key every Secret seems to have changed once.`,
  );
}

const KEY_ADVICE =
  'let this user read and write it, set a key of your own (KG_REDACTION_KEY), or keep no history (--no-history)';

/** Whole or not at all. */
function makeKey(path: string): void {
  const made = `${path}.new`;
  try {
    writeFileSync(made, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flush: true });
    renameSync(made, path);
  } catch (error) {
    rmSync(made, { force: true });
    throw error;
  }
}
