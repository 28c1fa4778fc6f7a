/**
 * Texts that programs write again and again → templates: `user 7 logged in`, `user 8 logged in` → `user <*> logged in`. After Drain (He et al.,
 * ICWS 2017), without its tree: what is mined here is little and bounded, so that looking at all templates of one length is quick enough.
 * Invariants: no more than `max` templates are held, the longest unseen goes first; a template's key never changes, and the same first text gives
 * the same key in every process; words that are plain differ in meaning (`refused`, `reset`), so they become `<*>` only when there is no more room.
 */

export interface Template {
  /** What its first text was, which stands for it whatever becomes of it. */
  readonly key: string;
  /** With `<*>` for what differs. */
  readonly text: string;
}

export interface MinerOptions {
  /** Templates held. */
  readonly max: number;
  /** Which part of the words must be equal, 0..1. */
  readonly similarity?: number;
}

interface Cluster extends Template {
  text: string;
  words: string[];
}

const ANY = '<*>';
/** Of longer texts the beginning counts. */
const WORDS_MAX = 60;
const SIMILARITY = 0.6;

export class TemplateMiner {
  readonly #max: number;
  readonly #similarity: number;
  /** By key; those seen last come last. */
  readonly #clusters = new Map<string, Cluster>();
  readonly #byLength = new Map<number, Set<Cluster>>();

  constructor({ max, similarity = SIMILARITY }: MinerOptions) {
    this.#max = max;
    this.#similarity = similarity;
  }

  get size(): number {
    return this.#clusters.size;
  }

  /** The template of a text, made or widened where there is none. `gone`: the key of the one that had to make room. */
  add(text: string): { readonly template: Template; readonly gone?: string } {
    const words = wordsOf(text);
    const isFull = this.#clusters.size >= this.#max;
    const known = this.#closest(words, false) ?? (isFull ? this.#closest(words, true) : undefined);
    if (known) {
      widen(known, words);
      this.#clusters.delete(known.key);
      this.#clusters.set(known.key, known);
      return { template: known };
    }
    const gone = isFull ? this.#letGo() : undefined;
    const key = words.join(' ');
    const cluster: Cluster = { key, text: key, words };
    this.#clusters.set(key, cluster);
    const alike = this.#byLength.get(words.length);
    if (alike) alike.add(cluster);
    else this.#byLength.set(words.length, new Set([cluster]));
    return { template: cluster, ...(gone !== undefined && { gone }) };
  }

  #closest(words: readonly string[], anyWord: boolean): Cluster | undefined {
    let best: Cluster | undefined;
    let bestEqual = Math.ceil(words.length * this.#similarity) - 1;
    for (const cluster of this.#byLength.get(words.length) ?? []) {
      const equal = equalWords(cluster.words, words, anyWord);
      if (equal <= bestEqual) continue;
      best = cluster;
      bestEqual = equal;
    }
    // The first text of one that has been widened since, or of one whose words differ.
    return best ?? this.#clusters.get(words.join(' '));
  }

  #letGo(): string | undefined {
    const [oldest] = this.#clusters.values();
    if (oldest === undefined) return undefined;
    this.#clusters.delete(oldest.key);
    const alike = this.#byLength.get(oldest.words.length);
    alike?.delete(oldest);
    if (alike?.size === 0) this.#byLength.delete(oldest.words.length);
    return oldest.key;
  }
}

function wordsOf(text: string): string[] {
  const words = text.split(/\s+/, WORDS_MAX + 1).filter((word) => word !== '');
  return words.length > WORDS_MAX ? [...words.slice(0, WORDS_MAX), '…'] : words;
}

/** How many words are the same; -1 when they differ where they may not. */
function equalWords(template: readonly string[], words: readonly string[], anyWord: boolean): number {
  let equal = 0;
  for (const [index, word] of words.entries()) {
    const other = template[index] ?? '';
    if (other === word) equal++;
    else if (other !== ANY && !anyWord && !(isVariable(other) && isVariable(word))) return -1;
  }
  return equal;
}

/** Whether a word looks like a value: it has digits, a mask, quotes, or signs inside. */
function isVariable(word: string): boolean {
  return /\d|[<>/\\=@#_"'`{}]|[a-z][A-Z]|\w[.:-]\w/.test(word);
}

function widen(cluster: Cluster, words: readonly string[]): void {
  let isWider = false;
  for (const [index, word] of words.entries()) {
    if (cluster.words[index] === word || cluster.words[index] === ANY) continue;
    cluster.words[index] = ANY;
    isWider = true;
  }
  if (isWider) cluster.text = cluster.words.join(' ');
}
