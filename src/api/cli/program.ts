/** The command line: every command, its options and examples. Contract: standard output carries the answer; exit codes in io.ts. */
import { Command, CommanderError } from 'commander';
import { problemFrom } from '../../model/problem.ts';
import { program as self } from '../../version.ts';
import { demoCommand } from './demo.ts';
import { doctorCommand } from './doctor.ts';
import { graphCommand } from './graph.ts';
import { exitCodes, type Io } from './io.ts';
import { questionCommands } from './questions.ts';
import { recordCommand } from './record.ts';
import { serveCommand } from './serve.ts';
import { versionCommand } from './version.ts';

type Register = (program: Command, io: Io, done: (code: number) => void) => void;

const commands: readonly Register[] = [
  serveCommand,
  demoCommand,
  recordCommand,
  graphCommand,
  questionCommands,
  doctorCommand,
  versionCommand,
];

/** Runs one command line and returns the exit code. Never throws. */
export async function runCommand(argv: readonly string[], io: Io): Promise<number> {
  let code: number = exitCodes.done;
  const program = new Command(self.name)
    .description('Knows a Kubernetes estate as a graph: what depends on what, what is missing, what breaks if it goes.')
    .version(self.version)
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(text) })
    .showHelpAfterError('(see --help)')
    .showSuggestionAfterError();
  for (const register of commands) register(program, io, (ended) => (code = ended));
  for (const command of program.commands) command.exitOverride();
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    return io.stop.aborted ? exitCodes.interrupted : failed(error, io);
  }
  return io.stop.aborted && code === exitCodes.done ? exitCodes.interrupted : code;
}

function failed(error: unknown, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  const problem = problemFrom(error);
  io.stderr.write(`error: ${problem.message}\n`);
  for (const detail of problem.details) io.stderr.write(`  - ${detail}\n`);
  if (problem.code === 'internal' && problem.cause instanceof Error) io.stderr.write(`${problem.cause.stack ?? ''}\n`);
  return problem.exit;
}
