/**
 * Hours beside a real cluster: `npm run soak -- --minutes 60 [--apps 40] [--rate 20] [--disturb 60] [--check 10] [--seed N]`.
 * `kube-kg serve` follows a cluster that is churned and whose API server is killed, hung and made to forget; every `check` minutes, and at the
 * end, the churn pauses and the server's graph document must equal, byte for byte, that of a fresh list. One line a minute.
 * Exits with 1 when a comparison fails, the server ends, or something it saw was rejected.
 */
import { parseArgs } from 'node:util';
import { seededRandom } from '../support/random.ts';
import { Churn } from './churn.ts';
import { type Cluster, startCluster } from './components/kubernetes.ts';
import { differenceOf, truth } from './observer.ts';
import { waitFor } from './runner.ts';
import { allListed, type Served, serve } from './served.ts';

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number | string;
  readonly apps: number;
  readonly rate: number;
  readonly disturbEvery: number;
  /** Minutes of churn between two comparisons. */
  readonly checkEvery: number;
  readonly say: (line: string) => void;
}

export const soakDefaults = { minutes: 60, apps: 40, rate: 20, disturbEvery: 60, checkEvery: 10 };

/**
 * Events live shorter than usual: an hour of them would not fit into an export, and this way their end is seen too. While they expire, no two
 * looks are the same, so equality may come only when the last is gone.
 */
const EVENT_TTL = '2m';

/** Churns a cluster of its own beside `kube-kg serve`; throws when what it knows is not what is there. */
export async function soak(options: SoakOptions): Promise<void> {
  await using cluster = await startCluster({
    name: 'soak',
    kwokNodes: 10,
    flags: { apiserver: [`--event-ttl=${EVENT_TTL}`] },
  });
  await using served = await serve(cluster);
  await allListed(served);
  const churn = new Churn(cluster, { ...options, random: seededRandom(options.seed) });
  const progress = new Progress(served, churn, options.say);
  const every = setInterval(() => void progress.tell(), 60_000);
  try {
    for (let left = options.minutes; left > 0; left -= options.checkEvery) {
      await churn.run(AbortSignal.timeout(Math.min(left, options.checkEvery) * 60_000));
      await equal(served, cluster, options.say);
    }
    await progress.tell();
    const { count, reasons } = await served.get<Rejections>('/api/v1/rejections');
    if (count > 0) throw new Error(`${count} changes were rejected: ${JSON.stringify(reasons)}`);
  } catch (error) {
    options.say(`the end of the server's log:\n${(await served.log()).slice(-4000)}`);
    throw error;
  } finally {
    clearInterval(every);
  }
}

interface Rejections {
  readonly count: number;
  readonly reasons: Readonly<Record<string, number>>;
}

/** Waits until the server's graph is that of a fresh list; throws with the difference. */
async function equal(served: Served, cluster: Cluster, say: (line: string) => void): Promise<void> {
  const began = Date.now();
  let difference = 'never compared';
  let size = 0;
  const same = async (): Promise<boolean> => {
    if (!served.alive()) throw new Error('the server has ended');
    const expected = await truth(cluster);
    const actual = await served.document();
    size = actual.length;
    difference = actual === expected ? '' : differenceOf(actual, expected);
    return difference === '';
  };
  await waitFor('the graph to equal a fresh list', same, 300_000, 1_000).catch((cause: unknown) => {
    throw new Error(`the graph differs from a fresh list:\n${difference}`, { cause });
  });
  say(`equal to a fresh list, ${size} bytes, ${((Date.now() - began) / 1000).toFixed(0)} s after the churn paused`);
}

/** A line about what went on since the last one. */
class Progress {
  readonly #served: Served;
  readonly #churn: Churn;
  readonly #say: (line: string) => void;
  readonly #began = Date.now();
  #last = { at: Date.now(), taken: 0, revision: 0 };

  constructor(served: Served, churn: Churn, say: (line: string) => void) {
    this.#served = served;
    this.#churn = churn;
    this.#say = say;
  }

  async tell(): Promise<void> {
    try {
      this.#say(await this.#line());
    } catch (error) {
      this.#say(`the server does not answer: ${error instanceof Error ? error.message : error}`);
    }
  }

  async #line(): Promise<string> {
    const { items, revision } = await this.#served.get<Clusters>('/api/v1/clusters');
    const { count } = await this.#served.get<Rejections>('/api/v1/rejections');
    const memory = await this.#served.memory();
    const { taken, refused, restarts, compactions, hangs } = this.#churn.counts;
    const now = { at: Date.now(), taken, revision: Number(revision.split(':').at(-1)) };
    const seconds = (now.at - this.#last.at) / 1000;
    const rate = (value: 'taken' | 'revision'): string => ((now[value] - this.#last[value]) / seconds).toFixed(1);
    const minutes = ((now.at - this.#began) / 60_000).toFixed(0).padStart(3);
    const resources = items.reduce((sum, item) => sum + item.resources, 0);
    const line =
      `${minutes} min  ${memory.toFixed(0)} MB  ${resources} resources  ${rate('revision')} commits/s  ` +
      `${rate('taken')} requests/s (${refused} refused)  ${count} rejected  ` +
      `API server: ${restarts} restarts, ${compactions} compactions, ${hangs} hangs  ${items.map(({ state }) => state).join()}`;
    this.#last = now;
    return line;
  }
}

interface Clusters {
  readonly revision: string;
  readonly items: readonly { readonly resources: number; readonly state: string }[];
}

async function main(): Promise<number> {
  const text = (value: number): { type: 'string'; default: string } => ({ type: 'string', default: String(value) });
  const { values } = parseArgs({
    options: {
      minutes: text(soakDefaults.minutes),
      apps: text(soakDefaults.apps),
      rate: text(soakDefaults.rate),
      disturb: text(soakDefaults.disturbEvery),
      check: text(soakDefaults.checkEvery),
      seed: { type: 'string', default: String(Date.now() % 100_000) },
    },
  });
  const { minutes, apps, rate, disturb, check, seed } = values;
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  say(`${minutes} minutes, ${apps} applications, ${rate} requests/s, a disturbance every ${disturb} s, seed ${seed}`);
  await soak({
    minutes: Number(minutes),
    apps: Number(apps),
    rate: Number(rate),
    disturbEvery: Number(disturb),
    checkEvery: Number(check),
    seed,
    say,
  });
  say('passed');
  return 0;
}

if (import.meta.main) {
  process.exitCode = await main().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return 1;
  });
}
