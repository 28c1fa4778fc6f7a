/** One version written in several ways: what each takes in bytes and CPU time. What decided for the encoding of history. */
import { brotliCompressSync, constants, deflateRawSync, zstdCompressSync } from 'node:zlib';
import { alikeness } from '../src/sinks/history/codec.ts';
import { objectOf } from '../src/sinks/history/noise.ts';
import { hash32 } from '../test/support/random.ts';
import { round } from './harness.ts';

/** A version that is not as the one before it, and that one. */
export interface Written {
  readonly of: {
    readonly id: string;
    readonly group: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
  };
  readonly text: string;
  /** Absent for the first of a resource. */
  readonly before?: string | undefined;
}

interface Sample {
  readonly text: Buffer;
  /** The version before, the first, and what is known of alike resources and of the kind. */
  readonly before: Buffer;
  readonly first: Buffer;
  readonly alike: Buffer;
  readonly kind: Buffer;
}

type Encode = (text: Buffer, dictionary?: Buffer) => Buffer;

const zstd =
  (level: number): Encode =>
  (text, dictionary) => {
    const params = {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_contentSizeFlag]: 0,
      [constants.ZSTD_c_checksumFlag]: 0,
      [constants.ZSTD_c_dictIDFlag]: 0,
    };
    return zstdCompressSync(text, dictionary === undefined ? { params } : { params, dictionary });
  };
const deflate: Encode = (text, dictionary) =>
  deflateRawSync(text, dictionary === undefined ? { level: 6 } : { level: 6, dictionary });
const brotli: Encode = (text) => brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });

/** Texts of a kind that make one dictionary, at most so many characters. */
const KIND_MAX = 16_384;

const LEVELS = [1, 3, 6, 12, 19];

const changed: readonly (readonly [string, (sample: Sample) => Buffer])[] = [
  ['plain', ({ text }) => text],
  ...LEVELS.map((level) => [`zstd ${level}, alone`, ({ text }: Sample) => zstd(level)(text)] as const),
  ...LEVELS.map(
    (level) => [`zstd ${level} with the first`, ({ text, first }: Sample) => zstd(level)(text, first)] as const,
  ),
  ...LEVELS.map(
    (level) => [`zstd ${level} with the one before`, ({ text, before }: Sample) => zstd(level)(text, before)] as const,
  ),
  ['deflate 6 with the first', ({ text, first }) => deflate(text, first)],
  ['deflate 6 with the one before', ({ text, before }) => deflate(text, before)],
  ['merge patch', (sample) => patchText(sample)],
  ['merge patch, zstd 6', (sample) => zstd(6)(patchText(sample))],
  ['merge patch, zstd 6 with the one before', (sample) => zstd(6)(patchText(sample), sample.before)],
];

const first: typeof changed = [
  ['plain', ({ text }) => text],
  ...LEVELS.map((level) => [`zstd ${level}, alone`, ({ text }: Sample) => zstd(level)(text)] as const),
  ['brotli 5, alone', ({ text }) => brotli(text)],
  ...LEVELS.map(
    (level) => [`zstd ${level} with an alike one`, ({ text, alike }: Sample) => zstd(level)(text, alike)] as const,
  ),
  ...LEVELS.map(
    (level) => [`zstd ${level} with several of the kind`, ({ text, kind }: Sample) => zstd(level)(text, kind)] as const,
  ),
  [
    'zstd 6 with several of the kind and an alike one',
    ({ text, kind, alike }) => zstd(6)(text, Buffer.concat([kind, alike])),
  ],
  ['deflate 6 with an alike one', ({ text, alike }) => deflate(text, alike)],
  ['deflate 6 with several of the kind', ({ text, kind }) => deflate(text, kind)],
];

/** A Markdown table over a share of the resources. What was `listed` before is known, and in no figure. */
export function surveyOf(listed: readonly Written[], versions: readonly Written[], share: number): string {
  const updates: Sample[] = [];
  const firsts: Sample[] = [];
  const known = { first: new Map<string, Buffer>(), alike: new Map<string, Buffer>(), kind: new Map<string, Buffer>() };
  for (const [index, { of, text: written, before }] of [...listed, ...versions].entries()) {
    const text = Buffer.from(written);
    const kind = `${of.group}/${of.kind}`;
    const alike = alikeness(0, `${kind}/${of.namespace}`, of.name);
    const sample = {
      text,
      before: Buffer.from(before ?? ''),
      first: known.first.get(of.id) ?? Buffer.from(before ?? ''),
      alike: known.alike.get(alike) ?? Buffer.alloc(0),
      kind: known.kind.get(kind) ?? Buffer.alloc(0),
    };
    if (index >= listed.length && hash32(of.id) / 2 ** 32 < share)
      (before === undefined ? firsts : updates).push(sample);
    known.first.set(of.id, sample.first.length > 0 ? sample.first : text);
    if (before !== undefined) continue;
    known.alike.set(alike, text);
    known.kind.set(kind, Buffer.concat([sample.kind, text]).subarray(-KIND_MAX));
  }
  return [...rowsOf('a changed object', updates, changed), '', ...rowsOf('a new object', firsts, first)].join('\n');
}

function rowsOf(title: string, samples: readonly Sample[], ways: typeof changed): string[] {
  const rows = ways.map(([name, encode]) => {
    const cpu = process.cpuUsage();
    const bytes = samples.reduce((sum, sample) => sum + encode(sample).length, 0);
    const { user, system } = process.cpuUsage(cpu);
    return `| ${name} | ${round(bytes / samples.length)} | ${round((user + system) / samples.length)} |`;
  });
  return [`| ${title} (${samples.length}) | bytes | µs of CPU |`, '| --- | --- | --- |', ...rows];
}

/** RFC 7386. */
function patchText({ before, text }: Sample): Buffer {
  return Buffer.from(JSON.stringify(patch(objectOf(before.toString()), objectOf(text.toString()))));
}

type Tree = Readonly<Record<string, unknown>>;

function patch(before: unknown, after: unknown): unknown {
  if (!isTree(before) || !isTree(after)) return after;
  const changes: Record<string, unknown> = {};
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) changes[key] = null;
  for (const [key, value] of Object.entries(after))
    if (JSON.stringify(before[key]) !== JSON.stringify(value)) changes[key] = patch(before[key], value);
  return changes;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
