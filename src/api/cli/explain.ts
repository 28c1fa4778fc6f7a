/** `kube-kg explain`: why something is not well, from a recording, one look at live clusters, a history or a running kube-kg. */
import { type Command, Option } from 'commander';
import { Problem } from '../../model/problem.ts';
import { concernsOf, type Explanation, explainOperation, explanationOf } from '../../operations/explain.ts';
import { perform } from '../../operations/operation.ts';
import { readEstate } from '../../program/estate-input.ts';
import { lastInstant } from '../../program/past-answers.ts';
import { pastOfHistory } from '../../program/past-input.ts';
import { type Chosen, forms, show } from './answers.ts';
import { allIncidents, watchIncidents } from './explain-watch.ts';
import { fileArgument, reportFaults } from './input.ts';
import { exitCodes, type Io } from './io.ts';
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

interface ExplainOptions extends SharedOptions, Chosen {
  readonly file?: string;
  readonly resource?: string;
  readonly failOn?: 'critical' | 'warning';
  readonly server?: string;
  readonly token?: string;
  readonly watch?: boolean;
}

interface Answer {
  readonly explanation: Explanation;
  readonly code: number;
}

export function explainCommand(program: Command, io: Io, done: (code: number) => void): void {
  withHistory(withConfig(withRecording(program.command('explain').argument(...fileArgument))))
    .description('say why something is not well: the causes, with evidence, and what to do')
    .option('--resource <kind/namespace/name>', 'only what concerns this resource')
    .addOption(new Option('-o, --output <form>', 'default: text on a terminal, JSON elsewhere').choices(forms))
    .option('--json', 'the same as -o json')
    .addOption(
      new Option('--fail-on <severity>', 'exit with 1 when there is an incident of this severity or worse').choices([
        'critical',
        'warning',
      ]),
    )
    .option(
      '--watch',
      'tell what opens, changes and is resolved, a line each (with --json: NDJSON), until interrupted or --fail-on applies',
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
  kube-kg explain --server http://127.0.0.1:8080 --at 15m
  kube-kg explain --watch --server http://127.0.0.1:8080
  kube-kg explain --watch --context prod --fail-on critical`,
    )
    .action(async (files: readonly string[], options: ExplainOptions) => {
      if (options.watch) return done(await watch(files, options, io));
      const { explanation, code } = await answerTo(
        options.file === undefined ? files : [options.file, ...files],
        options,
        io,
      );
      await show(explainOperation, explanation, options, io);
      done(code === exitCodes.done && fails(explanation, options.failOn) ? exitCodes.no : code);
    });
}

async function watch(files: readonly string[], options: ExplainOptions, io: Io): Promise<number> {
  const { file, at, history, failOn } = options;
  if (files.length > 0 || file !== undefined || at !== undefined || typeof history === 'string')
    throw new Problem(
      'invalid-input',
      '--watch: what was does not change any more; watch a running kube-kg (--server) or live clusters (--context), without FILE, --at and --history.',
    );
  const token = options.token ?? io.environment['KG_SERVER_TOKEN'];
  const met = await watchIncidents({ ...options, token }, io, (incident) => fails({ incidents: [incident] }, failOn));
  return met ? exitCodes.no : exitCodes.done;
}

async function answerTo(files: readonly string[], options: ExplainOptions, io: Io): Promise<Answer> {
  const { server, resource, at } = options;
  const question = { ...(resource !== undefined && { resource }), ...(at !== undefined && { at }) };
  if (server !== undefined) {
    const token = options.token ?? io.environment['KG_SERVER_TOKEN'];
    const incidents = await allIncidents((page) =>
      ask(explainOperation, { ...question, ...page }, { server, token, stop: io.stop }),
    );
    return { explanation: whole(incidents), code: exitCodes.done };
  }
  if (files.length === 0 && asksHistory(options)) return fromHistory(question, options, io);
  const warn = (message: string): unknown => io.stderr.write(`warning: ${message}\n`);
  const origin = { file: files.length === 0 ? undefined : files, at };
  const config = configFrom(options, io);
  const read = await readEstate(config, origin, { ...io, warn });
  const concerns = resource === undefined ? undefined : concernsOf(read.context, resource);
  const explanation = explanationOf(read.estate, concerns, undefined, config.detectors);
  return { explanation, code: reportFaults(read, options, io) };
}

async function fromHistory(question: { readonly at?: string }, options: ExplainOptions, io: Io): Promise<Answer> {
  const { context, close } = await pastOfHistory(configWithHistory(options, io), io.now);
  try {
    const at = question.at ?? (await lastInstant(context.past.history));
    const asked = { ...question, ...(at !== undefined && { at }) };
    const incidents = await allIncidents((page) => perform(explainOperation, context, { ...asked, ...page }));
    return { explanation: whole(incidents), code: exitCodes.done };
  } finally {
    await close();
  }
}

function whole(incidents: readonly Explanation['incidents'][number][]): Explanation {
  return { incidents: [...incidents], healthy: incidents.length === 0 };
}

function fails({ incidents }: Pick<Explanation, 'incidents'>, failOn: ExplainOptions['failOn']): boolean {
  if (failOn === undefined) return false;
  return incidents.some(({ severity }) => severity === 'critical' || severity === failOn);
}
