/**
 * How much memory does the whole program take, API and all?
 *
 *   npx node bench/memory.bench.ts [--small 10000] [--large 134000] [--smoke] [--append DATE]
 *
 * `serve` beside a synthetic API server: resident set when ready, after half a minute of 100 changes a second and some questions, and the
 * highest on the way. The baseline is a process that lists the same and keeps nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { benchOptions, type Figure, numberOption, report, round } from './harness.ts';
import { nullLister, serve, serveCensus } from './program.ts';

const questions = ['resources?limit=100', 'kinds', 'counts', 'dangling?limit=100'];

async function weigh(objects: number, limitMb: number, churnMs: number): Promise<Figure[]> {
  await using server = await serveCensus({ objects });
  const { peakRssMb: baseline, wallMs } = await nullLister(server.kubeconfig);
  await using program = await serve(server.kubeconfig);
  const { afterMs } = await program.hasPods(server.pods);
  const atReady = await program.memory();
  server.setRate(100);
  await sleep(churnMs);
  server.setRate(0);
  for (const question of questions) await (await fetch(`${program.url}/api/v1/${question}`)).text();
  await sleep(churnMs / 10);
  const settled = await program.memory();
  const name = `${server.objects} objects (${round(server.megabytes)} MB of JSON)`;
  const shared = { unit: 'MB', baseline, baselineName: 'null lister, peak' };
  const information = { target: 'for information', met: true };
  return [
    {
      name: `${name}, after ${churnMs / 1000} s of changes`,
      figure: settled.rssMb,
      ...shared,
      target: `≤ ${limitMb} MB`,
      met: settled.rssMb <= limitMb,
    },
    {
      name: `${name}, when ready (after ${round((program.readyMs + afterMs) / 1000)} s; null lister ${round(wallMs / 1000)} s)`,
      figure: atReady.rssMb,
      ...shared,
      ...information,
    },
    { name: `${name}, highest`, figure: settled.peakRssMb, ...shared, ...information },
  ];
}

const options = benchOptions(['small', 'large']);
const churnMs = options.smoke ? 2_000 : 30_000;
const small = await weigh(
  numberOption(options, 'small', options.smoke ? 1_000 : 10_000),
  options.smoke ? 300 : 150,
  churnMs,
);
const large = options.smoke ? [] : await weigh(numberOption(options, 'large', 134_000), 600, churnMs);
report('Resident memory of the whole process', [...small, ...large], options);
