/** `kube-kg mcp`: the Model Context Protocol on standard input and output, about a running kube-kg, a recording or a history. */
import type { Command } from 'commander';
import { apart } from './apart.ts';
import { exitCodes, type Io } from './io.ts';
import { asksHistory, type SharedOptions, withHistory, withRecording, withSettings } from './options.ts';

export interface McpCommandOptions extends SharedOptions {
  readonly file?: string;
  readonly server?: string;
  readonly token?: string;
}

export function mcpCommand(program: Command, io: Io, done: (code: number) => void): void {
  const command = program.command('mcp').option('--file <file>', 'a recording instead of a running kube-kg');
  apart(withHistory(withSettings(withRecording(command))), {
    'a running kube-kg': ['--server'],
    'what was, of a recording or a history': ['--at'],
  })
    .description('answer a model over the Model Context Protocol, on standard input and output')
    .option(
      '--server <url>',
      'a running kube-kg; default: the one that the configuration describes, http://127.0.0.1:8080',
    )
    .option('--token <token>', 'bearer token of that server (or KG_SERVER_TOKEN)')
    .addHelpText(
      'after',
      `
A running kube-kg offers the same over HTTP, at /mcp. How clients are told: docs/reference/mcp.md

Examples:
  kube-kg mcp
  kube-kg mcp --server http://127.0.0.1:9000
  kube-kg mcp --file demo/shop.jsonl.gz`,
    )
    .action(async (options: McpCommandOptions) => {
      // Loaded when it is needed: the protocol costs every other command a sixth of a second.
      const { bridge, local } = await import('./mcp-session.ts');
      await (options.file !== undefined || asksHistory(options) ? local(options, io) : bridge(options, io));
      done(exitCodes.done);
    });
}
