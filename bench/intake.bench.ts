/**
 * How many occurrences a second can be taken in, from the bytes of a request to the graph, and what of that is more than parsing them?
 *
 *   npx node bench/intake.bench.ts [--objects 10000] [--occurrences 100000] [--smoke] [--append DATE]
 *
 * Requests of a thousand lines, as a collector would send them: log lines, alerts of its own making, probes, about the pods and workloads of an estate
 * that is there; no id and no message twice. Each is parsed, read, redacted and applied to the graph; with a history, the clock stops when the last is
 * written. The window is smaller than what comes, so that the oldest go. The baseline parses the same lines of the same bytes, and nothing else.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describer } from '../src/kinds/index.ts';
import { silentLogger } from '../src/lib/logger.ts';
import type { KubeObject } from '../src/model/change.ts';
import { openIntake } from '../src/program/intake.ts';
import { openPipeline, type Witness } from '../src/program/pipeline.ts';
import { openHistory } from '../src/sinks/history/history.ts';
import { entriesOf } from '../src/sinks/history/remember.ts';
import { redaction } from '../src/sources/redact.ts';
import { seededRandom } from '../test/support/random.ts';
import { benchOptions, collectGarbage, type Figure, median, numberOption, report, timed, withGc } from './harness.ts';
import { listing } from './life.ts';
import { census } from './workload.ts';

const LINES = 1_000;
const ROUNDS = 5;

const MESSAGES: readonly ((number: number) => string)[] = [
  (n) => `dial tcp 10.0.${n % 250}.${n % 240}:5432: connect: connection refused`,
  (n) =>
    `request ${n} to http://orders.shop.svc:8080/api/v1/orders/${n} failed: context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
  (n) =>
    `level=error ts=2026-11-22T10:00:00.${n % 1000}Z caller=main.go:${n % 400} msg="cannot write batch" err="no space left on device" batch=${n}`,
  (n) => `Readiness probe failed: HTTP probe failed with statuscode: 503, attempt ${n}`,
  (n) => `order ${n} was placed by customer ${n % 977} and paid after ${n % 61} ms`,
];
const SEVERITIES = ['error', 'warning', 'ERROR', 'info', 'critical'];

/** Bodies of requests, about whoever there is. */
function requestsAbout(pods: readonly KubeObject[], occurrences: number): readonly Buffer[] {
  const random = seededRandom(11);
  const bodies: Buffer[] = [];
  for (let number = 0; number < occurrences; ) {
    const lines: string[] = [];
    for (; lines.length < LINES && number < occurrences; number++) {
      const { name, namespace, uid } = random.pick(pods).metadata;
      lines.push(
        JSON.stringify({
          id: `${number}-${random.int(1e9)}`,
          source: random.pick(['log', 'probe', 'collector']),
          time: new Date(Date.parse('2026-11-22T10:00:00Z') + number).toISOString(),
          subject: { kind: 'Pod', namespace, name, ...(random.chance(0.7) && { uid }) },
          severity: random.pick(SEVERITIES),
          reason: 'RequestFailed',
          message: random.pick(MESSAGES)(number),
          attributes: {
            container: 'main',
            node: `node-${number % 40}`,
            traceId: random.int(2 ** 31).toString(16),
            attempt: number % 7,
          },
        }),
      );
    }
    bodies.push(Buffer.from(lines.join('\n')));
  }
  return bodies;
}

interface Estate {
  readonly pages: ReturnType<typeof listing> extends Iterable<infer Page> ? readonly Page[] : never;
  readonly pods: readonly KubeObject[];
}

function estateOf(objects: number): Estate {
  const pages = [...listing(census({ objects }))];
  const pods = pages.flat().flatMap((change) => {
    if (change.type === 'apply') return change.object.kind === 'Pod' ? [change.object] : [];
    return change.type === 'reset' && change.scope.kind === 'Pod' ? change.objects : [];
  });
  return { pages, pods };
}

/** Milliseconds to take all of it in. */
async function taken(
  { pages }: Estate,
  bodies: readonly Buffer[],
  witness?: Witness,
  written?: () => Promise<void>,
): Promise<number> {
  const windowMax = Math.max(2_000, Math.floor((bodies.length * LINES) / 4));
  const now = (): number => Date.now();
  const pipeline = openPipeline({
    describer,
    epoch: 'bench',
    windowMax,
    log: silentLogger,
    now: () => performance.now(),
    ...(witness && { witness }),
  });
  for (const page of pages) {
    pipeline.take(page);
    await witness?.room();
  }
  await written?.();
  const intake = openIntake({
    max: 1_000,
    pipeline,
    redaction: redaction('a key of this benchmark'),
    clusters: () => pipeline.view.clusters,
    logs: 'all',
    now,
    stop: new AbortController().signal,
  });
  collectGarbage();
  const { ms } = await timed(async () => {
    for (const body of bodies) {
      for (;;) {
        const room = pipeline.room();
        if (room === undefined) break;
        await room;
      }
      const receipt = await intake.take({ format: 'occurrences', body, mediaType: 'application/x-ndjson' });
      if (receipt.rejected + receipt.ignored > 0) throw new Error(JSON.stringify(receipt.reasons));
    }
    await written?.();
  });
  return ms;
}

async function takenWithHistory(estate: Estate, bodies: readonly Buffer[], url: string): Promise<number> {
  const history = await openHistory(url);
  const witness: Witness = {
    see: (commit, view) => history.write(entriesOf(commit, view, describer)),
    room: () => history.room(),
  };
  const ms = await taken(estate, bodies, witness, () => history.written());
  await history.close();
  return ms;
}

function parsed(bodies: readonly Buffer[]): number {
  const start = performance.now();
  let fields = 0;
  for (const body of bodies)
    for (const line of body.toString('utf8').split('\n')) fields += Object.keys(JSON.parse(line) as object).length;
  if (fields === 0) throw new Error('nothing was parsed');
  return performance.now() - start;
}

await withGc(import.meta.url, async () => {
  const options = benchOptions(['objects', 'occurrences']);
  const objects = numberOption(options, 'objects', options.smoke ? 1_000 : 10_000);
  const occurrences = numberOption(options, 'occurrences', options.smoke ? 10_000 : 100_000);
  const estate = estateOf(objects);
  const bodies = requestsAbout(estate.pods, occurrences);
  const folder = mkdtempSync(join(tmpdir(), 'kube-kg-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const ours: number[] = [];
  const bare: number[] = [];
  await taken(estate, bodies.slice(0, Math.ceil(bodies.length / 5)));
  for (let round = 0; round < (options.smoke ? 2 : ROUNDS); round++) {
    ours.push(await taken(estate, bodies));
    collectGarbage();
    bare.push(parsed(bodies));
  }
  const rate = (ms: number): number => (occurrences / ms) * 1_000;
  const graph = rate(median(ours));
  const parse = rate(median(bare));
  const cpu = process.cpuUsage();
  await taken(estate, bodies);
  const { user, system } = process.cpuUsage(cpu);
  const kept = rate(await takenWithHistory(estate, bodies, join(folder, 'history.db')));
  const [least, share, leastKept] = options.smoke ? [2_000, 20, 1_000] : [10_000, 4, 10_000];
  const figures: Figure[] = [
    { name: 'into the graph', figure: graph, unit: 'occurrences/s', target: `≥ ${least}`, met: graph >= least },
    {
      name: 'into the graph, beside parsing',
      figure: graph,
      unit: 'occurrences/s',
      baseline: parse,
      baselineName: 'JSON.parse of the same lines',
      target: `≥ 1/${share}`,
      met: graph * share >= parse,
    },
    {
      name: 'into the graph, CPU of the process, the estate included',
      figure: (user + system) / occurrences,
      unit: 'µs an occurrence',
      target: 'for information',
      met: true,
    },
    {
      name: 'into the graph and the history',
      figure: kept,
      unit: 'occurrences/s',
      target: `≥ ${leastKept}`,
      met: kept >= leastKept,
    },
  ];
  report(
    `Taking in ${occurrences} occurrences, ${Math.round(bodies.reduce((sum, { length }) => sum + length, 0) / occurrences)} bytes each, beside ${objects} objects`,
    figures,
    options,
  );
});
