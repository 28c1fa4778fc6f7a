/** `kube-kg explain`: why something is not well, from a recording or from one look at live clusters. */
import { type Command, Option } from 'commander';
import { type Explanation, explanationOf } from '../../operations/explain.ts';
import { resourceFrom } from '../../operations/shared/resolve.ts';
import { readEstate } from '../../program/estate-input.ts';
import { fileArgument, reportFaults } from './input.ts';
import { exitCodes, type Io, pageOf, print } from './io.ts';
import { configFrom, type SharedOptions, withConfig, withRecording } from './options.ts';
import { explanationLines } from './text/explanation.ts';

interface ExplainOptions extends SharedOptions {
  readonly json?: boolean;
  readonly resource?: string;
  readonly failOn?: 'critical' | 'warning';
}

export function explainCommand(program: Command, io: Io, done: (code: number) => void): void {
  withConfig(withRecording(program.command('explain').argument(...fileArgument)))
    .description('say why something is not well: what suffers, since when, the causes with evidence, and what to do')
    .option('--resource <kind/namespace/name>', 'only what concerns this resource')
    .option('--json', 'the incidents as JSON')
    .addOption(
      new Option('--fail-on <severity>', 'exit with 1 when there is an incident of this severity or worse').choices([
        'critical',
        'warning',
      ]),
    )
    .addHelpText(
      'after',
      `
Examples:
  kube-kg explain demo/shop.jsonl.gz
  kube-kg explain demo/shop.jsonl.gz --resource Deployment/payments/payments-api --json
  kube-kg explain --context prod --fail-on critical`,
    )
    .action(async (files: readonly string[], options: ExplainOptions) => {
      const file = files.length === 0 ? undefined : files;
      const read = await readEstate(configFrom(options, io), { file, at: options.at }, io);
      const { view } = read.pipeline;
      const concerns = options.resource === undefined ? undefined : resourceFrom({ view }, options.resource);
      const explanation = explanationOf(read.estate, concerns);
      const asText = options.json !== true && io.terminal.stdout;
      await print(
        io.stdout,
        asText ? explanationLines(explanation, pageOf(io, 'stdout')) : [JSON.stringify(explanation), '\n'],
      );
      const code = reportFaults(read, options, io);
      done(code === exitCodes.done && fails(explanation, options.failOn) ? exitCodes.no : code);
    });
}

function fails({ incidents }: Explanation, failOn: ExplainOptions['failOn']): boolean {
  if (failOn === undefined) return false;
  return incidents.some(({ severity }) => severity === 'critical' || severity === failOn);
}
