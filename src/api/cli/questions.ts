/**
 * The table of operations as commands: `kube-kg impact Node/worker-1 --file demo/shop.jsonl.gz`.
 * A question is asked of a recording, of one look at live clusters, or (`--server`) of a running kube-kg.
 */
import { type Command, Option } from 'commander';
import { z } from 'zod';
import { Problem } from '../../model/problem.ts';
import { operations } from '../../operations/index.ts';
import { type Operation, perform, validInput } from '../../operations/operation.ts';
import { inputFromStrings } from '../../operations/shared/from-strings.ts';
import { readEstate } from '../../program/estate-input.ts';
import { lastInstant } from '../../program/past-answers.ts';
import { pastOfHistory, pastOfRecording } from '../../program/past-input.ts';
import { scorerOf } from '../../program/scorer.ts';
import { type Chosen, forms, show } from './answers.ts';
import { recordingFaults, reportFaults, snapshotOf } from './input.ts';
import { exitCodes, type Io } from './io.ts';
import {
  asksHistory,
  configFrom,
  configWithHistory,
  repeated,
  type SharedOptions,
  withConfig,
  withHistory,
  withRecording,
} from './options.ts';
import { ask } from './remote.ts';

interface QuestionOptions extends SharedOptions, Chosen {
  readonly file?: string;
  readonly server?: string;
  readonly token?: string;
  readonly param?: readonly string[];
  readonly [option: string]: unknown;
}

/** Inputs given without a name, besides those of the route. */
const extraPositions: Readonly<Record<string, readonly string[]>> = {
  query: ['query'],
  remediate: ['action', 'resource'],
};

/** Operations with a command of their own. */
const OWN_COMMANDS: ReadonlySet<string> = new Set(['explain']);

export function questionCommands(program: Command, io: Io, done: (code: number) => void): void {
  for (const operation of operations)
    if (!OWN_COMMANDS.has(operation.name)) questionCommand(program, operation, io, done);
}

function questionCommand(program: Command, operation: Operation, io: Io, done: (code: number) => void): void {
  const { name, title, description, input, examples } = operation;
  const positions = positionsOf(operation);
  const [sentence = description] = description.replace(/\.$/, '').split('. ');
  const told = sentence.slice(0, 1).toLowerCase() + sentence.slice(1);
  const command = program.command(name).description(told).summary(summaryOf(told, title));
  const help = (key: string): string => helpOf(input, key);
  for (const position of positions) command.argument(`<${position}>`, help(position));
  command.optionsGroup('What to ask:');
  for (const [key, schema] of Object.entries(input.shape))
    if (!positions.includes(key) && key !== 'at') addOption(command, key, schema as z.ZodType, help(key));
  command
    .optionsGroup('Where to ask:')
    .option('--file <file>', 'a recording, or - for standard input; without it: the live clusters');
  const asking = withConfig(withRecording(command, Object.hasOwn(input.shape, 'at') ? 'history' : 'never'));
  // What is asked of the present alone, a history cannot tell.
  (operation.about === 'present' ? asking : withHistory(asking))
    .option('--server <url>', 'a running kube-kg, for example http://127.0.0.1:8080')
    .option('--token <token>', 'bearer token of that server (or KG_SERVER_TOKEN)')
    .optionsGroup('Answer:')
    .addOption(new Option('-o, --output <form>', 'default: text on a terminal, JSON elsewhere').choices(forms))
    .option('--json', 'the same as -o json')
    .optionsGroup('Help:')
    .helpOption('-h, --help', 'this text')
    .addHelpText('after', `\nExamples:\n${examples.map((example) => exampleLines(operation, example)).join('\n')}`)
    .action(async (...args: unknown[]) => {
      const values = args.slice(0, positions.length) as string[];
      const options = args[positions.length] as QuestionOptions;
      const texts = Object.fromEntries(positions.map((position, index) => [position, values[index]]));
      for (const key of Object.keys(input.shape)) {
        if (key === 'at') continue;
        const given = options[attributeOf(key)];
        if (given !== undefined) texts[key] = typeof given === 'boolean' ? String(given) : (given as string);
      }
      const asked = inputFromStrings(operation, texts);
      if (options.param) asked['parameters'] = parametersFrom(options.param);
      done(await answer(operation, asked, options, io));
    });
}

const SUMMARY_MAX = 78;

/** What fits into a line of a list: a sentence up to its colon, else some of its clauses, or the title where that says more. */
function summaryOf(sentence: string, title: string): string {
  const [clause = ''] = sentence.replaceAll(/ \(`.*?\)|`/g, '').split(': ');
  if (clause.length <= SUMMARY_MAX) return clause;
  const some = clause.slice(0, Math.max(0, clause.lastIndexOf(', ', SUMMARY_MAX)));
  return some.length > title.length ? some : title.slice(0, 1).toLowerCase() + title.slice(1);
}

interface Property {
  readonly type?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly items?: Property;
}

/** An input as an option: lists and query parameters may be given several times; what is on by default can be turned off. */
function addOption(command: Command, key: string, schema: z.ZodType, help: string): void {
  const {
    type,
    default: standard,
    enum: values,
    items,
  } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Property;
  const flag = flagOf(key);
  if (key === 'parameters')
    command.option('--param <name=value>', 'value of a $name in the query, as JSON or text; may be repeated', repeated);
  else if (type === 'boolean' && standard === true) command.option(flag.replace('--', '--no-'), without(help));
  else if (type === 'boolean') command.option(flag, help);
  else {
    const known = values ?? items?.enum;
    const choices = known === undefined ? '' : `: ${known.join(', ')}`;
    const fallback = standard === undefined ? '' : ` (default: ${standard})`;
    const form = type === 'array' ? 'list' : type === 'integer' || type === 'number' ? 'number' : 'text';
    if (type === 'array') command.option(`${flag} <${form}>`, `${help}${choices}`, repeated);
    else command.option(`${flag} <${form}>`, `${help}${choices}${fallback}`);
  }
}

/** What an input does, turned into what its absence does: `also what is computed` → `leave out what is computed`. */
function without(help: string): string {
  return /\balso\b/.test(help) ? help.replace(/\balso\b/, 'leave out') : `leave out: ${help}`;
}

/** What an input means, other inputs called by their options. */
function helpOf({ shape }: z.ZodObject, key: string): string {
  const { description = '' } = (shape[key] as z.ZodType | undefined) ?? {};
  return description
    .replaceAll(/the `([\w-]+)` operation/g, '"kube-kg $1"')
    .replaceAll(/`(\w+)`/g, (quoted, word: string) => (Object.hasOwn(shape, word) ? flagOf(word) : quoted));
}

/** Inputs that a command takes as arguments, in their order. */
export function positionsOf({ name, route }: Pick<Operation, 'name' | 'route'>): readonly string[] {
  return [...[...route.matchAll(/\{(\w+)(?:\.\.\.)?\}/g)].map(([, key = '']) => key), ...(extraPositions[name] ?? [])];
}

/** `maxDistance` → `--max-distance`, `force_refresh` → `--force-refresh`. */
export function flagOf(key: string): string {
  return `--${key.replaceAll('_', '-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Under which name the command line hands on the value of an option: `force_refresh` → `forceRefresh`. */
function attributeOf(key: string): string {
  return key.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Examples are about the recording that ships with the program, so that they can be tried as they stand. */
const EXAMPLE = '--file demo/shop.jsonl.gz';

/** An example of an operation as a command. */
export function exampleCommand(operation: Operation, input: Readonly<Record<string, unknown>>): string {
  const positions = positionsOf(operation);
  const quote = (value: unknown): string => {
    const text = typeof value === 'string' ? value : Array.isArray(value) ? value.join(',') : JSON.stringify(value);
    return /^[\w./:,@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
  };
  const options = Object.entries(input).flatMap(([key, value]) => {
    if (positions.includes(key)) return [];
    if (key === 'parameters')
      return Object.entries(value as object).map(([name, of]) => `--param ${name}=${quote(of)}`);
    if (typeof value === 'boolean') return [value ? flagOf(key) : flagOf(key).replace('--', '--no-')];
    return [`${flagOf(key)} ${quote(value)}`];
  });
  return ['kube-kg', operation.name, ...positions.map((position) => quote(input[position])), ...options, EXAMPLE].join(
    ' ',
  );
}

function exampleLines(operation: Operation, { title, input }: Operation['examples'][number]): string {
  return `  # ${title}\n  ${exampleCommand(operation, input)}`;
}

/** `name=value`, the value as JSON where it is JSON, else as text. */
function parametersFrom(params: readonly string[]): Record<string, unknown> {
  const parameters: Record<string, unknown> = {};
  for (const param of params) {
    const at = param.indexOf('=');
    if (at < 1) throw new Problem('invalid-input', `--param ${param}: write it as name=value.`);
    const text = param.slice(at + 1);
    try {
      parameters[param.slice(0, at)] = JSON.parse(text);
    } catch {
      parameters[param.slice(0, at)] = text;
    }
  }
  return parameters;
}

/** Asks and prints. Returns the exit code. */
async function answer(
  operation: Operation,
  asked: Record<string, unknown>,
  options: QuestionOptions,
  io: Io,
): Promise<number> {
  const { server, file, at } = options;
  const question = { ...asked, ...(at !== undefined && { at }) };
  const { at: _, ...input } = validInput(operation, question);
  if (server !== undefined) {
    const token = options.token ?? io.environment['KG_SERVER_TOKEN'];
    await show(operation, await ask(operation, question, { server, token, stop: io.stop }), options, io);
    return exitCodes.done;
  }
  const isAnywhen = operation.about === undefined;
  const isOfPast = operation.about === 'past' || operation.reads === 'history';
  if (isOfPast || (isAnywhen && file === undefined && asksHistory(options)))
    return answerOfPast(operation, input, options, io);
  if (operation.reads === 'estate') return answerOfEstate(operation, input, options, io);
  const snapshot = await snapshotOf(file, options, io, { concluded: operation.name === 'query' });
  const code = reportFaults(snapshot, options, io);
  try {
    await show(operation, await operation.run(snapshot.context, input), options, io);
  } finally {
    await snapshot.close();
  }
  return code;
}

/** Of a recording that is read as a whole, or of one look at live clusters. */
async function answerOfEstate(
  operation: Operation,
  input: Readonly<Record<string, unknown>>,
  options: QuestionOptions,
  io: Io,
): Promise<number> {
  const config = configFrom(options, io);
  const read = await readEstate(config, { file: options.file, at: options.at }, io);
  const scorer = scorerOf(config, () => performance.now());
  const context = { ...read.context, estate: read.estate, thresholds: config.detectors, scorer };
  const code = reportFaults(read, options, io);
  await show(operation, await operation.run(context, input), options, io);
  return code;
}

async function answerOfPast(
  operation: Operation,
  input: Readonly<Record<string, unknown>>,
  options: QuestionOptions,
  io: Io,
): Promise<number> {
  const { file, at } = options;
  const config = configWithHistory(options, io);
  const { context, report, close } = await (file === undefined
    ? pastOfHistory(config, io.now)
    : pastOfRecording(config, { file }, io));
  try {
    for (const fault of recordingFaults(report)) io.stderr.write(`warning: ${fault}\n`);
    const last = operation.about === undefined ? await lastInstant(context.past.history) : undefined;
    const moment = at ?? last;
    const asked = { ...input, ...(moment !== undefined && { at: moment }) };
    await show(operation, await perform(operation, context, asked), options, io);
    return report?.badLines && options.strict ? exitCodes.usage : exitCodes.done;
  } finally {
    await close();
  }
}
