/** Entry point: streams and signals in, exit code out. The only file that ends the process. */
import './lib/heap.ts';
import { runCommand } from './api/cli/program.ts';

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort(new DOMException(signal, 'AbortError'));
  });
}
// Nobody reads any more: a pipe that was closed (EPIPE), a terminal that is gone (EIO).
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });

const { env } = process;
// npm runs scripts in the package's folder; files are named from where the user stands.
if (env['npm_lifecycle_event'] === 'kube-kg' && env['INIT_CWD'] !== undefined) process.chdir(env['INIT_CWD']);
process.exitCode = await runCommand(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  environment: env,
  terminal: { stdout: process.stdout.isTTY === true, stderr: process.stderr.isTTY === true },
  colour: (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
  width: process.stdout.columns || Number(env['COLUMNS']) || 100,
  now: Date.now,
  stop: interrupted.signal,
});
// Whatever an interrupted command still waits for (standard input, a query, a cluster) must not keep the process.
if (interrupted.signal.aborted) process.exit();
interrupted.signal.addEventListener('abort', () => process.exit());
