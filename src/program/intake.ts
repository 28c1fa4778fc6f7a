/**
 * What others send, on its way into the graph: bytes → records → changes → redaction → pipeline. Whoever brings it in (HTTP today) only calls this.
 * Invariants: nothing that was sent is lost silently, each record is taken, ignored or rejected and counted as such; what is rejected is a dead letter;
 * nothing unredacted goes further; what is known from a cluster itself is not overwritten by what others say of it.
 */
import { countBounded } from '../lib/bounded-count.ts';
import { type Change, groupOf } from '../model/change.ts';
import type { Rejection } from '../model/commit.ts';
import { canonicalKind } from '../model/groups.ts';
import type { DeadLetters, Delivery, Intake, LetterChoice, Receipt, Refusal } from '../model/intake.ts';
import { Problem } from '../model/problem.ts';
import type { View } from '../model/view.ts';
import { type Document, documentsIn } from '../sources/intake/documents.ts';
import type { Format, IntakeContext } from '../sources/intake/format.ts';
import { formats } from '../sources/intake/index.ts';
import { logsAnswer, logsFromProtobuf } from '../sources/intake/otlp-protobuf.ts';
import { categoryOf, passes } from '../sources/logs/filter.ts';
import type { Redaction } from '../sources/redact.ts';
import { LetterBox, type LetterBoxOptions, type Refused } from './dead-letters.ts';
import type { Pipeline } from './pipeline.ts';

export interface IntakeOptions extends LetterBoxOptions {
  readonly pipeline: Pick<Pipeline, 'view' | 'run' | 'room' | 'reject'>;
  readonly redaction: Pick<Redaction, 'change' | 'json' | 'text'>;
  /** Clusters that are followed. */
  readonly clusters: () => readonly string[];
  /** Cluster of records that name none. */
  readonly cluster?: string | undefined;
  /** Which log records are kept: those that tell of trouble, or all. */
  readonly logs: 'telling' | 'all';
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly stop: AbortSignal;
}

/** Changes that the pipeline is handed at a time. */
const BATCH = 250;
/** Bytes of deliveries that are worked at together; more are turned away. */
const BYTES_MAX = 64 * 2 ** 20;
const REFUSALS_MAX = 100;
/** Of one delivery, so many rejected records are kept; all are counted. */
const LETTERS_MAX = 200;
const REASONS_MAX = 50;
const OTHER_REASONS = 'other reasons';

const NO_CLUSTER = 'names no cluster, and several are followed: add ?cluster=, or set intake.cluster';
const KNOWN_BETTER = 'ignored: the cluster is followed, and knows it better';
const NOT_TELLING = 'ignored: a log record that tells of no trouble (intake.logs)';

export interface ProgramIntake extends Intake {
  readonly letters: DeadLetters;
}

export function openIntake(options: IntakeOptions): ProgramIntake {
  const box = new LetterBox(options);
  let bytes = 0;
  const take = async (delivery: Delivery): Promise<Receipt> => {
    const format = formats.get(delivery.format);
    if (format === undefined)
      throw new Problem('not-found', `no format is called "${delivery.format}"`, { details: [...formats.keys()] });
    if (options.pipeline.room() !== undefined || (bytes > 0 && bytes + delivery.body.byteLength > BYTES_MAX))
      throw new Problem('limit-reached', 'more comes in than can be written at present; send it again later');
    bytes += delivery.body.byteLength;
    try {
      return await new Taking(options, box, format, delivery).run();
    } finally {
      bytes -= delivery.body.byteLength;
    }
  };
  return {
    formats: [...formats.values()].map(({ name, title }) => ({ name, title })),
    take,
    logsAnswer,
    letters: lettersOf(box, take),
  };
}

function lettersOf(box: LetterBox, take: Intake['take']): DeadLetters {
  return {
    list: () => box.list(),
    get counts() {
      return box.counts;
    },
    async replay(choice, record) {
      const letters = box.choose(choice);
      if (record !== undefined && letters.length !== 1)
        throw new Problem('invalid-input', `record: a correction is of one letter; ${letters.length} are meant`);
      const sum = new Tally();
      for (const letter of letters) {
        if (letter.cut && record === undefined) {
          sum.reject('too long to have been kept whole: replay it with a correction', { deadLetter: letter.id });
          continue;
        }
        // A text that is no JSON is sent as it was.
        const body = Buffer.from(record === undefined ? letter.payload : JSON.stringify(record));
        box.remove([letter]);
        const { format, cluster, key } = letter;
        sum.add(
          await take({ format, body, mediaType: 'application/json', cluster, key }).catch(restoring(box, letter)),
        );
      }
      return { letters: letters.length, ...sum.receipt };
    },
    discard(choice: LetterChoice) {
      const letters = box.choose(choice);
      box.remove(letters);
      return letters.length;
    },
  };
}

/** A letter that could not even be sent is one still. */
function restoring(box: LetterBox, letter: Refused): (error: unknown) => never {
  return (error) => {
    box.add([letter]);
    throw error;
  };
}

/** Counts what becomes of records. */
class Tally {
  #taken = 0;
  #ignored = 0;
  #rejected = 0;
  readonly #reasons = new Map<string, number>();
  readonly #rejections: Refusal[] = [];

  take(): void {
    this.#taken++;
  }

  ignore(reason: string): void {
    this.#ignored++;
    countBounded(this.#reasons, reason, REASONS_MAX, OTHER_REASONS);
  }

  reject(reason: string, { deadLetter }: { readonly deadLetter?: string | undefined } = {}): void {
    const record = this.#taken + this.#ignored + this.#rejected++;
    countBounded(this.#reasons, reason, REASONS_MAX, OTHER_REASONS);
    if (this.#rejections.length < REFUSALS_MAX)
      this.#rejections.push({ record, reason, ...(deadLetter !== undefined && { deadLetter }) });
  }

  add({ taken, ignored, rejected, reasons, rejections }: Receipt): void {
    const before = this.#taken + this.#ignored + this.#rejected;
    this.#taken += taken;
    this.#ignored += ignored;
    this.#rejected += rejected;
    for (const [reason, count] of Object.entries(reasons))
      this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + count);
    const room = REFUSALS_MAX - this.#rejections.length;
    this.#rejections.push(...rejections.slice(0, room).map((one) => ({ ...one, record: one.record + before })));
  }

  get receipt(): Receipt {
    return {
      taken: this.#taken,
      ignored: this.#ignored,
      rejected: this.#rejected,
      reasons: Object.fromEntries(this.#reasons),
      rejections: this.#rejections,
    };
  }
}

/** One delivery being taken. */
class Taking {
  readonly #options: IntakeOptions;
  readonly #box: LetterBox;
  readonly #format: Format;
  readonly #delivery: Delivery;
  readonly #tally = new Tally();
  readonly #context: IntakeContext;
  readonly #known: KnownBetter;
  #letters = 0;

  constructor(options: IntakeOptions, box: LetterBox, format: Format, delivery: Delivery) {
    this.#options = options;
    this.#box = box;
    this.#format = format;
    this.#delivery = delivery;
    this.#known = new KnownBetter(options.pipeline.view);
    this.#context = {
      now: new Date(options.now()).toISOString(),
      clusterOf: clusterNames(options, delivery.cluster),
      key: delivery.key,
    };
  }

  async run(): Promise<Receipt> {
    const { pipeline, stop } = this.#options;
    const batches = this.#batches();
    const source = {
      name: `intake of ${this.#format.name}`,
      async *changes() {
        yield* batches;
      },
    };
    await pipeline.run(source, stop);
    return this.#tally.receipt;
  }

  *#batches(): Generator<readonly Change[]> {
    let batch: Change[] = [];
    for (const document of this.#documents()) {
      if ('fault' in document) {
        this.#reject(document.fault, this.#options.redaction.text(document.text));
        continue;
      }
      for (const record of this.#records(document.value)) {
        const said = this.#said(record);
        if ('reason' in said) this.#reject(said.reason, record);
        else batch = this.#add(batch, said.changes, record);
        if (batch.length < BATCH) continue;
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0) yield batch;
  }

  #documents(): Iterable<Document> {
    const { body, mediaType, headers = {} } = this.#delivery;
    if (this.#format.name === 'otlp-logs' && /protobuf/.test(mediaType)) {
      const read = logsFromProtobuf(body);
      if ('fault' in read) throw new Problem('invalid-input', read.fault);
      return [read];
    }
    if (this.#format.name === 'cloudevents' && headers['ce-specversion'] !== undefined)
      return [cloudEventOf(this.#delivery, headers)];
    return documentsIn(body, mediaType);
  }

  *#records(document: unknown): Iterable<unknown> {
    const records = this.#format.records?.(document) ?? [document];
    if ('reason' in records) return this.#reject(records.reason, document);
    yield* records;
  }

  /** Adapters do not throw; should one, it is the record that is to blame. */
  #said(record: unknown): ReturnType<Format['adapt']> {
    try {
      return this.#format.adapt(record, this.#context);
    } catch (error) {
      return { reason: `cannot be read: ${error instanceof Error ? error.message : String(error)}` };
    }
  }

  #add(batch: Change[], changes: readonly Change[], record: unknown): Change[] {
    const { redaction, logs } = this.#options;
    for (const change of changes) {
      if (change.cluster === '') {
        this.#reject(NO_CLUSTER, record);
        return batch;
      }
      if (change.type !== 'occur' && this.#known.knows(change)) {
        this.#tally.ignore(KNOWN_BETTER);
        return batch;
      }
      if (logs === 'telling' && !isTelling(change)) {
        this.#tally.ignore(NOT_TELLING);
        return batch;
      }
    }
    for (const change of changes) batch.push(redaction.change(placed(change, this.#context)));
    this.#tally.take();
    return batch;
  }

  #reject(reason: string, record: unknown): void {
    const { redaction, pipeline } = this.#options;
    const { format, cluster, key } = this.#delivery;
    const told = redaction.text(reason);
    const rejection: Rejection = { at: this.#context.now, reason: told, subject: `${format} record` };
    pipeline.reject(rejection);
    if (this.#letters >= LETTERS_MAX) {
      this.#box.count(told);
      this.#tally.reject(told);
      return;
    }
    this.#letters++;
    const payload = typeof record === 'string' ? record : (JSON.stringify(redaction.json(record)) ?? '');
    const [deadLetter] = this.#box.add([
      { format, at: this.#context.now, reason: told, payload, ...(cluster && { cluster }), ...(key && { key }) },
    ]);
    this.#tally.reject(told, { deadLetter });
  }
}

/** A subject may name its cluster as well; it is that of the change. */
function placed(change: Change, { clusterOf }: IntakeContext): Change {
  if (change.type !== 'occur' || change.occurrence.subject.cluster === undefined) return change;
  const { cluster, ...subject } = change.occurrence.subject;
  return { ...change, cluster: clusterOf(cluster) || change.cluster, occurrence: { ...change.occurrence, subject } };
}

/** Whether a record of a log is worth keeping; everything else is. */
function isTelling(change: Change): boolean {
  if (change.type !== 'occur' || change.occurrence.source !== 'log') return true;
  const { severity, message = '' } = change.occurrence;
  return severity === 'warning' || passes(severity, undefined) || passes(severity, categoryOf(message));
}

/**
 * The cluster that a name means. Where one is followed, everything is about it, whatever its teller calls it; where several are, a name that is not
 * theirs is another cluster's, and no name is none's.
 */
function clusterNames({ clusters, cluster }: IntakeOptions, asked: string | undefined): IntakeContext['clusterOf'] {
  const followed = clusters();
  const [only, another] = followed;
  const otherwise = asked || cluster || (another === undefined ? (only ?? 'default') : '');
  return (named) => {
    if (typeof named !== 'string' || named === '') return otherwise;
    if (followed.includes(named)) return named;
    return followed.length === 1 || asked ? otherwise : named;
  };
}

/** Which objects are known from their cluster itself. */
class KnownBetter {
  readonly #view: View;
  #scopes: ReadonlySet<string> | undefined;

  constructor(view: View) {
    this.#view = view;
  }

  knows(change: Exclude<Change, { type: 'occur' }>): boolean {
    if (change.type !== 'apply' && change.type !== 'delete') return false;
    const { cluster, object } = change;
    this.#scopes ??= new Set(
      this.#view
        .coverage()
        .filter(({ coverage }) => coverage === 'ready' || coverage === 'loading' || coverage === 'broken')
        .map((scope) => keyOf(scope.cluster, scope.group, scope.kind, scope.namespace)),
    );
    if (this.#scopes.size === 0) return false;
    const { group, kind } = canonicalKind(groupOf(object.apiVersion), object.kind);
    const namespace = object.metadata?.namespace ?? '';
    return (
      this.#scopes.has(keyOf(cluster, group, kind, '')) || this.#scopes.has(keyOf(cluster, group, kind, namespace))
    );
  }
}

function keyOf(...parts: readonly string[]): string {
  return parts.join('\n');
}

/** Binary mode: attributes are headers, the body is the data. Values are percent-encoded, and quoted by some (CloudEvents HTTP binding 3.1.3.2). */
function cloudEventOf({ body, mediaType }: Delivery, headers: NonNullable<Delivery['headers']>): Document {
  const attributes = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith('ce-') && value !== undefined ? [[name.slice(3), decoded(value)] as const] : [],
  );
  const text = Buffer.from(body).toString('utf8');
  let data: unknown = text === '' ? undefined : text;
  if (/json|^$|x-www-form-urlencoded/.test(mediaType))
    try {
      data = JSON.parse(text);
    } catch {}
  return { value: { ...Object.fromEntries(attributes), ...(mediaType && { datacontenttype: mediaType }), data } };
}

function decoded(value: string): string {
  const plain = /^".*"$/.test(value) ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value;
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}
