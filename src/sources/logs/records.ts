/**
 * Lines → records: what a program said in one go, a stack trace or a pretty-printed object, is one. Pure; time comes with the lines.
 * Invariants: lines stay in order and none is in two records; a record holds no more than so many lines and characters, further lines of it are only
 * counted; what comes later than a moment after the line before is another record.
 */
import type { Time } from '../../model/time.ts';
import { severityOfText } from './severity.ts';

export interface LogLine {
  readonly at: Time;
  readonly text: string;
}

export interface LogRecord {
  /** When its first line was written. */
  readonly at: Time;
  readonly lines: readonly string[];
  /** Lines of it that are left out. */
  readonly left: number;
}

const LINES_MAX = 120;
const CHARACTERS_MAX = 16_384;
/** Lines of one record are written together. */
const MOMENT_MS = 1_500;

/** A line that begins a record, whatever came before. */
const BEGINS =
  /^\s*(?:\[?\d{4}[-/.]\d\d[-/.]\d\d|\[?\d\d:\d\d:\d\d|\{"|[IWEF]\d{4} \d\d:|[DIWEFA], \[|time=|ts=|level=|msg=|<\d+>|(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL)\b|(?:trce|dbug|info|warn|fail|crit): )/;
/** A line that belongs to the one before it, besides those that are indented. */
const CONTINUES =
  /^(?:Caused by: |Suppressed: |\.{3} \d+ |goroutine \d+ \[|created by |\[signal |Stack trace:|#\d+ |thrown in |note: (?:run with|Some details)|stack backtrace:|--- End of|The above exception |During handling of |[\])}]+[;,]?\s*$|\^+\s*$|exit status \d+\s*$)/;

/** What the open record is, which tells how it goes on: a Python traceback ends with the line that names the exception, others when something begins. */
type Form = 'plain' | 'python' | 'trace' | 'key';

function formOf(text: string, before: Form): Form {
  if (/^\s*Traceback \(most recent call last\)/.test(text)) return 'python';
  if (/-----BEGIN [A-Z ]+-----/.test(text) && !/-----END /.test(text)) return 'key';
  if (
    /^(?:panic: |fatal error: |runtime error: |goroutine \d+ \[|thread '.*' panicked at |Unhandled exception|(?:file:\/\/)?\/\S+:\d+$)/.test(
      text,
    )
  )
    return 'trace';
  return before;
}

const TRACEBACK = /^Traceback \(most recent call last\)/;
const NAMED_ERROR = /^(?:[A-Za-z_][\w$]*[.:]+)*[A-Z][\w$]*(?:Error|Exception|Throwable)\b(?=:|$| )/;

/** A logger tells what went wrong, and the exception follows; one exception follows another where it says so. */
function isFollowing(text: string, lines: readonly string[]): boolean {
  const [head = ''] = lines;
  const isTraceback = TRACEBACK.test(text);
  if (isTraceback && /^(?:The above exception|During handling of) /.test(lines.findLast((line) => line !== '') ?? ''))
    return true;
  return lines.length === 1 && (isTraceback || (NAMED_ERROR.test(text) && BEGINS.test(head))) && isComplaint(head);
}

function isComplaint(head: string): boolean {
  const { severity } = severityOfText(head);
  return severity !== 'info' && severity !== 'debug';
}

export class RecordAssembler {
  #open: { at: Time; last: number; lines: string[]; characters: number; left: number; form: Form } | undefined;

  /** The record that ended with this line, if one did. */
  add({ at, text }: LogLine): LogRecord | undefined {
    const ms = Date.parse(at);
    const open = this.#open;
    if (open !== undefined && ms - open.last <= MOMENT_MS && this.#belongs(text, open.form, open.lines)) {
      open.last = ms;
      open.form = this.#formAfter(text, open.form);
      open.characters += text.length;
      if (open.lines.length < LINES_MAX && open.characters <= CHARACTERS_MAX) open.lines.push(text);
      else open.left++;
      return undefined;
    }
    const ended = this.flush();
    if (text.trim() !== '') {
      const line = text.slice(0, CHARACTERS_MAX);
      this.#open = { at, last: ms, lines: [line], characters: line.length, left: 0, form: formOf(text, 'plain') };
    }
    return ended;
  }

  /** What is open and will hardly go on: its last line is older than a moment. */
  settled(nowMs: number): LogRecord | undefined {
    return this.#open !== undefined && nowMs - this.#open.last > MOMENT_MS ? this.flush() : undefined;
  }

  /** What is open, as it is. */
  flush(): LogRecord | undefined {
    const open = this.#open;
    this.#open = undefined;
    return open && { at: open.at, lines: open.lines, left: open.left };
  }

  #belongs(text: string, form: Form, lines: readonly string[]): boolean {
    if (form === 'key' || form === 'python') return true;
    if (text.trim() === '') return form === 'trace' || lines.length > 1;
    if (BEGINS.test(text)) return false;
    if (/^\s/.test(text) || CONTINUES.test(text)) return true;
    return form === 'trace' || isFollowing(text, lines);
  }

  #formAfter(text: string, form: Form): Form {
    if (form === 'key') return /-----END /.test(text) ? 'plain' : 'key';
    if (form === 'python' && text !== '' && !/^\s|^Traceback/.test(text)) return 'plain';
    return formOf(text, form);
  }
}

const GIST_PARTS = 2;

/** What a record is about, on one line: its head, and the error that a stack trace ends with or begins by. For templates. */
export function gistOf({ lines }: LogRecord): string {
  const [head = '', ...rest] = lines;
  if (rest.length === 0) return head;
  const isEmptyHead = /^\s*Traceback \(most|^(?:file:\/\/)?\/\S+:\d+$|^thread '.*' panicked at/.test(head);
  const named = rest.filter((line) =>
    /^(?:Caused by: |(?:\w+\.)*\w*(?:Error|Exception|Exit|Interrupt|Warning)\b)/.test(line),
  );
  const second =
    named.at(-1) ??
    (isEmptyHead ? rest.find((line) => /^\S/.test(line) && !/^\^/.test(line)) : undefined) ??
    continuedHead(head, rest);
  return (
    [isEmptyHead ? undefined : head, second]
      .filter((part) => part !== undefined && part !== '')
      .slice(0, GIST_PARTS)
      .join(' ') || head
  );
}

/** .NET puts the message on the line below the level. */
function continuedHead(head: string, [next = '']: readonly string[]): string | undefined {
  return /^(?:trce|dbug|info|warn|fail|crit): /.test(head) ? next.trim() : undefined;
}

const HEAD_LINES = 4;
const TAIL_LINES = 3;
const MESSAGE_MAX = 2_000;

/** A record for people, and for who looks for names in it: its beginning, what it says of causes, and its end. */
export function messageOf({ lines, left }: LogRecord): string {
  const kept = lines.filter(
    (line, index) =>
      index < HEAD_LINES ||
      index >= lines.length - TAIL_LINES ||
      /^\s*(?:Caused by: |\S*(?:Error|Exception): )/.test(line),
  );
  const missing = lines.length - kept.length + left;
  const text = kept.map((line) => line.trimEnd()).join('\n');
  const shown = text.length > MESSAGE_MAX ? `${text.slice(0, MESSAGE_MAX - 1)}…` : text;
  return missing === 0 ? shown : `${shown}\n… ${missing} more lines`;
}
