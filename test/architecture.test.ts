/** Guards the structure: which folder may import which, what the pure folders may touch, and the absences that must stay absent. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';

const src = resolve(import.meta.dirname, '../src');

/** Area (a folder, or a file at the root) → what it may import besides itself: the last column of the code map. */
const allowed: ReadonlyMap<string, readonly string[]> = new Map(
  [
    ...readFileSync(resolve(src, '../ARCHITECTURE.md'), 'utf8').matchAll(/^\| `src\/([^`]+?)\/?` \|.*\| ([^|]+) \|$/gm),
  ].map(([, area = '', may = '']) => [area, may === 'nothing' ? [] : may.split(', ')]),
);

const pure = new Set(['model', 'kinds', 'graph', 'analysis']);

interface File {
  readonly path: string;
  readonly area: string;
  readonly text: string;
  readonly imports: readonly { readonly from: string; readonly typeOnly: boolean }[];
}

const files: readonly File[] = (readdirSync(src, { recursive: true }) as string[])
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  .map((path) => {
    const text = readFileSync(join(src, path), 'utf8');
    const statements = text.matchAll(
      /^(?:import|export)\s+(?<type>type\s)?(?:[^'"]*?from\s+)?'(?<from>[^']+)'|\bimport\(\s*'(?<dynamic>[^']+)'/gm,
    );
    const imports = Array.from(statements, ({ groups: { type, from, dynamic } = {} }) => ({
      from: from ?? dynamic ?? '',
      typeOnly: type !== undefined,
    }));
    return { path, area: areaOf(path), text, imports };
  });

/** The innermost area of the code map that a path lies in. */
function areaOf(path: string): string {
  const inside = [...allowed.keys()].filter((area) => path === area || path.startsWith(`${area}/`));
  return inside.sort((a, b) => b.length - a.length)[0] ?? path;
}

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');

test('A1 folders import only what the flow lets them see', () => {
  const wrong: string[] = [];
  for (const { path, area, imports } of files) {
    const may = allowed.get(area) ?? [];
    for (const { from } of imports) {
      if (!from.startsWith('.')) continue;
      const target = areaOf(relative(src, resolve(src, dirname(path), from)));
      if (target !== area && !may.includes(target)) wrong.push(`${path} imports ${from}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('A2 every area of the tree has its rule, and no two may import each other', () => {
  const areas = new Set(files.map(({ area }) => area));
  assert.deepEqual([...areas].sort(), [...allowed.keys()].sort());
  const reach = (area: string, seen: Set<string>): Set<string> => {
    for (const next of allowed.get(area) ?? []) if (!seen.has(next)) reach(next, seen.add(next));
    return seen;
  };
  assert.deepEqual(
    [...areas].filter((area) => reach(area, new Set()).has(area)),
    [],
  );
});

test('A10 the code map names every folder', () => {
  const rows = readFileSync(resolve(src, '../ARCHITECTURE.md'), 'utf8').match(/^\| `.*$/gm) ?? [];
  for (const root of ['src', 'test', 'docs', 'demo', 'bench']) {
    const inside = readdirSync(resolve(src, '..', root), { recursive: true, withFileTypes: true });
    const folders = inside.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    for (const folder of [root, ...folders])
      assert.ok(
        rows.some((row) => row.startsWith(`| \`${root}/`) && row.includes(`${folder}/`)),
        `${root}: ${folder}`,
      );
  }
});

test('A3 the pure core does no I/O, reads no clock and rolls no dice', () => {
  const wrong: string[] = [];
  for (const { path, area, text, imports } of files) {
    if (!pure.has(area)) continue;
    for (const { from, typeOnly } of imports)
      if (!from.startsWith('.') && !typeOnly) wrong.push(`${path} imports ${from}`);
    for (const [found] of withoutComments(text).matchAll(
      /\b(?:async|await)\b|Date\.now|new Date\(\)|Math\.random|performance\.now|setTimeout|process\./g,
    ))
      wrong.push(`${path} uses ${found}`);
  }
  assert.deepEqual(wrong, []);
});

test('A4 nothing ends the process but main.ts, nothing is a default export, an enum or an EventEmitter', () => {
  const wrong: string[] = [];
  for (const { path, text } of files) {
    if (path !== 'main.ts' && text.includes('process.exit(')) wrong.push(`${path} ends the process`);
    for (const [found] of text.matchAll(/^export default|^(?:export )?enum |EventEmitter/gm))
      wrong.push(`${path} has ${found}`);
  }
  assert.deepEqual(wrong, []);
});

test('A5 files stay small', () => {
  assert.deepEqual(
    files.filter(({ text }) => text.split('\n').length > 500).map(({ path }) => path),
    [],
  );
});

test('A6 every file opens by saying what it is', () => {
  assert.deepEqual(
    files.filter(({ text }) => !text.startsWith('/**')).map(({ path }) => path),
    [],
  );
});
