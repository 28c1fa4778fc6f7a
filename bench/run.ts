/**
 * Runs the benchmarks one after another, each in a process of its own, and says which missed a target.
 *
 *   npm run bench [-- --append 2026-11-21] [-- --only link-census,walk]
 *   npm run bench:smoke                  small sizes and generous budgets, under a minute; leaves out what needs a real cluster
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { exitOfMissed } from './harness.ts';

const { values } = parseArgs({
  options: { smoke: { type: 'boolean', default: false }, append: { type: 'string' }, only: { type: 'string' } },
});

/** In the order of the table of targets. */
const offline = [
  'link-census',
  'update-latency',
  'relist',
  'walk',
  'embedded',
  'memory',
  'feed-fanout',
  'history-bytes',
  'history-write',
  'intake',
  'past-view',
  'past-diff',
  'history-cost',
  'analyst-cost',
];
/** These start a real API server, or Neo4j (see test/stack), which takes minutes to build the first time. */
const live = ['cold-start', 'visible', 'neo4j'];

const wanted = values.only?.split(',') ?? (values.smoke ? offline : [...offline, ...live]);
const forwarded = [
  ...(values.smoke ? ['--smoke'] : []),
  ...(values.append === undefined ? [] : ['--append', values.append]),
];
const missed: string[] = [];
const failed: string[] = [];
for (const name of wanted) {
  const file = fileURLToPath(new URL(`${name}.bench.ts`, import.meta.url));
  const { status } = spawnSync(process.execPath, [file, ...forwarded], { stdio: 'inherit' });
  process.stdout.write('\n');
  if (status === exitOfMissed) missed.push(name);
  else if (status !== 0) failed.push(name);
}
if (missed.length > 0) process.stderr.write(`missed a target: ${missed.join(', ')}\n`);
if (failed.length > 0) process.stderr.write(`failed: ${failed.join(', ')}\n`);
if (missed.length + failed.length > 0) process.exitCode = 1;
