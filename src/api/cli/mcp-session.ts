/**
 * A session of the Model Context Protocol over standard input and output, answered here or handed on to a running kube-kg. Standard output carries the
 * protocol and nothing else. Ends when its input ends, once everything that was asked is answered.
 */
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  ErrorCode,
  isInitializedNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
} from '@modelcontextprotocol/sdk/types.js';
import { Problem, problemFrom } from '../../model/problem.ts';
import { listClusters } from '../../operations/list-clusters.ts';
import type { Context } from '../../operations/operation.ts';
import { pastSnapshot } from '../../program/open.ts';
import { pastOfHistory, pastOfRecording } from '../../program/past-input.ts';
import { program as self } from '../../program/version.ts';
import { MCP_PATH } from '../mcp/http.ts';
import { mcpServer } from '../mcp/server.ts';
import { recordingFaults } from './input.ts';
import type { Io } from './io.ts';
import type { McpCommandOptions } from './mcp.ts';
import { configFrom, configWithHistory } from './options.ts';
import { ask } from './remote.ts';

/** Answers from what is read here. */
export async function local(options: McpCommandOptions, io: Io): Promise<void> {
  if (options.file === '-')
    throw new Problem('invalid-input', '--file -: standard input carries the protocol; give the name of a recording.');
  const { context, close } = await contextOf(options, io);
  const server = mcpServer({ version: self.version, context: () => context });
  try {
    await conversation(io, async (client) => {
      await server.connect(client);
      return () => server.close();
    });
  } finally {
    await close();
  }
}

/** The present is the last instant that is known; of a history that knows none, there is nothing. */
async function contextOf(
  { file, at, ...options }: McpCommandOptions,
  io: Io,
): Promise<{ context: Context; close(): Promise<void> }> {
  const config = configWithHistory(options, io);
  let end: number | undefined;
  const surroundings = { ...io, now: () => end ?? io.now() };
  const past = await (file === undefined
    ? pastOfHistory(config, io.now)
    : pastOfRecording(config, { file, at }, surroundings));
  const last = (await past.context.past.history.extent())?.to;
  if (file !== undefined && last !== undefined) end = Date.parse(last) + 1;
  for (const fault of recordingFaults(past.report)) io.stderr.write(`warning: ${fault}\n`);
  const present = file === undefined && last !== undefined ? await pastSnapshot(config, at, io) : undefined;
  return {
    context: { ...(present ?? past).context, past: past.context.past },
    async close() {
      await present?.close();
      await past.close();
    },
  };
}

/** Hands everything on to a running kube-kg, which answers over HTTP. */
export async function bridge(options: McpCommandOptions, io: Io): Promise<void> {
  const { host, port, token: configured } = configFrom(options, io).server;
  const server =
    options.server ?? io.environment['AUDIT_API_URL'] ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const token = options.token ?? io.environment['KG_SERVER_TOKEN'] ?? configured;
  // Whoever starts a client wants to know at once that nobody is there, or that the token is not right.
  await ask(listClusters, {}, { server, token, stop: io.stop });
  const remote = new StreamableHTTPClientTransport(new URL(MCP_PATH, server), {
    requestInit: token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
  });
  await conversation(io, async (client) => {
    remote.onmessage = (message: JSONRPCMessage) => {
      if (isJSONRPCResultResponse(message) && typeof message.result['protocolVersion'] === 'string')
        remote.setProtocolVersion(message.result['protocolVersion']);
      void client.send(message);
    };
    const heard = client.onmessage;
    client.onmessage = (message, extra) => {
      heard?.(message, extra);
      // Servers may open a stream for what they tell of their own accord when they hear this; ours has none.
      if (!isInitializedNotification(message)) void handOn(message, remote, client);
    };
    await remote.start();
    await client.start();
    return () => remote.close();
  });
}

async function handOn(message: JSONRPCMessage, remote: Transport, client: Transport): Promise<void> {
  try {
    await remote.send(message);
  } catch (error) {
    if (!isJSONRPCRequest(message)) return;
    const text = `the running kube-kg did not answer: ${problemFrom(error).message}`;
    await client.send({ jsonrpc: '2.0', id: message.id, error: { code: ErrorCode.InternalError, message: text } });
  }
}

/** For what was asked to be answered after the input has ended. */
const FAREWELL_MS = 30_000;

/** Speaks over standard input and output until the input ends or the process is stopped. */
async function conversation(io: Io, begin: (client: Transport) => Promise<() => Promise<void>>): Promise<void> {
  const client = new StdioServerTransport(io.stdin, io.stdout);
  const waiting = new Set<string | number>();
  let quiet: () => void = () => undefined;
  client.onmessage = (message) => {
    if (isJSONRPCRequest(message)) waiting.add(message.id);
  };
  const send = client.send.bind(client);
  client.send = async (message) => {
    await send(message);
    if ('id' in message && message.id !== undefined && !('method' in message)) waiting.delete(message.id);
    if (waiting.size === 0) quiet();
  };
  client.onerror = ({ message }) => io.stderr.write(`warning: ${message}\n`);
  const ended = new Promise<void>((resolve) => {
    for (const event of ['end', 'close']) io.stdin.once(event, () => resolve());
    if (io.stop.aborted) resolve();
    io.stop.addEventListener('abort', () => resolve(), { once: true });
  });
  const end = await begin(client);
  await ended;
  if (waiting.size > 0 && !io.stop.aborted) {
    const answered = new Promise<void>((resolve) => {
      quiet = resolve;
    });
    const patience = AbortSignal.any([io.stop, AbortSignal.timeout(FAREWELL_MS)]);
    await Promise.race([
      answered,
      new Promise<void>((resolve) => patience.addEventListener('abort', () => resolve(), { once: true })),
    ]);
  }
  await end();
  await client.close();
}
