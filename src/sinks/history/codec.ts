/**
 * Versions as bytes: zstd (RFC 8878), an earlier text of the same or an alike resource serving as its dictionary, so that a version costs what
 * changed. Both sides must have the same dictionary; nothing else is needed to read one back.
 */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

const level = (compressionLevel: number) => ({
  [constants.ZSTD_c_compressionLevel]: compressionLevel,
  // Rows know how long they are, and SQLite and PostgreSQL check their pages.
  [constants.ZSTD_c_contentSizeFlag]: 0,
  [constants.ZSTD_c_checksumFlag]: 0,
  [constants.ZSTD_c_dictIDFlag]: 0,
});

/** `quick`: takes half the time, and a twentieth more room. */
const levels = { thorough: level(6), quick: level(1) };

export function encode(text: Buffer, dictionary?: Buffer, effort: keyof typeof levels = 'thorough'): Buffer {
  const params = levels[effort];
  return zstdCompressSync(text, dictionary === undefined ? { params } : { params, dictionary });
}

/** Throws when the bytes are damaged or the dictionary is another. */
export function decode(body: Uint8Array, dictionary?: Buffer): Buffer {
  return zstdDecompressSync(body, dictionary === undefined ? {} : { dictionary });
}

/**
 * What alike resources have in common: kind, namespace, and the name without what controllers append to tell siblings apart (hashes, ordinals,
 * times). A guess, and only bytes hang on it.
 */
export function alikeness(kind: number, namespace: string, name: string): string {
  const [stem = ''] = name.split('.', 1);
  const parts = stem.split('-');
  while (parts.length > 1 && GENERATED.test(parts.at(-1) ?? '')) parts.pop();
  return `${kind}/${namespace}/${parts.join('-')}`;
}

/** Ordinals and times; what `rand.SafeEncodeString` of apimachinery makes: no vowels, so no words. */
const GENERATED = /^(?:\d+|[bcdfghjklmnpqrstvwxz2456789]{4,10})$/;
