/** `kube-kg serve`: follows clusters (or holds a recording) and answers over HTTP until it is stopped. */
import type { Command } from 'commander';
import { kubernetesSources } from '../../sources/kubernetes/clusters.ts';
import { emptyReport, recordingSource } from '../../sources/recording.ts';
import { redactor } from '../../sources/redact.ts';
import { configFrom, type InputOptions, redactionKey, reportFaults } from './input.ts';
import { exitCodes, type Io } from './io.ts';
import { type ServedSource, startServer } from './server.ts';

interface ServeOptions extends InputOptions {
  readonly host?: string;
  readonly port?: string;
  readonly insecure?: boolean;
}

export function serveCommand(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('serve')
    .description('follow clusters, or hold a recording, and answer over HTTP')
    .argument('[file]', 'recording to serve instead of a live cluster')
    .option('--host <address>', 'address to listen on; others than loopback need a token (KG_SERVER_TOKEN)')
    .option('--port <port>', 'TCP port; 0 takes a free one')
    .option('--insecure', 'listen on other addresses without a token')
    .option('--kubeconfig <file>', 'kubeconfig of the clusters')
    .option('--context <name...>', 'kubeconfig context(s) to follow, each as a cluster')
    .option('--config <file>', 'configuration file')
    .addHelpText(
      'after',
      '\nExamples:\n  kube-kg serve\n  kube-kg serve --context prod staging --port 9000\n  kube-kg serve incident.jsonl.gz',
    )
    .action(async (file: string | undefined, options: ServeOptions) => {
      const { host, port, insecure } = options;
      const config = configFrom(options, io, {
        'server.host': host,
        'server.port': port === undefined ? undefined : Number(port),
        'server.insecure': insecure,
      });
      const key = redactionKey(config);
      const report = emptyReport();
      const sources: readonly ServedSource[] =
        file === undefined
          ? kubernetesSources(config.kubernetes, key)
          : [recordingSource({ path: file, stdin: io.stdin, redact: redactor(key) }, report)];
      const served = await startServer(config, sources, io);
      io.stderr.write(
        `kube-kg serves ${sources.map(({ name }) => name).join(', ')} at ${served.url} (documentation: ${served.url}/api/docs)\n`,
      );
      try {
        await served.sourcesEnded;
        if (file !== undefined) reportFaults({ pipeline: served.pipeline, config, report }, io);
        if (file !== undefined) await stopped(io.stop);
      } finally {
        await served.close();
      }
      done(exitCodes.done);
    });
}

/** Resolves when the process is asked to stop. */
export function stopped(stop: AbortSignal): Promise<void> {
  return stop.aborted
    ? Promise.resolve()
    : new Promise((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
}
