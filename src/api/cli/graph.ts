/** `kube-kg graph`: the whole graph as one JSON document, or as a readable summary. */
import type { Command } from 'commander';
import { graphDocument } from '../../operations/graph-document.ts';
import { fileArgument, lookAt, reportFaults } from './input.ts';
import { type Io, painter, print } from './io.ts';
import { type SharedOptions, withConfig, withRecording } from './options.ts';
import { estateSummary } from './summary.ts';

export function graphCommand(program: Command, io: Io, done: (code: number) => void): void {
  withConfig(withRecording(program.command('graph').argument(...fileArgument)))
    .description('print the graph of a recording, or of live clusters as they are now')
    .option('--json', 'the whole graph as JSON: resources, edges with evidence, broken references')
    .addHelpText(
      'after',
      `
Examples:
  kube-kg graph incident.jsonl.gz --json > graph.json
  kube-kg graph 'estate*.jsonl.gz'
  kube-kg graph incident.jsonl.gz --at 2026-11-20T10:05:00Z
  kube-kg graph --context prod --context staging
  zcat incident.jsonl.gz | kube-kg graph - --json`,
    )
    .action(async (files: readonly string[], options: SharedOptions & { json?: boolean }) => {
      const looked = await lookAt(files, options, io);
      const { view } = looked.pipeline;
      await print(
        io.stdout,
        options.json
          ? graphDocument(view, { computed: true })
          : estateSummary(looked.context, painter(io.terminal.stdout), io.width),
      );
      done(reportFaults(looked, options, io));
    });
}
