/**
 * The table of operations as commands: `kube-kg impact ConfigMap/shop/settings --file incident.jsonl.gz`.
 * A question is asked of a recording, of one look at live clusters, or (`--server`) of a running kube-kg.
 */
import type { Command } from 'commander';
import { z } from 'zod';
import { Problem } from '../../model/problem.ts';
import { inputFromStrings } from '../../operations/from-strings.ts';
import { operations } from '../../operations/index.ts';
import { type Operation, validInput } from '../../operations/operation.ts';
import { show } from './answers.ts';
import { lookAt, reportFaults } from './input.ts';
import { exitCodes, type Io } from './io.ts';
import { repeated, type SharedOptions, withConfig, withRecording } from './options.ts';
import { ask } from './remote.ts';

interface QuestionOptions extends SharedOptions {
  readonly file?: string;
  readonly server?: string;
  readonly token?: string;
  readonly json?: boolean;
  readonly param?: readonly string[];
  readonly [option: string]: unknown;
}

/** Inputs given without a name, besides those of the route. */
const extraPositions: Readonly<Record<string, readonly string[]>> = { query: ['query'] };

export function questionCommands(program: Command, io: Io, done: (code: number) => void): void {
  for (const operation of operations) questionCommand(program, operation, io, done);
}

function questionCommand(program: Command, operation: Operation, io: Io, done: (code: number) => void): void {
  const { name, description, input, examples } = operation;
  const positions = positionsOf(operation);
  const command = program.command(name).description(description.split('. ')[0] ?? description);
  for (const position of positions) command.argument(`<${position}>`, describe(input.shape[position]));
  for (const [key, schema] of Object.entries(input.shape))
    if (!positions.includes(key)) addOption(command, key, schema as z.ZodType);
  command.option('--file <file>', 'ask a recording, or - for standard input; without it: the live clusters');
  withConfig(withRecording(command))
    .option('--server <url>', 'ask a running kube-kg, for example http://127.0.0.1:8080')
    .option('--token <token>', 'bearer token of that server (or KG_SERVER_TOKEN)')
    .option('--json', 'print JSON even on a terminal')
    .addHelpText('after', `\nExamples:\n${examples.map((example) => exampleLine(operation, example)).join('\n')}`)
    .action(async (...args: unknown[]) => {
      const values = args.slice(0, positions.length) as string[];
      const options = args[positions.length] as QuestionOptions;
      const texts = Object.fromEntries(positions.map((position, index) => [position, values[index]]));
      for (const key of Object.keys(input.shape))
        if (options[key] !== undefined) texts[key] = options[key] === true ? 'true' : (options[key] as string);
      const asked = inputFromStrings(operation, texts);
      if (options.param) asked['parameters'] = parametersFrom(options.param);
      done(await answer(operation, asked, options, io));
    });
}

/** An input as an option: lists and query parameters may be given several times; what is on by default can be turned off. */
function addOption(command: Command, key: string, schema: z.ZodType): void {
  const { type, default: standard } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const flag = flagOf(key);
  if (key === 'parameters')
    command.option('--param <name=value>', 'value of a $name in the query, as JSON or text; may be repeated', repeated);
  else if (type === 'boolean' && standard === true)
    command.option(flag.replace('--', '--no-'), `not ${describe(schema)}`);
  else if (type === 'boolean') command.option(flag, describe(schema));
  else if (type === 'array') command.option(`${flag} <list>`, describe(schema), repeated);
  else command.option(`${flag} <value>`, describe(schema));
}

/** Inputs that a command takes as arguments, in their order. */
export function positionsOf({ name, route }: Pick<Operation, 'name' | 'route'>): readonly string[] {
  return [...[...route.matchAll(/\{(\w+)(?:\.\.\.)?\}/g)].map(([, key = '']) => key), ...(extraPositions[name] ?? [])];
}

/** `maxDistance` → `--max-distance`. */
export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function describe(schema: unknown): string {
  return (schema as z.ZodType | undefined)?.description ?? '';
}

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
  return ['kube-kg', operation.name, ...positions.map((position) => quote(input[position])), ...options].join(' ');
}

function exampleLine(operation: Operation, { title, input }: Operation['examples'][number]): string {
  return `  ${exampleCommand(operation, input)} --file incident.jsonl.gz   # ${title}`;
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
  const input = validInput(operation, asked);
  if (options.server !== undefined) {
    const token = options.token ?? io.environment['KG_SERVER_TOKEN'];
    await show(operation, await ask(operation, asked, { server: options.server, token, stop: io.stop }), options, io);
    return exitCodes.done;
  }
  const looked = await lookAt(options.file, options, io);
  const code = reportFaults(looked, options, io);
  try {
    await show(operation, await operation.run(looked.context, input), options, io);
  } finally {
    looked.close();
  }
  return code;
}
