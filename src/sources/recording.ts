/**
 * A recording as a source: newline-delimited JSON, plain, gzip or Zstandard, oldest line first; in one file or in parts, one after the other.
 * In its place, or between its lines, may stand what kubectl writes (manifests.ts), which says what is there without saying since when.
 * Invariant: every line is used, or counted in the report with its line number and reason; what comes from elsewhere is redacted on the way in.
 */
import { createReadStream, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { countBounded } from '../lib/bounded-count.ts';
import { type Line, linesOf } from '../lib/lines.ts';
import { unpackedBytes } from '../lib/streams.ts';
import type { Change } from '../model/change.ts';
import { Problem } from '../model/problem.ts';
import type { Source } from '../model/source.ts';
import { compareTime, type Time, timeFrom } from '../model/time.ts';
import { changeFromJson, FORMAT_VERSION, type RecordingHeader } from './change-from-json.ts';
import { changesFromManifest, changesFromText } from './manifests.ts';

/** What reading a recording found. */
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
const NAMES_MAX = 100;

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

/** Source over a recording; after each reading, `report` tells what that found. Throws Problem `bad-recording` only when a file cannot be read at all. */
export function recordingSource(options: RecordingOptions, report: RecordingReport): Source {
  return {
    name: `recording ${options.paths.join(', ')}`,
    async *changes(stop) {
      const found = emptyReport();
      try {
        yield* readChanges(options, found, stop);
      } finally {
        Object.assign(report, found);
      }
    },
  };
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
  /** Lines so far, while none could be read: the file may be one document. */
  #unread: Line[] | undefined = [];
  #unreadBytes = 0;

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
        const batch = lines.flatMap((line) => this.#line(line, lineBytesMax));
        if (batch.length > 0) yield batch;
      }
      const batch = this.#document();
      if (batch.length > 0) yield batch;
    } catch (error) {
      const read = this.#report.lines - this.#linesBefore;
      if (read === 0) throw unreadable(this.#path, error);
      const reason = error instanceof Error ? error.message : String(error);
      this.#bad(read + 1, `the file is cut off or damaged after ${read} lines, which are used (${reason})`);
    }
  }

  #line(line: Line, bytesMax: number): readonly Change[] {
    const { number, text, tooLong } = line;
    this.#report.lines = this.#linesBefore + number;
    if (tooLong) return this.#bad(number, `longer than ${bytesMax / 1024 ** 2} MiB`);
    let json: unknown;
    try {
      if (text.trim() !== '') json = JSON.parse(text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) return this.#bad(number, String(error));
    }
    if (this.#unread !== undefined) {
      if (!isLine(json) && this.#unreadBytes < bytesMax) {
        this.#unread.push(line);
        this.#unreadBytes += text.length + 1;
        return [];
      }
      this.#giveUp();
    }
    if (text.trim() === '') return [];
    return json === undefined ? this.#unreadable(line) : this.#changes(json, number);
  }

  #unreadable({ number, unfinished }: Line): readonly Change[] {
    return this.#bad(number, unfinished ? 'the last line is cut off' : 'not valid JSON');
  }

  /** The file is one of lines after all: those before the first that could be read are bad. */
  #giveUp(): void {
    for (const line of this.#unread ?? []) if (line.text.trim() !== '') this.#unreadable(line);
    this.#unread = undefined;
  }

  /** At the end of a file without a readable line: the whole of it as one document. */
  #document(): readonly Change[] {
    const lines = this.#unread ?? [];
    if (lines.every(({ text }) => text.trim() === '')) return [];
    try {
      const text = lines.map((line) => line.text).join('\n');
      const changes = changesFromText(text, this.#readAt(), this.#cluster());
      if (changes !== undefined) return this.#accept(changes);
      this.#giveUp();
      return [];
    } catch (error) {
      return this.#bad(lines.length, `not a recording, nor YAML: ${error instanceof Error ? error.message : error}`);
    }
  }

  #changes(json: unknown, number: number): readonly Change[] {
    const report = this.#report;
    const objects = changesFromManifest(json, this.#readAt(), this.#cluster());
    if (objects !== undefined) return this.#accept(objects);
    const parsed = changeFromJson(json, this.#cluster());
    switch (parsed.is) {
      case 'header':
        for (const field of parsed.unknownFields) count(report.unknownFields, `recording.${field}`);
        this.#header(parsed.header);
        return [];
      case 'ignored':
        count(report.ignoredTypes, parsed.type);
        return [];
      case 'bad':
        return this.#bad(number, parsed.reason);
      case 'change':
        for (const field of parsed.unknownFields) count(report.unknownFields, `${parsed.change.type}.${field}`);
        return this.#accept([parsed.change]);
      default:
        return parsed satisfies never;
    }
  }

  #cluster(): string {
    return this.#report.header?.cluster || this.#options.cluster || 'default';
  }

  /** When objects were there that do not say it: with the line before them, else when the file was written, or read from standard input. */
  #readAt(): Time {
    const { lastAt, header } = this.#report;
    const known = lastAt ?? timeFrom(header?.startedAt);
    if (known !== undefined) return known;
    return (this.#path === '-' ? new Date() : statSync(this.#path).mtime).toISOString();
  }

  #accept(changes: readonly Change[]): readonly Change[] {
    return changes
      .map((change) => accept(change, this.#options, this.#report))
      .filter((change) => change !== undefined);
  }

  #header(header: RecordingHeader): void {
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

  #bad(number: number, reason: string): readonly Change[] {
    const { bad } = this.#report;
    this.#report.badLines++;
    const where = this.#options.paths.length > 1 ? `${this.#path}: ` : '';
    if (bad.length < BAD_SHOWN_MAX) bad.push({ line: number, reason: where + reason });
    return [];
  }
}

/** Whether a line stands for itself. Lines inside of a document that is spread over many never look so. */
function isLine(json: unknown): boolean {
  if (typeof json !== 'object' || json === null) return false;
  const { type, apiVersion, kind } = json as Readonly<Record<string, unknown>>;
  return typeof type === 'string' || (typeof apiVersion === 'string' && typeof kind === 'string');
}

/** That a file of a recording cannot be read, and what to give. */
export function unreadable(path: string, cause: unknown): Problem {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Problem(
    'bad-recording',
    `${path} cannot be read: ${reason}. Give a recording made with "kube-kg record", manifests, or - for standard input.`,
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

/** A file may name any number of types and fields. */
function count(counts: Map<string, number>, name: string): void {
  countBounded(counts, name, NAMES_MAX, 'others');
}
