/** `kube-kg prune`: removes from a history what is not to be kept. */
import type { Command } from 'commander';
import { bytesText } from '../../lib/quantity.ts';
import { kindKey } from '../../model/groups.ts';
import { Problem } from '../../model/problem.ts';
import { kindsFrom } from '../../operations/shared/kind-names.ts';
import type { Config } from '../../program/config.ts';
import { pastOfHistory } from '../../program/past-input.ts';
import { retentionOf, rowsOf } from '../../program/retention.ts';
import { pruneForeseen, pruneHistory } from '../../program/upkeep.ts';
import { exitCodes, type Io } from './io.ts';
import { configWithHistory, repeated, type SharedOptions, withHistory } from './options.ts';
import { progressOn } from './progress.ts';
import { bytesFrom, durationFrom } from './units.ts';

interface PruneOptions extends SharedOptions {
  readonly olderThan?: string;
  readonly maxSize?: string;
  readonly kind?: readonly string[];
  readonly dryRun?: boolean;
}

export function pruneCommand(program: Command, io: Io, done: (code: number) => void): void {
  withHistory(program.command('prune'), 'the history to shorten')
    .description('remove from a history what is not to be kept; every later instant stays as it was')
    .summary('remove from a history what is not to be kept')
    .option('--older-than <time>', 'what is older than this, for example 7d, 12h; default: history.days')
    .option(
      '--kind <kind=time>',
      'less of a kind, for example Event=3d or apps/ReplicaSet=12h; may be repeated',
      repeated,
    )
    .option('--max-size <size>', 'the oldest, until it takes no more room than this; default: history.maxSize')
    .option('--dry-run', 'say what would go, and change nothing')
    .option('--config <file>', 'configuration file; default: kube-kg.yaml when present')
    .addHelpText(
      'after',
      '\nA running "kube-kg serve" does this by itself, and nobody else may meanwhile.\n\nExamples:\n  kube-kg prune --older-than 7d --dry-run\n  kube-kg prune --older-than 30d --kind Event=3d --max-size 5GB',
    )
    .action(async (options: PruneOptions) => {
      await prune(options, io);
      done(exitCodes.done);
    });
}

const DAY_MS = 86_400_000;

async function prune(options: PruneOptions, io: Io): Promise<void> {
  const config = configWithHistory(options, io);
  const { url = '' } = config.history;
  const { olderThan, maxSize, kind = [], dryRun } = options;
  const standard = retentionOf(config);
  const retention = {
    days: olderThan === undefined ? standard.days : durationFrom(olderThan, '--older-than') / DAY_MS,
    maxBytes: maxSize === undefined ? standard.maxBytes : bytesFrom(maxSize, '--max-size'),
    kindDays: { ...standard.kindDays, ...(await kindDaysFrom(kind, config, io)) },
  };
  if (dryRun) {
    const { resources, versions, oldest, over } = await pruneForeseen(url, retention, io.now());
    io.stdout.write(
      `${versions} versions and ${resources} resources would go${oldest ? `; history would begin at ${oldest}` : ''}\n`,
    );
    if (over > 0)
      io.stdout.write(`it is ${bytesText(over)} over its size now: the oldest would go as well until it is not\n`);
    return;
  }
  const progress = progressOn(io);
  const removed = await pruneHistory(url, retention, {
    now: io.now(),
    stop: io.stop,
    progress: (rows, bytes) => progress.show(`${rows} rows, ${bytesText(bytes)} have gone`),
  });
  progress.end();
  const { version = 0, resource = 0 } = removed.rows;
  const gone = `${version} versions and ${resource} resources have gone: ${rowsOf(removed)} rows with ${bytesText(removed.bytes)}`;
  if (!('usedBytes' in removed)) {
    io.stderr.write(`${gone}; interrupted, the rest goes the next time\n`);
    return;
  }
  const { oldest, usedBytes, totalBytes, isOver } = removed;
  io.stdout.write(
    `${gone}\n${oldest ? `history begins at ${oldest}, and ` : 'history '}takes ${bytesText(totalBytes)}\n`,
  );
  if (isOver)
    io.stderr.write(
      `warning: ${bytesText(usedBytes)} are more than ${bytesText(retention.maxBytes)}; the last hour is kept in any case\n`,
    );
}

/** Days by `Kind` or `group/Kind`, kinds written as every question takes them. Throws `invalid-input`, with the nearest kind where there is none. */
async function kindDaysFrom(texts: readonly string[], config: Config, io: Io): Promise<Record<string, number>> {
  if (texts.length === 0) return {};
  const pairs = texts.map(pairFrom);
  const { context, close } = await pastOfHistory(config, io.now);
  await close();
  return Object.fromEntries(
    pairs.flatMap(([word, days]) =>
      kindsFrom(context, [word]).map((kind) => [/[/.]/.test(word) ? kindKey(kind) : kind.kind, days]),
    ),
  );
}

function pairFrom(text: string): readonly [kind: string, days: number] {
  const [kind = '', time = ''] = text.split('=');
  if (kind === '' || time === '')
    throw new Problem('invalid-input', `--kind ${text}: write it as Event=3d or apps/ReplicaSet=12h.`);
  return [kind, durationFrom(time, `--kind ${kind}`) / DAY_MS];
}
