/** Where a history lies on this machine when nothing is said, and the key that must last as long as it does. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** `kube-kg/history.db` in the folder for state (XDG Base Directory Specification). */
export function standardHistory(environment: Readonly<Record<string, string | undefined>>): string {
  const state = environment['XDG_STATE_HOME'] || join(environment['HOME'] ?? homedir(), '.local', 'state');
  return join(state, 'kube-kg', 'history.db');
}

/**
 * The redaction key of a history in a file, made with it: with another key every Secret would seem to have changed at each start. Only its owner may
 * read it.
 */
export function keyBeside(history: string): string {
  const path = `${history}.key`;
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const key = randomBytes(32).toString('hex');
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, `${key}\n`, { mode: 0o600 });
  return key;
}
