/** The command line: every command, its options and examples. Contract: standard output carries the answer; exit codes in io.ts. */
import { Command, CommanderError } from 'commander';
import { problemFrom } from '../../model/problem.ts';
import { program as self } from '../../program/version.ts';
import { backupCommand, restoreCommand } from './backup.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import { graphCommand } from './graph.ts';
import { exitCodes, type Io } from './io.ts';
import { mcpCommand } from './mcp.ts';
import { pruneCommand } from './prune.ts';
import { questionCommands } from './questions.ts';
import { recordCommand } from './record.ts';
import { serveCommand, stopped } from './serve.ts';
import { versionCommand } from './version.ts';

type Register = (program: Command, io: Io, done: (code: number) => void) => void;

/** Commands by what they are for, as help lists them. */
const groups: Readonly<Record<string, readonly Register[]>> = {
  'Follow a cluster, or look at a recording:': [serveCommand, demoCommand, recordCommand, mcpCommand],
  'Ask:': [explainCommand, graphCommand, questionCommands],
  'Look after it:': [doctorCommand, pruneCommand, backupCommand, restoreCommand, versionCommand],
};

/** Commands that run until they are stopped, and then put things in order before they end. The others are left as they stand. */
const lasting: ReadonlySet<string> = new Set(['serve', 'demo', 'record', 'prune', 'mcp']);

/** Every command; `done` is told the exit code of the one that ran. */
export function commandLine(io: Io, done: (code: number) => void): Command {
  const program = new Command(self.name)
    .description('Knows a Kubernetes estate as a graph: what depends on what, what is missing, what breaks if it goes.')
    .version(self.version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .configureHelp({ helpWidth: io.width, subcommandTerm: (command) => command.name() })
    .showHelpAfterError('(see --help)')
    .showSuggestionAfterError();
  for (const [group, registers] of Object.entries(groups)) {
    program.commandsGroup(group);
    for (const register of registers) register(program, io, done);
  }
  return program.helpCommand('help [command]', 'print the help of a command');
}

/** Runs one command line and returns the exit code. Never throws. What still runs when it was interrupted is for the caller to end. */
export async function runCommand(argv: readonly string[], io: Io): Promise<number> {
  let code: number = exitCodes.done;
  const program = commandLine(io, (ended) => (code = ended));
  const lasts = lasting.has(argv[0] ?? '');
  try {
    const run = program.parseAsync(argv, { from: 'user' });
    await (lasts ? run : Promise.race([run, stopped(io.stop)]));
  } catch (error) {
    return io.stop.aborted ? stoppedCode(lasts, io.stop) : failed(error, io);
  }
  return io.stop.aborted && code === exitCodes.done ? stoppedCode(lasts, io.stop) : code;
}

/** The exit code of what was stopped: by SIGTERM or SIGHUP, what runs until it is stopped has done what it was asked. */
function stoppedCode(lasts: boolean, { reason }: AbortSignal): number {
  return lasts && reason instanceof DOMException && reason.message !== 'SIGINT'
    ? exitCodes.done
    : exitCodes.interrupted;
}

function failed(error: unknown, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  const problem = problemFrom(error);
  io.stderr.write(`error: ${problem.message}\n`);
  for (const detail of problem.details) if (!problem.message.includes(detail)) io.stderr.write(`  - ${detail}\n`);
  if (problem.code === 'internal' && problem.cause instanceof Error) io.stderr.write(`${problem.cause.stack ?? ''}\n`);
  return problem.exit;
}
