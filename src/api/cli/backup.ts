/** `kube-kg backup` and `kube-kg restore`: a history in a file, and back. */
import type { Command } from 'commander';
import { withoutPassword } from '../../lib/address.ts';
import { backUpHistory, restoreHistory } from '../../program/upkeep.ts';
import { exitCodes, type Io } from './io.ts';
import { configWithHistory, type SharedOptions, withHistory } from './options.ts';
import { progressOn } from './progress.ts';

interface CopyOptions extends SharedOptions {
  readonly force?: boolean;
}

export function backupCommand(program: Command, io: Io, done: (code: number) => void): void {
  withHistory(program.command('backup').argument('<file>', 'file to write'), 'the history to copy')
    .description('copy a history into a file, also while it is written to')
    .option('--force', 'overwrite a file of that name')
    .option('--config <file>', 'configuration file; default: kube-kg.yaml when present')
    .addHelpText(
      'after',
      '\nThe file is a history like any other (SQLite), whatever the original is kept in: every command takes it with --history. The key beside a history\n(history.db.key) is not in it.\n\nExamples:\n  kube-kg backup history-$(date +%F).db\n  kube-kg backup weekly.db --history postgres://kg@db.example/kg --force',
    )
    .action(async (file: string, options: CopyOptions) => {
      const { url = '' } = configWithHistory(options, io).history;
      await withProgress(io, 'copied', (progress) => backUpHistory(url, file, { ...chosen(options), progress }));
      io.stdout.write(`${withoutPassword(url)} is copied to ${file}\n`);
      done(exitCodes.done);
    });
}

export function restoreCommand(program: Command, io: Io, done: (code: number) => void): void {
  withHistory(program.command('restore').argument('<file>', 'backup to take'), 'where it is to be')
    .description('put a backup where a history is to be')
    .option('--force', 'overwrite the history that is there')
    .option('--config <file>', 'configuration file; default: kube-kg.yaml when present')
    .addHelpText(
      'after',
      '\nThe backup is checked before anything is changed. Stop the "kube-kg serve" that writes there first.\n\nExamples:\n  kube-kg restore history-2026-11-20.db --force\n  kube-kg restore weekly.db --history postgres://kg@db.example/kg',
    )
    .action(async (file: string, options: CopyOptions) => {
      const { url = '' } = configWithHistory(options, io).history;
      await withProgress(io, 'restored', (progress) => restoreHistory(file, url, { ...chosen(options), progress }));
      io.stdout.write(`${file} is restored to ${withoutPassword(url)}\n`);
      done(exitCodes.done);
    });
}

function chosen({ force }: CopyOptions): { readonly force?: boolean } {
  return force === undefined ? {} : { force };
}

async function withProgress(
  io: Io,
  what: string,
  work: (progress: (done: number, of: number) => void) => Promise<void>,
): Promise<void> {
  const progress = progressOn(io);
  try {
    await work((part, of) => progress.show(`${of === 0 ? 100 : Math.floor((100 * part) / of)} % ${what}`));
  } finally {
    progress.end();
  }
}
