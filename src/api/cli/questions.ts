/**
 * The table of operations as commands: `kube-kg impact ConfigMap/shop/settings --file incident.jsonl.gz`.
 * A question is asked of a recording, of one look at a live cluster, or (`--server`) of a running kube-kg.
 */
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { z } from 'zod';
import { Problem } from '../../model/problem.ts';
import { inputFromStrings } from '../../operations/from-strings.ts';
import { operations } from '../../operations/index.ts';
import { JsonText, type Operation, validInput } from '../../operations/operation.ts';
import { contextOf } from './context.ts';
import { type InputOptions, openInput, reportFaults } from './input.ts';
import { exitCodes, type Io, print, table } from './io.ts';
import { ask } from './remote.ts';

interface QuestionOptions extends InputOptions {
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
  for (const [key, schema] of Object.entries(input.shape)) {
    if (positions.includes(key)) continue;
    if (key === 'parameters') command.option('--param <name=value...>', 'value of a $name in the query; JSON, or text');
    else command.option(optionFlags(key, schema as z.ZodType), describe(schema));
  }
  command
    .option('--file <file>', 'ask a recording, or - for standard input')
    .option('--at <time>', 'the graph at this instant (RFC 3339); recordings only')
    .option('--kubeconfig <file>', 'ask one look at a live cluster: its kubeconfig')
    .option('--context <name...>', 'ask one look at live clusters: kubeconfig context(s)')
    .option('--server <url>', 'ask a running kube-kg, for example http://127.0.0.1:8080')
    .option('--token <token>', 'bearer token of that server (or KG_SERVER_TOKEN)')
    .option('--config <file>', 'configuration file')
    .option('--json', 'print JSON even on a terminal')
    .addHelpText(
      'after',
      `\nExamples:\n${examples.map((example) => exampleLine(operation, positions, example)).join('\n')}`,
    )
    .action(async (...args: unknown[]) => {
      const values = args.slice(0, positions.length) as string[];
      const options = args[positions.length] as QuestionOptions;
      const texts = Object.fromEntries(positions.map((position, index) => [position, values[index]]));
      for (const key of Object.keys(input.shape))
        if (options[key] !== undefined) texts[key] = options[key] === true ? 'true' : (options[key] as string);
      const asked = inputFromStrings(operation, texts);
      if (options.param) asked['parameters'] = parametersFrom(options.param);
      await answer(operation, asked, options, io);
      done(exitCodes.done);
    });
}

function positionsOf({ name, route }: Operation): readonly string[] {
  return [...[...route.matchAll(/\{(\w+)(?:\.\.\.)?\}/g)].map(([, key = '']) => key), ...(extraPositions[name] ?? [])];
}

function describe(schema: unknown): string {
  return (schema as z.ZodType | undefined)?.description ?? '';
}

function optionFlags(key: string, schema: z.ZodType): string {
  const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const { type } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as { type?: string };
  return type === 'boolean' ? `--${flag}` : type === 'array' ? `--${flag} <list>` : `--${flag} <value>`;
}

function exampleLine(
  { name }: Operation,
  positions: readonly string[],
  { title, input }: Operation['examples'][number],
): string {
  const parts = [`  kube-kg ${name}`];
  const quote = (value: unknown): string => {
    const text = typeof value === 'string' ? value : Array.isArray(value) ? value.join(',') : JSON.stringify(value);
    return /^[\w./:,@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
  };
  for (const position of positions) parts.push(quote((input as Record<string, unknown>)[position]));
  for (const [key, value] of Object.entries(input)) {
    if (positions.includes(key)) continue;
    if (key === 'parameters')
      parts.push(...Object.entries(value as object).map(([parameter, each]) => `--param ${parameter}=${quote(each)}`));
    else
      parts.push(
        `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}${value === true ? '' : ` ${quote(value)}`}`,
      );
  }
  return `${parts.join(' ')} --file incident.jsonl.gz   # ${title}`;
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

async function answer(
  operation: Operation,
  asked: Record<string, unknown>,
  options: QuestionOptions,
  io: Io,
): Promise<void> {
  if (options.server !== undefined) {
    const token = options.token ?? io.environment['KG_SERVER_TOKEN'];
    await show(operation, await ask(operation, asked, { server: options.server, token, stop: io.stop }), options, io);
    return;
  }
  const input = validInput(operation, asked);
  const opened = await openInput(options.file, options, io);
  reportFaults(opened, io);
  const context = contextOf(opened.pipeline, opened.config);
  try {
    await show(operation, await operation.run(context, input), options, io);
  } finally {
    context.close();
  }
}

async function show({ name }: Operation, value: unknown, { json }: QuestionOptions, io: Io): Promise<void> {
  if (value instanceof JsonText) return print(io.stdout, value.pieces);
  if (json || !io.terminal.stdout) return print(io.stdout, [`${JSON.stringify(value, null, 2)}\n`]);
  if (name === 'query') return print(io.stdout, [rowsText(value as QueryAnswer)]);
  return print(io.stdout, [stringify(value, { lineWidth: 160 })]);
}

interface QueryAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
  readonly elapsedMs: number;
}

function rowsText({ columns, rows, truncated, elapsedMs }: QueryAnswer): string {
  const cells = rows.map((row) => row.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))));
  return `${table([columns, ...cells])}\n(${rows.length} row${rows.length === 1 ? '' : 's'}${truncated ? ', cut at the limit' : ''}, ${Math.round(elapsedMs)} ms)\n`;
}
