/**
 * From what was recorded to what is kept: containers' logs join in, and an application that had stood for a while is as old as it would be.
 * The second is the only thing that is not as it was seen: times before the recording began are moved back by the same span, all of them, and Events from
 * then are left out, as a cluster forgets them after an hour. A third of the recordings keeps its times: applications fail right after they were made, too.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Change, KubeObject } from '../../src/model/change.ts';
import { compareTime } from '../../src/model/time.ts';
import { lab } from './journal.ts';

const HOUR = 3_600_000;
const AGES = [0, 5 * HOUR, 11 * 24 * HOUR];

/** How long the application of a case had stood, in milliseconds. */
export function ageOf(id: string): number {
  return AGES[(hash(id)[1] ?? 0) % AGES.length] ?? 0;
}

/** Which half a case belongs to; the salt is one under which no family is in one half only, as far as that goes. */
export function splitOf(id: string): 'development' | 'held-back' {
  return (hash(`6e ${id}`)[0] ?? 0) % 2 === 0 ? 'development' : 'held-back';
}

export function hash(id: string): Buffer {
  return createHash('sha256').update(id).digest();
}

/** Joins what was seen and what was said, in the order of time, and makes it as old as it is to be. */
export function finished(changes: readonly Change[], logs: readonly Change[], age: number): readonly Change[] {
  const begin = changes[0]?.at ?? '';
  const all = [...changes, ...logs.map(lab.change)].sort((a, b) => compareTime(a.at, b.at));
  if (age === 0) return all;
  return all.flatMap((change): readonly Change[] => {
    if (change.type !== 'apply') return [change];
    if (change.object.kind === 'Event') return change.at === begin ? [] : [change];
    return [{ ...change, object: aged(change.object, begin, age) as KubeObject }];
  });
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
/** What is written again and again. */
const BEATS = /^(?:lastHeartbeatTime|renewTime)$/;

function aged(tree: unknown, begin: string, age: number): unknown {
  if (Array.isArray(tree)) return tree.map((each) => aged(each, begin, age));
  if (typeof tree !== 'object' || tree === null) return tree;
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => {
      if (typeof value !== 'string') return [key, aged(value, begin, age)];
      const at = TIME.test(value) && !BEATS.test(key) ? Date.parse(value) : 0;
      if (at === 0 || at >= Date.parse(begin)) return [key, value];
      const moved = new Date(at - age).toISOString();
      return [key, value.includes('.') ? moved : moved.replace('.000Z', 'Z')];
    }),
  );
}

/** Writes a recording, `.jsonl.zst`; returns its size. */
export function write(file: string, changes: readonly Change[]): number {
  const header = { type: 'recording', version: 1, cluster: 'main', startedAt: changes[0]?.at, producer: 'kube-kg lab' };
  const text = [header, ...changes].map((line) => `${JSON.stringify(line)}\n`).join('');
  const params = { [constants.ZSTD_c_compressionLevel]: 19, [constants.ZSTD_c_enableLongDistanceMatching]: 1 };
  const packed = zstdCompressSync(text, { params });
  writeFileSync(file, packed);
  return packed.length;
}

/** The lines of a recording, but for its header. */
export function read(file: string): readonly Change[] {
  const lines = zstdDecompressSync(readFileSync(file)).toString('utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('{"type":"recording"')).map((line) => JSON.parse(line));
}
