import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change, Coverage } from '../model/change.ts';
import { withOutageLog } from './outages.ts';

const said = (second: number, group: string, kind: string, coverage: Coverage): Change => ({
  type: 'observe',
  at: `2026-11-20T10:00:0${second}.000Z`,
  cluster: 'prod',
  scope: { group, kind },
  coverage,
  ...(coverage !== 'ready' && { message: 'no answer' }),
});

test('H21 a server that is lost is a warning in the log, once, and one line when it is back, with how long it took', async () => {
  const batches: Change[][] = [
    [said(0, '*', '*', 'ready'), said(0, '', 'Pod', 'ready')],
    [said(1, '', 'Pod', 'broken'), said(1, '*', '*', 'broken'), said(2, '*', '*', 'broken')],
    [said(4, '*', '*', 'ready'), said(5, 'metrics.k8s.io', '*', 'broken')],
  ];
  const lines: string[] = [];
  const write = (level: string) => (_: object, message: string) => {
    lines.push(`${level} ${message}`);
  };
  const log = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  async function* changes(): AsyncIterableIterator<Change[]> {
    yield* batches;
  }
  const source = withOutageLog({ name: 's', changes }, log);
  const seen = await Array.fromAsync(source.changes(new AbortController().signal));
  assert.deepEqual(seen, batches, 'what is said goes on as it is');
  assert.deepEqual(lines, [
    'warn cluster prod cannot be reached; answers about it are as of now until it can',
    'info cluster prod can be reached again, after 3 s',
    'warn API group metrics.k8s.io of cluster prod cannot be reached; answers about it are as of now until it can',
  ]);
});
