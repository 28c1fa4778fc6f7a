/** `kube-kg version`: of this program and of what it runs on. */
import type { Command } from 'commander';
import { program as self } from '../../program/version.ts';
import { exitCodes, type Io } from './io.ts';

export function versionCommand(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('version')
    .description('print the version of kube-kg, of Node.js and of the recording format')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExamples:\n  kube-kg version\n  kube-kg version --json')
    .action((options: { json?: boolean }) => {
      const versions = { 'kube-kg': self.version, node: process.versions.node, recording: 1 };
      io.stdout.write(
        options.json
          ? `${JSON.stringify(versions)}\n`
          : Object.entries(versions)
              .map(([name, version]) => `${name} ${version}\n`)
              .join(''),
      );
      done(exitCodes.done);
    });
}
