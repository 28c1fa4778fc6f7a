/** `kube-kg graph`: the whole graph as one JSON document, or as a readable summary. */
import type { Command } from 'commander';
import { graphDocument } from '../../operations/graph-document.ts';
import { type InputOptions, openInput, reportFaults, withInput } from './input.ts';
import { exitCodes, type Io, painter, print } from './io.ts';
import { estateSummary } from './summary.ts';

export function graphCommand(program: Command, io: Io, done: (code: number) => void): void {
  withInput(program.command('graph'))
    .description('print the graph of a recording, or of a live cluster as it is now')
    .option('--json', 'the whole graph as JSON: resources, edges with evidence, broken references')
    .addHelpText(
      'after',
      `
Examples:
  kube-kg graph incident.jsonl.gz --json > graph.json
  kube-kg graph incident.jsonl.gz --at 2026-11-20T10:05:00Z
  kube-kg graph --context prod
  kubectl get pods -A -w -o json | … | kube-kg graph - --json`,
    )
    .action(async (file: string | undefined, options: InputOptions & { json?: boolean }) => {
      const input = await openInput(file, options, io);
      if (options.json) await print(io.stdout, graphDocument(input.pipeline.view));
      else await print(io.stdout, estateSummary(input.pipeline.view, painter(io.terminal.stdout), io.width));
      const faulty = reportFaults(input, io);
      done(faulty && options.strict ? exitCodes.usage : exitCodes.done);
    });
}
