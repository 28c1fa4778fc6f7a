/**
 * A recording as a source: newline-delimited JSON, plain, `.gz` or `.zst`, oldest line first.
 * Invariant: every line is used, or counted in the report with its line number and reason; what comes from elsewhere is redacted on the way in.
 */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { type Line, linesOf } from '../lib/lines.ts';
import type { Change, KubeObject } from '../model/change.ts';
import { Problem } from '../model/problem.ts';
import type { Source } from '../model/source.ts';
import { compareTime, type Time } from '../model/time.ts';
import { changeFromJson, type RecordingHeader } from './change-from-json.ts';

/** What reading a recording found. Filled while it is read. */
export interface RecordingReport {
  lines: number;
  changes: number;
  header: RecordingHeader | undefined;
  firstAt: Time | undefined;
  lastAt: Time | undefined;
  /** Lines whose time is before that of the line above. */
  stepsBack: number;
  badLines: number;
  /** The first bad lines, with what is wrong. */
  readonly bad: { readonly line: number; readonly reason: string }[];
  /** Change types that are not known, and how often. */
  readonly ignoredTypes: Map<string, number>;
  readonly unknownFields: Map<string, number>;
}

export interface RecordingOptions {
  /** File name, or `-` for standard input. */
  readonly path: string;
  readonly stdin?: Readable;
  /** Cluster of changes that name none and of a recording without a header. */
  readonly cluster?: string;
  /** Leaves out what was observed later. */
  readonly until?: Time;
  readonly redact: (object: KubeObject) => KubeObject;
  /** Longest line in bytes. */
  readonly lineBytesMax?: number;
}

const LINE_BYTES_MAX = 256 * 1024 * 1024;
const BAD_SHOWN_MAX = 20;
const BATCH = 500;

export function emptyReport(): RecordingReport {
  return {
    lines: 0,
    changes: 0,
    header: undefined,
    firstAt: undefined,
    lastAt: undefined,
    stepsBack: 0,
    badLines: 0,
    bad: [],
    ignoredTypes: new Map(),
    unknownFields: new Map(),
  };
}

/** Source over a recording; `report` tells what was found. Throws Problem `bad-recording` only when the file cannot be read at all. */
export function recordingSource(options: RecordingOptions, report: RecordingReport): Source {
  return { name: `recording ${options.path}`, changes: (stop) => readChanges(options, report, stop) };
}

async function* readChanges(
  options: RecordingOptions,
  report: RecordingReport,
  stop: AbortSignal,
): AsyncIterable<readonly Change[]> {
  let batch: Change[] = [];
  try {
    for await (const lines of linesOf(open(options), options.lineBytesMax ?? LINE_BYTES_MAX)) {
      if (stop.aborted) return;
      for (const line of lines) {
        const change = readLine(line, options, report);
        if (change) batch.push(change);
        if (batch.length < BATCH) continue;
        yield batch;
        batch = [];
      }
    }
  } catch (error) {
    if (report.lines === 0) throw unreadable(options.path, error);
    noteBad(
      report,
      report.lines + 1,
      `the file ends in the middle: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (batch.length > 0) yield batch;
}

function unreadable(path: string, cause: unknown): Problem {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Problem(
    'bad-recording',
    `${path} cannot be read: ${reason}. Give a recording made with "kube-kg record", or - for standard input.`,
    { cause },
  );
}

function open({ path, stdin }: RecordingOptions): AsyncIterable<Uint8Array> {
  const raw: Readable = path === '-' ? (stdin ?? process.stdin) : createReadStream(path, { highWaterMark: 1 << 20 });
  const unpack = path.endsWith('.gz') ? createGunzip() : path.endsWith('.zst') ? createZstdDecompress() : undefined;
  if (unpack === undefined) return raw;
  raw.on('error', (error) => unpack.destroy(error));
  return raw.pipe(unpack);
}

function readLine(
  { number, text, tooLong, unfinished }: Line,
  options: RecordingOptions,
  report: RecordingReport,
): Change | undefined {
  report.lines = number;
  if (tooLong) return noteBad(report, number, 'the line is longer than the limit');
  if (text.trim() === '') return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return noteBad(report, number, unfinished ? 'the last line is cut off' : 'not valid JSON');
  }
  try {
    return changeOf(json, number, options, report);
  } catch (error) {
    return noteBad(report, number, error instanceof Error ? error.message : String(error));
  }
}

function changeOf(
  json: unknown,
  number: number,
  options: RecordingOptions,
  report: RecordingReport,
): Change | undefined {
  const parsed = changeFromJson(json, report.header?.cluster ?? options.cluster ?? 'default');
  switch (parsed.is) {
    case 'header':
      report.header ??= parsed.header;
      return undefined;
    case 'ignored':
      count(report.ignoredTypes, parsed.type);
      return undefined;
    case 'bad':
      return noteBad(report, number, parsed.reason);
    case 'change':
      for (const field of parsed.unknownFields) count(report.unknownFields, `${parsed.change.type}.${field}`);
      return accept(parsed.change, options, report);
    default:
      return parsed satisfies never;
  }
}

function accept(change: Change, { until, redact }: RecordingOptions, report: RecordingReport): Change | undefined {
  if (report.lastAt !== undefined && compareTime(change.at, report.lastAt) < 0) report.stepsBack++;
  else report.lastAt = change.at;
  report.firstAt ??= change.at;
  if (until !== undefined && compareTime(change.at, until) > 0) return undefined;
  report.changes++;
  if (change.type === 'apply') return { ...change, object: redact(change.object) };
  if (change.type === 'reset') return { ...change, objects: change.objects.map(redact) };
  return change;
}

function noteBad(report: RecordingReport, line: number, reason: string): undefined {
  report.badLines++;
  if (report.bad.length < BAD_SHOWN_MAX) report.bad.push({ line, reason });
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
