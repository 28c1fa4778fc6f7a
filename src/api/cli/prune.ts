/** `kube-kg prune`: removes from a history what is not to be kept. */
import type { Command } from 'commander';
import { bytesText } from '../../lib/quantity.ts';
import { Problem } from '../../model/problem.ts';
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
    kindDays: { ...standard.kindDays, ...Object.fromEntries(kind.map(kindFrom)) },
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
  const gone = `${rowsOf(removed)} rows have gone, with ${bytesText(removed.bytes)}`;
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

function kindFrom(text: string): readonly [string, number] {
  const [kind = '', time = ''] = text.split('=');
  if (kind === '' || time === '')
    throw new Problem('invalid-input', `--kind ${text}: write it as Event=3d or apps/ReplicaSet=12h.`);
  return [kind, durationFrom(time, `--kind ${kind}`) / DAY_MS];
}
