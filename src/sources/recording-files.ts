/**
 * Which files a recording is: one, or parts `estate.jsonl.gz`, `estate.1.jsonl.gz`, `estate.2.jsonl.gz` … as a recorder that rotates names them.
 * Invariant: parts of one recording come in the order in which they were written, however they were named.
 */
import { globSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Problem } from '../model/problem.ts';

const READABLE = /\.(?:jsonl|json|ya?ml)(?:\.gz|\.zst)?$/;
const EXTENSIONS = /(?:\.[A-Za-z]\w*)?(?:\.(?:gz|zst))?$/;

/** Name of the part of that number; part 0 is called as the recording itself. */
export function partPath(path: string, part: number): string {
  if (part === 0) return path;
  const [extensions = ''] = EXTENSIONS.exec(basename(path)) ?? [];
  return `${path.slice(0, path.length - extensions.length)}.${part}${extensions}`;
}

/** The recording that a file belongs to, and the part of it that the file is. */
function partOf(path: string): { readonly recording: string; readonly part: number } {
  const [extensions = ''] = EXTENSIONS.exec(basename(path)) ?? [];
  const stem = path.slice(0, path.length - extensions.length);
  const [, name = stem, part = '0'] = /^(.*[^./])\.(\d{1,9})$/.exec(stem) ?? [];
  return { recording: name + extensions, part: Number(part) };
}

/**
 * The files that are there of the recording that would be written under that name, whether or not its first part is; devices and pipes are
 * none. Numbers in the name itself, as in `prod-2026.11.21.jsonl`, are no part.
 */
export function existingParts(path: string): readonly string[] {
  const first = basename(path);
  const folder = dirname(path);
  return (isFolder(folder) ? readdirSync(folder) : [])
    .filter((name) => name === first || name === partPath(first, partOf(name).part))
    .map((name) => join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() ?? true);
}

/**
 * The files that are meant by names of files, folders with recordings and manifests, and patterns (`estate*.jsonl.gz`), parts in their order; `-` is standard
 * input. Throws Problem `bad-recording` where a folder or pattern has none.
 */
export function recordingFiles(names: string | readonly string[]): readonly string[] {
  const found = [names].flat().flatMap((name) => filesOf(name));
  const files = [...new Set(found)].map((path) => ({ path, ...partOf(path) }));
  const order = [...new Set(files.map(({ recording }) => recording))];
  return files
    .toSorted((a, b) => order.indexOf(a.recording) - order.indexOf(b.recording) || a.part - b.part)
    .map(({ path }) => path);
}

function filesOf(name: string): readonly string[] {
  if (name === '-') return [name];
  const folder = isFolder(name);
  if (!folder && (!/[*?[{]/.test(name) || statSync(name, { throwIfNoEntry: false }))) return [name];
  const files = folder
    ? readdirSync(name)
        .filter((file) => READABLE.test(file))
        .map((file) => join(name, file))
    : globSync(name).filter((path) => !isFolder(path));
  if (files.length > 0) return files.sort();
  const what = folder ? `The folder ${name} holds no recording` : `No file matches ${name}`;
  throw new Problem(
    'bad-recording',
    `${what}; recordings are called ….jsonl, manifests ….yaml or ….json, packed ones end in .gz or .zst besides.`,
  );
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
