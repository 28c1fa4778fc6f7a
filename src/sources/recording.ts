/**
 * A recording as a source: newline-delimited JSON, plain, gzip or Zstandard, oldest line first; in one file or in parts, one after the other.
 * Invariant: every line is used, or counted in the report with its line number and reason; what comes from elsewhere is redacted on the way in.
 */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { type Line, linesOf } from '../lib/lines.ts';
import { unpackedBytes } from '../lib/streams.ts';
import type { Change } from '../model/change.ts';
import { Problem } from '../model/problem.ts';
import type { Source } from '../model/source.ts';
import { compareTime, type Time } from '../model/time.ts';
import { changeFromJson, FORMAT_VERSION, type RecordingHeader } from './change-from-json.ts';

/** What reading a recording found. Filled while it is read. */
export interface RecordingReport {
  lines: number;
  changes: number;
  /** The header last read: parts have one each. */
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
  /** What is to be known about the recording as a whole. */
  readonly notes: string[];
}

export interface RecordingOptions {
  /** Names of its files in order (`recordingFiles`); `-` is standard input. */
  readonly paths: readonly string[];
  readonly stdin?: Readable;
  /** Cluster of changes that name none and of a recording without a header. */
  readonly cluster?: string;
  /** Leaves out what was observed later. */
  readonly until?: Time;
  readonly redact: (change: Change) => Change;
  /** Longest line in bytes. */
  readonly lineBytesMax?: number;
}

/** No object of Kubernetes has more than a few megabytes; a list of all objects of a kind may have many. */
const LINE_BYTES_MAX = 128 * 1024 * 1024;
const BAD_SHOWN_MAX = 20;

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
    notes: [],
  };
}

/** Source over a recording; `report` tells what was found. Throws Problem `bad-recording` only when a file cannot be read at all. */
export function recordingSource(options: RecordingOptions, report: RecordingReport): Source {
  return { name: `recording ${options.paths.join(', ')}`, changes: (stop) => readChanges(options, report, stop) };
}

async function* readChanges(
  options: RecordingOptions,
  report: RecordingReport,
  stop: AbortSignal,
): AsyncIterable<readonly Change[]> {
  for (const path of options.paths) {
    const reader = new FileReader(path, options, report);
    for await (const batch of reader.batches(stop)) {
      yield batch;
      if (stop.aborted) return;
    }
  }
  noteSpan(options, report);
}

/** Says when the instant asked for is outside of what was recorded. */
function noteSpan({ until }: RecordingOptions, { firstAt, lastAt, notes }: RecordingReport): void {
  if (until === undefined || firstAt === undefined || lastAt === undefined) return;
  const span = `the recording, which spans ${firstAt} to ${lastAt}`;
  if (compareTime(until, firstAt) < 0) notes.push(`${until} is before ${span}; nothing is known then`);
  else if (compareTime(until, lastAt) > 0) notes.push(`${until} is after ${span}; this is what was known at its end`);
}

/** Reads one file of a recording into the report that all its files share. */
class FileReader {
  readonly #path: string;
  readonly #options: RecordingOptions;
  readonly #report: RecordingReport;
  /** Lines of the files before. */
  readonly #linesBefore: number;

  constructor(path: string, options: RecordingOptions, report: RecordingReport) {
    this.#path = path;
    this.#options = options;
    this.#report = report;
    this.#linesBefore = report.lines;
  }

  /** What each piece of the file says, at once: whoever writes it may be at work. */
  async *batches(stop: AbortSignal): AsyncIterable<readonly Change[]> {
    const { stdin = process.stdin, lineBytesMax = LINE_BYTES_MAX } = this.#options;
    const file = this.#path === '-' ? stdin : createReadStream(this.#path, { highWaterMark: 1 << 18 });
    try {
      for await (const lines of linesOf(unpackedBytes(file, stop), lineBytesMax)) {
        const batch: Change[] = [];
        for (const line of lines) {
          const change = this.#line(line, lineBytesMax);
          if (change) batch.push(change);
        }
        if (batch.length > 0) yield batch;
      }
    } catch (error) {
      const read = this.#report.lines - this.#linesBefore;
      if (read === 0) throw unreadable(this.#path, error);
      const reason = error instanceof Error ? error.message : String(error);
      this.#bad(read + 1, `the file is cut off or damaged after ${read} lines, which are used (${reason})`);
    }
  }

  #line({ number, text, tooLong, unfinished }: Line, bytesMax: number): Change | undefined {
    this.#report.lines = this.#linesBefore + number;
    if (tooLong) return this.#bad(number, `longer than ${bytesMax / 1024 ** 2} MiB`);
    if (text.trim() === '') return undefined;
    try {
      return this.#change(JSON.parse(text), number);
    } catch (error) {
      if (!(error instanceof SyntaxError))
        return this.#bad(number, error instanceof Error ? error.message : String(error));
      return this.#bad(number, unfinished ? 'the last line is cut off' : 'not valid JSON');
    }
  }

  #change(json: unknown, number: number): Change | undefined {
    const report = this.#report;
    const parsed = changeFromJson(json, report.header?.cluster || this.#options.cluster || 'default');
    switch (parsed.is) {
      case 'header':
        for (const field of parsed.unknownFields) count(report.unknownFields, `recording.${field}`);
        return this.#header(parsed.header);
      case 'ignored':
        count(report.ignoredTypes, parsed.type);
        return undefined;
      case 'bad':
        return this.#bad(number, parsed.reason);
      case 'change':
        for (const field of parsed.unknownFields) count(report.unknownFields, `${parsed.change.type}.${field}`);
        return accept(parsed.change, this.#options, report);
      default:
        return parsed satisfies never;
    }
  }

  #header(header: RecordingHeader): undefined {
    const { notes, header: before } = this.#report;
    const { version, part } = header;
    const newer = `version ${version} of the format: what this program (version ${FORMAT_VERSION}) does not know of it is left out`;
    if (version > FORMAT_VERSION && before?.version !== version) notes.push(`${this.#path} is written in ${newer}`);
    if (part > 0 && part !== (before?.part ?? 0) + 1)
      notes.push(
        `${this.#path} is part ${part} of a recording, and the part before it was not given: what that said is not known`,
      );
    this.#report.header = header;
  }

  #bad(number: number, reason: string): undefined {
    const { bad } = this.#report;
    this.#report.badLines++;
    const where = this.#options.paths.length > 1 ? `${this.#path}: ` : '';
    if (bad.length < BAD_SHOWN_MAX) bad.push({ line: number, reason: where + reason });
  }
}

function unreadable(path: string, cause: unknown): Problem {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Problem(
    'bad-recording',
    `${path} cannot be read: ${reason}. Give a recording made with "kube-kg record", or - for standard input.`,
    { cause },
  );
}

function accept(change: Change, { until, redact }: RecordingOptions, report: RecordingReport): Change | undefined {
  if (report.lastAt !== undefined && compareTime(change.at, report.lastAt) < 0) report.stepsBack++;
  else report.lastAt = change.at;
  if (report.firstAt === undefined || compareTime(change.at, report.firstAt) < 0) report.firstAt = change.at;
  if (until !== undefined && compareTime(change.at, until) > 0) return undefined;
  report.changes++;
  return redact(change);
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
