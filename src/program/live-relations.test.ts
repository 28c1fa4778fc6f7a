import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { LiveRelations } from './live-relations.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-relations-'));
after(() => rmSync(folder, { recursive: true }));

const naming = (edge: string): string =>
  `relations:\n  - {from: {group: example.com, kind: Shop}, to: {kind: Secret}, edge: ${edge}, path: spec.secret}\n`;

/** The edges in force. */
const edges = ({ relations }: LiveRelations): string[] => [...relations.values()].flat().map(({ edge }) => edge);

/** Two looks: the first sees that something is new, the second that it keeps still. */
async function looks(live: LiveRelations): Promise<string> {
  assert.equal(await live.look(), 'same');
  return live.look();
}

test('C20 an edit of the relations file is in force when two looks see the same', async () => {
  const path = join(folder, 'edited.yaml');
  writeFileSync(path, naming('PAYS_WITH'));
  const live = new LiveRelations(path);
  assert.deepEqual(edges(live), ['PAYS_WITH']);
  assert.deepEqual([await looks(live), edges(live)], ['same', ['PAYS_WITH']]);
  const whole = `${naming('KEEPS')}${naming('HIDES').slice('relations:\n'.length)}`;
  writeFileSync(path, naming('KEEPS'));
  assert.equal(await live.look(), 'same');
  writeFileSync(path, whole);
  assert.equal(await live.look(), 'same', 'it was still being written');
  assert.deepEqual([await live.look(), edges(live)], ['changed', ['KEEPS', 'HIDES']]);
  assert.equal(await looks(live), 'same');
});

test('C20 a file that an editor replaces, or a volume swaps by its link, is an edit like any other', async () => {
  const path = join(folder, 'replaced.yaml');
  writeFileSync(path, naming('A'));
  const edited = new LiveRelations(path);
  writeFileSync(`${path}.new`, naming('B'));
  renameSync(`${path}.new`, path);
  assert.deepEqual([await looks(edited), edges(edited)], ['changed', ['B']]);

  const mount = join(folder, 'mount');
  for (const version of ['1', '2']) {
    mkdirSync(join(mount, `..${version}`), { recursive: true });
    writeFileSync(join(mount, `..${version}`, 'relations.yaml'), naming(`V${version}`));
  }
  symlinkSync('..1', join(mount, '..data'));
  symlinkSync(join('..data', 'relations.yaml'), join(mount, 'relations.yaml'));
  const mounted = new LiveRelations(join(mount, 'relations.yaml'));
  assert.deepEqual(edges(mounted), ['V1']);
  symlinkSync('..2', join(mount, '..data_tmp'));
  renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
  rmSync(join(mount, '..1'), { recursive: true });
  assert.deepEqual([await looks(mounted), edges(mounted)], ['changed', ['V2']]);
});

test('C21 a faulty or missing file changes nothing, and is a standing fault with its lines until it is mended', async () => {
  const path = join(folder, 'faulty.yaml');
  writeFileSync(path, naming('A'));
  const live = new LiveRelations(path);
  writeFileSync(path, naming('lower'));
  assert.deepEqual([await looks(live), edges(live)], ['faulty', ['A']]);
  assert.match(live.fault?.details.join() ?? '', /faulty\.yaml:2: .*UPPER_SNAKE/);
  assert.equal(await looks(live), 'same', 'said once');
  assert.ok(live.fault, 'and remembered');
  rmSync(path);
  assert.deepEqual([await looks(live), edges(live)], ['faulty', ['A']]);
  assert.match(live.fault?.message ?? '', /cannot be read/);
  writeFileSync(path, naming('B'));
  assert.deepEqual([await looks(live), edges(live), live.fault], ['changed', ['B'], undefined]);
});

test('C21 a file that is not valid to begin with stops the start', () => {
  const path = join(folder, 'never.yaml');
  assert.throws(() => new LiveRelations(path), { code: 'invalid-config' });
  writeFileSync(path, naming('lower'));
  assert.throws(() => new LiveRelations(path), { code: 'invalid-config' });
});
