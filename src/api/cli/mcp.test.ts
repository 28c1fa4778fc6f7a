/** `kube-kg mcp` as a client starts it: a process that speaks the protocol over standard input and output. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { openEstate } from '../../../test/support/api-estate.ts';
import { openSqlite } from '../../sinks/history/sqlite.ts';
import { HistoryWriter } from '../../sinks/history/writer.ts';

const window = { start_time: '2026-11-21T14:28:00Z', end_time: '2026-11-21T14:31:00Z' };

async function started(...args: string[]): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  const command = ['src/main.ts', 'mcp', ...args];
  await client.connect(new StdioClientTransport({ command: process.execPath, args: command, stderr: 'pipe' }));
  return client;
}

const textOf = (result: Awaited<ReturnType<Client['callTool']>>): string =>
  (result.content as { text: string }[])[0]?.text ?? '';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs it with this input, which then ends. */
async function run(args: readonly string[], input: string, environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, ['src/main.ts', 'mcp', ...args], { stdio: 'pipe', env });
  child.stdin.end(input);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: child.exitCode, out, err };
}

const line = (message: object): string => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;

test('MCP22 a recording is asked over standard input and output', async () => {
  const client = await started('--file', 'demo/shop.jsonl.gz');
  assert.deepEqual(client.getServerVersion()?.name, 'kube-kg');
  const changes = await client.callTool({ name: 'analyze_recent_changes', arguments: window });
  assert.match(textOf(changes), /Secret\/payments\/db-credentials/);
  const query = 'MATCH (s:Secret {namespace: "payments"}) RETURN s.name ORDER BY s.name';
  const now = await client.callTool({ name: 'kubekg_query', arguments: { query } });
  const then = await client.callTool({ name: 'kubekg_query', arguments: { query, at: '90s' } });
  assert.doesNotMatch(textOf(now), /db-credentials/);
  assert.match(textOf(then), /db-credentials/);
  await client.close();
});

test('MCP22 standard output carries the protocol alone, and what was asked is answered after the input has ended', async () => {
  const input = `${line({ id: 1, method: 'tools/list' })}not json\n${line({ id: 2, method: 'tools/call', params: { name: 'check_pod_issues', arguments: window } })}`;
  const { code, out, err } = await run(['--file', 'demo/shop.jsonl.gz'], input);
  assert.equal(code, 0);
  const answers = out
    .trimEnd()
    .split('\n')
    .map((each) => JSON.parse(each) as { id: number; result: object });
  assert.deepEqual(answers.map(({ id }) => id).sort(), [1, 2]);
  assert.match(err, /warning: /);
});

test('MCP22 what cannot be opened is told on standard error, with its exit code', async () => {
  const nowhere = await run(['--server', 'http://127.0.0.1:9'], '');
  assert.deepEqual([nowhere.code, nowhere.out], [3, '']);
  assert.match(nowhere.err, /No kube-kg answers at http:\/\/127\.0\.0\.1:9/);
  const dash = await run(['--file', '-'], '');
  assert.equal(dash.code, 2);
  assert.match(dash.err, /standard input carries the protocol/);
  const missing = await run(['--history', '/nonexistent/history.db'], '');
  assert.equal(missing.code, 3);
});

test('MCP25 an empty history is asked as it is: nothing is known, and no cluster is looked at', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'kube-kg-mcp-'));
  const file = join(directory, 'history.db');
  const database = openSqlite(file);
  await HistoryWriter.open(database);
  await database.close();
  // Whoever looked at a cluster would fail here.
  const input = line({ id: 1, method: 'tools/call', params: { name: 'kubekg_counts', arguments: {} } });
  const { code, out, err } = await run(['--history', file], input, { KUBECONFIG: join(directory, 'nothing') });
  await rm(directory, { recursive: true });
  assert.deepEqual([code, err], [0, '']);
  const answer = JSON.parse(out) as { result: { isError?: true } };
  assert.equal(answer.result.isError, undefined, out);
});

test('MCP23 a running kube-kg is asked through it, with its token, and its end is told', async () => {
  const { api } = await openEstate({ token: 'let-me-in' });
  const url = await api.listen();
  const refused = await run(['--server', url], '');
  assert.equal(refused.code, 3);
  assert.match(refused.err, /no token was given/);
  const client = await started('--server', url, '--token', 'let-me-in');
  const { tools } = await client.listTools();
  assert.ok(tools.some(({ name }) => name === 'kubekg_impact'));
  const impact = await client.callTool({ name: 'kubekg_impact', arguments: { resource: 'ConfigMap/shop/settings' } });
  assert.match(textOf(impact), /Pod\/shop\/web-1/);
  await assert.rejects(client.callTool({ name: 'nothing', arguments: {} }), /no tool is called/);
  await api.close();
  await assert.rejects(client.callTool({ name: 'kubekg_counts', arguments: {} }), /the running kube-kg did not answer/);
  await client.close();
});
