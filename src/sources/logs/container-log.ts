/**
 * What one container of one pod wrote: lines in, templates with counts out.
 * Invariants: memory is bounded by the number of templates; a template's id stays the same while the pod lives; what is told of a template is told again,
 * as a whole, when it has changed, and not more often than is wished.
 */
import { createHash } from 'node:crypto';
import { TemplateMiner } from '../../lib/template-miner.ts';
import type { Occurrence, Severity } from '../../model/change.ts';
import { compareTime, type Time, timeFrom } from '../../model/time.ts';
import { entryOf, type LogEntry, type RedactText } from './entry.ts';
import type { Category } from './patterns.ts';
import { type LogLine, type LogRecord, RecordAssembler } from './records.ts';

export interface ContainerOf {
  readonly uid: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** An occurrence and when it happened last. */
export interface Told {
  readonly at: Time;
  readonly occurrence: Occurrence;
}

interface Tally {
  readonly id: string;
  text: string;
  count: number;
  readonly firstAt: Time;
  lastAt: Time;
  severity: Severity;
  latest: LogEntry;
  isLastWords: boolean;
  isNews: boolean;
  /** When it was told last, in milliseconds, and how often, up to a limit. */
  toldAt: number;
  told: number;
}

const LAST_WORDS = 2;
/** So often the time between two tellings of one template doubles. */
const TELLINGS = 3;
const RANK: Readonly<Record<Severity, number>> = { debug: 0, info: 1, warning: 2, error: 3, critical: 4 };

export class ContainerLog {
  readonly of: ContainerOf;
  readonly #redact: RedactText;
  readonly #miner: TemplateMiner;
  readonly #assembler = new RecordAssembler();
  readonly #tallies = new Map<string, Tally>();
  /** The last records that were not kept, the latest last; empty when the last one was. */
  #lastWords: LogEntry[] = [];
  #hasGaps = false;

  constructor(of: ContainerOf, options: { readonly redact: RedactText; readonly templatesMax: number }) {
    this.of = of;
    this.#redact = options.redact;
    this.#miner = new TemplateMiner({ max: options.templatesMax });
  }

  /** How many templates are held. */
  get size(): number {
    return this.#tallies.size;
  }

  /** Takes up what was told of it before; returns when the last line of that was written. */
  recall(told: readonly Occurrence[]): Time | undefined {
    let last: Time | undefined;
    for (const { id = '', severity, reason = '', message = '', attributes = {} } of told) {
      const { container, template: text, count, firstAt, lastAt, category, lastWords } = attributes;
      const [first, latest] = [timeFrom(firstAt), timeFrom(lastAt)];
      if (container !== this.of.container || typeof text !== 'string' || !first || !latest) continue;
      if (last === undefined || compareTime(last, latest) < 0) last = latest;
      const { template } = this.#miner.add(text);
      const entry = { at: latest, severity, reason, message, gist: () => text, isKept: true };
      this.#tallies.set(template.key, {
        id,
        text,
        count: Number(count) || 1,
        firstAt: first,
        lastAt: latest,
        severity,
        latest: { ...entry, ...(typeof category === 'string' && { category: category as Category }) },
        isLastWords: lastWords !== undefined,
        isNews: false,
        toldAt: Number.NEGATIVE_INFINITY,
        told: 0,
      });
    }
    return last;
  }

  add(line: LogLine): void {
    this.#take(this.#assembler.add(line));
  }

  /** Time has passed without a line. */
  settle(nowMs: number): void {
    this.#take(this.#assembler.settled(nowMs));
  }

  /** Lines were left out: counts are of what was read. */
  leap(): void {
    this.#take(this.#assembler.flush());
    this.#hasGaps = true;
  }

  /** It is read again after a while: what it writes now is news. */
  begin(): void {
    for (const tally of this.#tallies.values()) tally.told = 0;
  }

  /** No more lines come for now. Of a container that ended badly its last words count, whatever they are. */
  end(hasFailed: boolean): void {
    this.#take(this.#assembler.flush());
    if (hasFailed) for (const entry of this.#lastWords) this.#count(entry, true);
    this.#lastWords = [];
  }

  /** Whether something is still to be told. */
  get hasNews(): boolean {
    return this.#tallies.values().some(({ isNews }) => isNews);
  }

  /** What is to be told, and was not within so long; no more than `max`, the rest another time. `isRead`: more may come soon. */
  due(nowMs: number, everyMs: number, max: number, isRead: boolean): readonly Told[] {
    const told: Told[] = [];
    for (const tally of this.#tallies.values()) {
      if (told.length >= max) break;
      const silentMs = nowMs - tally.toldAt;
      // What goes on and on is news less and less.
      if (!tally.isNews || silentMs < everyMs * (isRead ? 2 ** tally.told : 1)) continue;
      tally.isNews = false;
      const isFresh = !isRead || silentMs > everyMs * 2 ** (TELLINGS + 1);
      tally.told = isFresh ? 0 : Math.min(tally.told + 1, TELLINGS);
      tally.toldAt = nowMs;
      told.push({ at: tally.lastAt, occurrence: this.#occurrenceOf(tally) });
    }
    return told;
  }

  #take(record: LogRecord | undefined): void {
    if (record === undefined) return;
    const entry = entryOf(record, this.#redact);
    if (entry.isKept) {
      this.#lastWords = [];
      this.#count(entry, false);
    } else this.#lastWords = [...this.#lastWords, entry].slice(-LAST_WORDS);
  }

  #count(entry: LogEntry, isLastWords: boolean): void {
    const { template, gone } = this.#miner.add(entry.gist());
    if (gone !== undefined) this.#tallies.delete(gone);
    const known = this.#tallies.get(template.key);
    if (known === undefined) {
      const { at, severity } = entry;
      const isWorse = isLastWords && RANK[severity] < RANK.warning;
      this.#tallies.set(template.key, {
        id: this.#idOf(template.key),
        text: template.text,
        count: 1,
        firstAt: at,
        lastAt: at,
        severity: isWorse ? 'warning' : severity,
        latest: entry,
        isLastWords,
        isNews: true,
        toldAt: Number.NEGATIVE_INFINITY,
        told: 0,
      });
      return;
    }
    known.text = template.text;
    known.count++;
    known.isNews = true;
    if (RANK[entry.severity] > RANK[known.severity]) known.severity = entry.severity;
    if (compareTime(entry.at, known.lastAt) < 0) return;
    known.lastAt = entry.at;
    known.latest = entry;
  }

  #idOf(key: string): string {
    const { uid, container } = this.of;
    return [uid, container, createHash('sha256').update(key).digest('hex').slice(0, 16)].join('.');
  }

  #occurrenceOf({ id, text, count, firstAt, lastAt, severity, latest, isLastWords }: Tally): Occurrence {
    const { uid, namespace, pod, container } = this.of;
    const { reason, category, message } = latest;
    return {
      id,
      source: 'log',
      subject: { apiVersion: 'v1', kind: 'Pod', namespace, name: pod, uid },
      severity,
      reason,
      message,
      attributes: {
        container,
        template: text,
        count,
        firstAt,
        lastAt,
        ...(category !== undefined && { category }),
        ...(isLastWords && { lastWords: true }),
        ...(this.#hasGaps && { incomplete: true }),
      },
    };
  }
}
