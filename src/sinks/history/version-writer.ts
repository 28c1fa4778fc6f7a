/**
 * Texts → rows of `version`: what is as it was is left out, the rest is compressed against what is already there.
 * Invariant: the texts remembered here are those that are stored, so that a base is always one that a reader finds.
 */
import { alikeness, decode, encode } from './codec.ts';
import type { Database, Row } from './database.ts';
import type { Named } from './entries.ts';
import { insertDictionary, insertVersion } from './statements.ts';

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

/** Texts of this many characters are remembered; others are read again when they are needed. */
const REMEMBERED_MAX = 48 * 2 ** 20;
const DICTIONARIES_MAX = 2_000;
const COUNT_MAX = 100;
/** Shorter texts are not worth a dictionary of their own. */
const DICTIONARY_MIN = 1_500;
/** Bytes of a dictionary that short texts share, and of the texts for which it serves. */
const SHARED_SIZE = 20_000;
const SHARED_FOR = 400_000;
/** What a dictionary leaves of a text, at best a few hundredths; when it leaves more than this, a better one is made. */
const POOR = 0.2;

export class VersionWriter {
  readonly #db: Database;
  readonly #last = new Map<number, Last>();
  #remembered = 0;
  readonly #dictionaries = new Map<string, Dictionary>();
  /** Short texts by kind, those that came last; and how much came since their dictionary was made. */
  readonly #recent = new Map<number, Recent>();
  #lastDictionary = 0;
  #undo: (() => void)[] = [];

  constructor(db: Database) {
    this.#db = db;
  }

  /** Reads the latest dictionaries back. */
  async load(): Promise<void> {
    const rows = await this.#db.rows('SELECT no, alike, body FROM dictionary ORDER BY no DESC LIMIT $1', [
      DICTIONARIES_MAX,
    ]);
    this.#last.clear();
    this.#remembered = 0;
    this.#dictionaries.clear();
    this.#lastDictionary = Number(rows[0]?.[0] ?? 0);
    for (const [no, alike, body] of rows.toReversed())
      this.#dictionaries.set(String(alike), { no: Number(no), text: decode(body as Uint8Array) });
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

  /** What was written is there. */
  commit(): void {
    this.#undo = [];
  }

  /** Nothing of what was written since the last commit is there. */
  rollback(): void {
    for (const each of this.#undo.reverse()) each();
    this.#undo = [];
  }

  /** Their versions are not stored any more as they were. */
  forgetVersions(resources: readonly number[]): void {
    for (const resource of resources) this.#forget(resource);
  }

  /** They are not stored any more. */
  forgetDictionaries(numbers: readonly number[]): void {
    const gone = new Set(numbers);
    for (const [alike, { no }] of this.#dictionaries) if (gone.has(no)) this.#dictionaries.delete(alike);
  }

  /** Undefined when the content is what it was. */
  #rowOf({ resource, moment, text, of, kind }: Text, dictionaries: Row[]): Row | undefined {
    const content = contentOf(text);
    const last = this.#last.get(resource);
    if (last?.content === content) {
      this.#remember(resource, last);
      return undefined;
    }
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
        ? this.#short(bytes, kind, dictionaries)
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

  /** Short texts, Events most of all, share a dictionary of those of their kind that came last. */
  #short(bytes: Buffer, kind: number, rows: Row[]): { readonly dictionary?: number; readonly body: Buffer } {
    const alike = `${kind}`;
    const known = this.#dictionaries.get(alike);
    const body = encode(bytes, known?.text);
    const recent = this.#recent.get(kind) ?? { texts: [], size: 0, since: 0 };
    this.#recent.set(kind, recent);
    recent.texts.push(bytes);
    recent.size += bytes.length;
    recent.since += bytes.length;
    while (recent.size - (recent.texts[0]?.length ?? 0) >= SHARED_SIZE)
      recent.size -= recent.texts.shift()?.length ?? 0;
    if (recent.since >= (known ? SHARED_FOR : SHARED_SIZE)) {
      this.#learn(alike, Buffer.concat(recent.texts), rows);
      recent.since = 0;
    }
    return known ? { dictionary: known.no, body } : { body };
  }

  #learn(alike: string, text: Buffer, rows: Row[]): number {
    const no = ++this.#lastDictionary;
    rows.push([no, alike, encode(text)]);
    const dictionary = { no, text };
    const before = this.#dictionaries.get(alike);
    this.#undo.push(() => {
      this.#lastDictionary--;
      if (before) this.#dictionaries.set(alike, before);
      else this.#dictionaries.delete(alike);
    });
    this.#dictionaries.delete(alike);
    this.#dictionaries.set(alike, dictionary);
    const [oldest] = this.#dictionaries.keys();
    if (this.#dictionaries.size > DICTIONARIES_MAX && oldest !== undefined) this.#dictionaries.delete(oldest);
    return no;
  }

  #remember(resource: number, last: Last): void {
    const before = this.#last.get(resource);
    if (before !== last)
      this.#undo.push(() => {
        this.#forget(resource);
        if (before) this.#remember(resource, before);
      });
    this.#forget(resource);
    this.#last.set(resource, last);
    this.#remembered += weight(last);
    for (const oldest of this.#last.keys()) {
      if (this.#remembered <= REMEMBERED_MAX || oldest === resource) break;
      this.#forget(oldest);
    }
  }

  #forget(resource: number): void {
    const last = this.#last.get(resource);
    if (last === undefined) return;
    this.#last.delete(resource);
    this.#remembered -= weight(last);
  }

  /** Reads what resources were last that are not remembered. */
  async #recall(texts: readonly Text[]): Promise<void> {
    const wanted = [...new Set(texts.map(({ resource }) => resource))].filter((resource) => !this.#last.has(resource));
    if (wanted.length === 0) return;
    const rows = await this.#db.rows(
      `SELECT v.resource, v.moment, v.base, coalesce(b.dictionary, v.dictionary), v.body, b.body
         FROM version v LEFT JOIN version b ON b.resource = v.resource AND b.moment = v.base
        WHERE (v.resource, v.moment) IN (SELECT resource, max(moment) FROM version WHERE resource IN (${this.#db.list('$1')}) GROUP BY resource)`,
      [wanted],
    );
    for (const row of rows as readonly [number, number, number | null, number | null, Uint8Array, Uint8Array | null][])
      await this.#recallOne(row);
  }

  async #recallOne([resource, moment, base, dictionaryNo, body, baseBody]: readonly [
    number,
    number,
    number | null,
    number | null,
    Uint8Array,
    Uint8Array | null,
  ]): Promise<void> {
    const dictionary = dictionaryNo === null ? undefined : await this.#dictionary(dictionaryNo);
    const baseText = decode(baseBody ?? body, dictionary);
    const text = baseBody === null ? baseText : decode(body, baseText);
    const last: Last = {
      content: contentOf(text.toString()),
      base: base ?? moment,
      baseText,
      baseSize: (baseBody ?? body).length,
      count: base === null ? 0 : COUNT_MAX / 2,
    };
    this.#last.set(resource, last);
    this.#remembered += weight(last);
  }

  async #dictionary(no: number): Promise<Buffer | undefined> {
    for (const dictionary of this.#dictionaries.values()) if (dictionary.no === no) return dictionary.text;
    const [row] = await this.#db.rows('SELECT body FROM dictionary WHERE no = $1', [no]);
    return row && decode(row[0] as Uint8Array);
  }
}

/** The first line: what makes a version another. */
export function contentOf(text: string): string {
  const end = text.indexOf('\n');
  return end < 0 ? text : text.slice(0, end);
}

function weight({ content, baseText }: Last): number {
  return content.length + baseText.length;
}
