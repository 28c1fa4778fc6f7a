/** `kube-kg graph`: the whole graph as one JSON document, or as a readable summary. */
import type { Command } from 'commander';
import { graphDocument } from '../../operations/shared/graph-document.ts';
import { pastSnapshot } from '../../program/open.ts';
import { fileArgument, reportFaults, snapshotOf } from './input.ts';
import { type Io, pageOf, print } from './io.ts';
import {
  asksHistory,
  configWithHistory,
  type SharedOptions,
  withConfig,
  withHistory,
  withRecording,
} from './options.ts';
import { estateSummary } from './summary.ts';

export function graphCommand(program: Command, io: Io, done: (code: number) => void): void {
  withHistory(withConfig(withRecording(program.command('graph').argument(...fileArgument))))
    .description('print the graph of a recording, or of live clusters as they are now')
    .option('--json', 'the whole graph as JSON: resources, edges with evidence, broken references')
    .addHelpText(
      'after',
      `
Examples:
  kube-kg graph demo/shop.jsonl.gz --json > graph.json
  kube-kg graph 'estate*.jsonl.gz'
  kube-kg graph demo/shop.jsonl.gz --at 2026-11-21T14:29:00Z
  kube-kg graph demo/shop.jsonl.gz --at 90s
  kube-kg graph --context prod --context staging
  kube-kg graph --at 15m --json
  kube-kg graph --history backup.db
  zcat demo/shop.jsonl.gz | kube-kg graph - --json`,
    )
    .action(async (files: readonly string[], options: SharedOptions & { json?: boolean }) => {
      const snapshot =
        files.length === 0 && asksHistory(options)
          ? await pastSnapshot(configWithHistory(options, io), options.at, io)
          : await snapshotOf(files, options, io);
      const { view } = snapshot.pipeline;
      await print(
        io.stdout,
        options.json ? graphDocument(view, { computed: true }) : estateSummary(snapshot.context, pageOf(io, 'stdout')),
      );
      done(reportFaults(snapshot, options, io));
    });
}
