/**
 * Texts → rows of `version`: what is as it was is left out, the rest is compressed against what is already there.
 * Invariant: the texts remembered here are those that are stored, so that a base is always one that a reader finds.
 */
import { BoundedCache } from '../../lib/bounded-cache.ts';
import { alikeness, decode, encode } from './codec.ts';
import type { Database, Row } from './database.ts';
import type { Named } from './entries.ts';
import { insertDictionary, insertVersion } from './statements.ts';
import { type Answer, stored, Texts } from './texts.ts';

export interface Text {
  readonly resource: number;
  readonly moment: number;
  /** The content, and on a second line what may change without it being another version. */
  readonly text: string;
  readonly of: Named;
  readonly kind: number;
}

/** What the next version of a resource is written against. */
interface Last {
  /** The content, without the second line. */
  readonly content: string;
  readonly base: number;
  readonly baseText: Buffer;
  /** Bytes of the base as stored. */
  readonly baseSize: number;
  /** Versions that hang on the base. */
  readonly count: number;
}

interface Dictionary {
  readonly no: number;
  readonly text: Buffer;
}

interface Recent {
  readonly texts: Buffer[];
  size: number;
  since: number;
}

/** Texts of this many characters are remembered between two batches; others are read again when they are needed. */
const REMEMBERED_MAX = 48 * 2 ** 20;
/** Bytes of dictionaries that are remembered, and of those that are for what is read again. */
const DICTIONARIES_MAX = 32 * 2 ** 20;
const READ_AGAIN_MAX = 8 * 2 ** 20;
/** Dictionaries that are read back together, and about how many times as long they are as they are stored. */
const PAGE = 100;
const SHRINKS = 4;
/** More than any dictionary's: of the column's type. */
const NUMBER_MAX = 2 ** 31 - 1;
const COUNT_MAX = 100;
/** Shorter texts are not worth a dictionary of their own. */
const DICTIONARY_MIN = 1_500;
/** Bytes of a dictionary that short texts share, and of the texts for which it serves. */
const SHARED_SIZE = 20_000;
const SHARED_SIZE_QUICK = 5_000;
const SHARED_FOR = 400_000;
/** What a dictionary leaves of a text, at best a few hundredths; when it leaves more than this, a better one is made. */
const POOR = 0.2;

const VERSION = stored('v');
/** Where its columns begin. */
const TEXT = 3;

export class VersionWriter {
  readonly #db: Database;
  readonly #texts: Texts;
  readonly #last = new BoundedCache<number, Last>(
    REMEMBERED_MAX,
    ({ content, baseText }) => content.length + baseText.length,
  );
  /** By what the resources that they serve have in common. */
  readonly #dictionaries = new BoundedCache<string, Dictionary>(DICTIONARIES_MAX, ({ text }) => text.length);
  /** Short texts by kind, those that came last; and how much came since their dictionary was made. */
  readonly #recent = new Map<number, Recent>();
  #lastDictionary = 0;
  /** Since the last commit: resources of which something was written, and the last dictionary before. */
  readonly #touched = new Set<number>();
  #committed = 0;

  constructor(db: Database) {
    this.#db = db;
    this.#texts = new Texts(db, READ_AGAIN_MAX);
  }

  /** Reads the latest dictionaries back. */
  async load(): Promise<void> {
    for (const known of [this.#last, this.#dictionaries, this.#touched]) known.clear();
    const latest: Row[] = [];
    const sql = `SELECT no, alike, body FROM dictionary WHERE no < $1 ORDER BY no DESC LIMIT ${PAGE}`;
    for (let size = 0, before = NUMBER_MAX, isEnd = false; !isEnd && size < DICTIONARIES_MAX; ) {
      const rows = await this.#db.rows(sql, [before]);
      latest.push(...rows);
      size += rows.reduce((sum, [, , body]) => sum + (body as Uint8Array).length * SHRINKS, 0);
      before = Number(rows.at(-1)?.[0]);
      isEnd = rows.length < PAGE;
    }
    this.#lastDictionary = this.#committed = Number(latest[0]?.[0] ?? 0);
    for (const [no, alike, body] of latest.reverse()) {
      const text = textIn(body as Uint8Array);
      if (text) this.#dictionaries.set(String(alike), { no: Number(no), text });
    }
    this.#dictionaries.shrink();
  }

  async write(texts: readonly Text[]): Promise<void> {
    await this.#recall(texts);
    const versions: Row[] = [];
    const dictionaries: Row[] = [];
    for (const text of texts) {
      const row = this.#rowOf(text, dictionaries);
      if (row) versions.push(row);
    }
    await this.#db.write(insertDictionary, dictionaries);
    await this.#db.write(insertVersion, versions);
  }

  /** What was written is there. Only now anything may go: what a batch writes is written against what it found. */
  commit(): void {
    this.#touched.clear();
    this.#committed = this.#lastDictionary;
    this.#last.shrink();
    this.#dictionaries.shrink();
  }

  /** Nothing of what was written since the last commit is there. */
  rollback(): void {
    this.forgetVersions([...this.#touched]);
    this.#forgetDictionaries(({ no }) => no > this.#committed);
    this.#touched.clear();
    this.#lastDictionary = this.#committed;
  }

  /** Their versions are not stored any more as they were. */
  forgetVersions(resources: readonly number[]): void {
    for (const resource of resources) this.#last.delete(resource);
  }

  /** They are not stored any more. */
  forgetDictionaries(numbers: readonly number[]): void {
    const gone = new Set(numbers);
    this.#forgetDictionaries(({ no }) => gone.has(no));
  }

  #forgetDictionaries(isGone: (dictionary: Dictionary) => boolean): void {
    for (const [alike, dictionary] of [...this.#dictionaries.entries()])
      if (isGone(dictionary)) this.#dictionaries.delete(alike);
  }

  /** Undefined when the content is what it was. */
  #rowOf({ resource, moment, text, of, kind }: Text, dictionaries: Row[]): Row | undefined {
    const content = contentOf(text);
    const last = this.#last.get(resource);
    if (last?.content === content) return undefined;
    const bytes = Buffer.from(text);
    if (last && last.count < COUNT_MAX) {
      const body = encode(bytes, last.baseText);
      if (body.length <= last.baseSize || body.length < bytes.length * POOR) {
        this.#remember(resource, { ...last, content, count: last.count + 1 });
        return [resource, moment, last.base, null, body];
      }
    }
    const { dictionary, body } =
      bytes.length < DICTIONARY_MIN
        ? this.#short(bytes, kind, of.pseudo, dictionaries)
        : this.#alone(bytes, alikeness(kind, of.namespace, of.name), dictionaries);
    this.#remember(resource, { content, base: moment, baseText: bytes, baseSize: body.length, count: 0 });
    return [resource, moment, null, dictionary ?? null, body];
  }

  /** A text that hangs on no other version, but perhaps on a dictionary. */
  #alone(bytes: Buffer, alike: string, rows: Row[]): { readonly dictionary?: number; readonly body: Buffer } {
    const known = this.#dictionaries.get(alike);
    if (known) {
      const body = encode(bytes, known.text);
      if (body.length < bytes.length * POOR) return { dictionary: known.no, body };
    }
    const dictionary = this.#learn(alike, bytes, rows);
    return { dictionary, body: encode(bytes, bytes) };
  }

  /**
   * Short texts, Events most of all, share a dictionary of those of their kind that came last. Of what is no object, occurrences, thousands may come in a
   * second: those are done quickly, and against less.
   */
  #short(
    bytes: Buffer,
    kind: number,
    isQuick: boolean,
    rows: Row[],
  ): { readonly dictionary?: number; readonly body: Buffer } {
    const alike = `${kind}`;
    const known = this.#dictionaries.get(alike);
    const body = encode(bytes, known?.text, isQuick ? 'quick' : 'thorough');
    const shared = isQuick ? SHARED_SIZE_QUICK : SHARED_SIZE;
    const recent = this.#recent.get(kind) ?? { texts: [], size: 0, since: 0 };
    this.#recent.set(kind, recent);
    recent.texts.push(bytes);
    recent.size += bytes.length;
    recent.since += bytes.length;
    while (recent.size - (recent.texts[0]?.length ?? 0) >= shared) recent.size -= recent.texts.shift()?.length ?? 0;
    if (recent.since >= (known ? SHARED_FOR : shared)) {
      this.#learn(alike, Buffer.concat(recent.texts), rows);
      recent.since = 0;
    }
    return known ? { dictionary: known.no, body } : { body };
  }

  #learn(alike: string, text: Buffer, rows: Row[]): number {
    const no = ++this.#lastDictionary;
    rows.push([no, alike, encode(text)]);
    this.#dictionaries.set(alike, { no, text });
    return no;
  }

  #remember(resource: number, last: Last): void {
    this.#touched.add(resource);
    this.#last.set(resource, last);
  }

  /** Reads what resources were last that are not remembered. */
  async #recall(texts: readonly Text[]): Promise<void> {
    const wanted = [...new Set(texts.map(({ resource }) => resource))].filter((resource) => !this.#last.has(resource));
    if (wanted.length === 0) return;
    const sql = `SELECT v.resource, v.moment, v.base, ${VERSION.columns} FROM version v ${VERSION.join}
      WHERE (v.resource, v.moment) IN (SELECT resource, max(moment) FROM version WHERE resource IN (${this.#db.list('$1')}) GROUP BY resource)`;
    const answer = await this.#texts.of(() => this.#db.rows(sql, [wanted]), [TEXT]);
    for (const row of answer.rows) {
      const last = lastIn(row, answer);
      if (last) this.#last.set(Number(row[0]), last);
    }
  }
}

/** Undefined for what is damaged, which nothing is written against any more. */
function lastIn(row: Row, answer: Answer): Last | undefined {
  const [, moment, base] = row as readonly [number, number, number | null];
  try {
    const text = answer.bytesOf(row, TEXT);
    const content = contentOf(text.toString());
    const sizeAt = (column: number): number => (row[column] as Uint8Array).length;
    return base === null
      ? { content, base: moment, baseText: text, baseSize: sizeAt(TEXT + 1), count: 0 }
      : { content, base, baseText: answer.baseOf(row, TEXT) ?? text, baseSize: sizeAt(TEXT + 2), count: COUNT_MAX / 2 };
  } catch {
    return undefined;
  }
}

/** Undefined for what is damaged. */
function textIn(body: Uint8Array): Buffer | undefined {
  try {
    return decode(body);
  } catch {
    return undefined;
  }
}

/** The first line: what makes a version another. */
export function contentOf(text: string): string {
  const end = text.indexOf('\n');
  return end < 0 ? text : text.slice(0, end);
}
