/** `kube-kg explain`: why something is not well, from a recording, one look at live clusters, a history or a running kube-kg. */
import { type Command, Option } from 'commander';
import { concernsOf, type Explanation, explainOperation, explanationOf } from '../../operations/explain.ts';
import { perform } from '../../operations/operation.ts';
import { readEstate } from '../../program/estate-input.ts';
import { lastInstant } from '../../program/past-answers.ts';
import { pastOfHistory } from '../../program/past-input.ts';
import { fileArgument, reportFaults } from './input.ts';
import { exitCodes, type Io, pageOf, print } from './io.ts';
import {
  asksHistory,
  configFrom,
  configWithHistory,
  type SharedOptions,
  withConfig,
  withHistory,
  withRecording,
} from './options.ts';
import { ask } from './remote.ts';
import { explanationLines } from './text/explanation.ts';

interface ExplainOptions extends SharedOptions {
  readonly file?: string;
  readonly json?: boolean;
  readonly resource?: string;
  readonly failOn?: 'critical' | 'warning';
  readonly server?: string;
  readonly token?: string;
}

interface Answer {
  readonly explanation: Explanation;
  readonly code: number;
}

export function explainCommand(program: Command, io: Io, done: (code: number) => void): void {
  withHistory(withConfig(withRecording(program.command('explain').argument(...fileArgument))))
    .description('say why something is not well: the causes, with evidence, and what to do')
    .option('--resource <kind/namespace/name>', 'only what concerns this resource')
    .option('--json', 'the incidents as JSON')
    .addOption(
      new Option('--fail-on <severity>', 'exit with 1 when there is an incident of this severity or worse').choices([
        'critical',
        'warning',
      ]),
    )
    .option('--file <file>', 'the same as FILE')
    .option('--server <url>', 'a running kube-kg, for example http://127.0.0.1:8080')
    .option('--token <token>', 'bearer token of that server (or KG_SERVER_TOKEN)')
    .addHelpText(
      'after',
      `
Examples:
  kube-kg explain demo/shop.jsonl.gz
  kube-kg explain demo/shop.jsonl.gz --resource Deployment/payments/payments-api --json
  kube-kg explain demo/shop.jsonl.gz --at 2026-11-21T14:29:45Z
  kube-kg explain --context prod --fail-on critical
  kube-kg explain --server http://127.0.0.1:8080 --at 15m`,
    )
    .action(async (files: readonly string[], options: ExplainOptions) => {
      const { explanation, code } = await answerTo(
        options.file === undefined ? files : [options.file, ...files],
        options,
        io,
      );
      const asText = options.json !== true && io.terminal.stdout;
      await print(
        io.stdout,
        asText ? explanationLines(explanation, pageOf(io, 'stdout')) : [JSON.stringify(explanation), '\n'],
      );
      done(code === exitCodes.done && fails(explanation, options.failOn) ? exitCodes.no : code);
    });
}

async function answerTo(files: readonly string[], options: ExplainOptions, io: Io): Promise<Answer> {
  const { server, resource, at } = options;
  const question = { ...(resource !== undefined && { resource }), ...(at !== undefined && { at }) };
  if (server !== undefined) {
    const token = options.token ?? io.environment['KG_SERVER_TOKEN'];
    const explanation = (await ask(explainOperation, question, { server, token, stop: io.stop })) as Explanation;
    return { explanation, code: exitCodes.done };
  }
  if (files.length === 0 && asksHistory(options)) return fromHistory(question, options, io);
  const read = await readEstate(configFrom(options, io), { file: files.length === 0 ? undefined : files, at }, io);
  const concerns = resource === undefined ? undefined : concernsOf({ view: read.pipeline.view }, resource);
  return { explanation: explanationOf(read.estate, concerns), code: reportFaults(read, options, io) };
}

async function fromHistory(question: { readonly at?: string }, options: ExplainOptions, io: Io): Promise<Answer> {
  const { context, close } = await pastOfHistory(configWithHistory(options, io), io.now);
  try {
    const at = question.at ?? (await lastInstant(context.past.history));
    const explanation = (await perform(explainOperation, context, {
      ...question,
      ...(at !== undefined && { at }),
    })) as Explanation;
    return { explanation, code: exitCodes.done };
  } finally {
    await close();
  }
}

function fails({ incidents }: Explanation, failOn: ExplainOptions['failOn']): boolean {
  if (failOn === undefined) return false;
  return incidents.some(({ severity }) => severity === 'critical' || severity === failOn);
}
