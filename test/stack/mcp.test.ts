/** The Model Context Protocol with the inspector's command line: a client that shares no code with the tests of the protocol's own kit. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { loopback, Runner, run } from './runner.ts';

/** Too large for a dependency (a web page, React, Vite): npx keeps it in its cache. */
const INSPECTOR = '@modelcontextprotocol/inspector@2.12.0';
const program = resolve(import.meta.dirname, '../../src/main.ts');
const recording = resolve(import.meta.dirname, '../../demo/shop.jsonl.gz');

interface Listed {
  readonly tools: readonly { readonly name: string; readonly annotations: { readonly readOnlyHint: boolean } }[];
}
interface Called {
  readonly content: readonly { readonly text: string }[];
  readonly isError?: boolean;
}

describe('the inspector of the Model Context Protocol', () => {
  let folder: string;
  let runner: Runner;
  let url: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kube-kg-mcp-'));
    const port = await loopback.port(0);
    url = `http://127.0.0.1:${port}`;
    runner = new Runner(folder, loopback, false);
    const argv = [process.execPath, program, 'serve', recording, '--port', String(port)];
    await runner.start({ name: 'serve', argv, ready: async () => (await fetch(`${url}/healthz/ready`)).ok });
  });
  after(async () => {
    await runner?.stop('serve');
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  const inspect = async <T>(...args: readonly string[]): Promise<T> => {
    const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`;
    return JSON.parse(
      await run(['npx', '--yes', INSPECTOR, '--cli', ...args], { cwd: folder, env: { PATH: path } }),
    ) as T;
  };

  it('MCP24 lists and calls the tools over both transports, with the same answers', async () => {
    const transports = [
      [process.execPath, program, 'mcp', '--file', recording],
      [`${url}/mcp`, '--transport', 'http'],
    ];
    const answers: string[] = [];
    for (const transport of transports) {
      const { tools } = await inspect<Listed>(...transport, '--method', 'tools/list');
      assert.ok(tools.length > 20 && tools.every(({ annotations }) => annotations.readOnlyHint));
      const call = ['--method', 'tools/call', '--tool-name', 'analyze_recent_changes'];
      const window = ['--tool-arg', 'start_time=2026-11-21T14:28:00Z', '--tool-arg', 'end_time=2026-11-21T14:30:30Z'];
      const { content, isError } = await inspect<Called>(...transport, ...call, ...window);
      assert.notEqual(isError, true);
      assert.match(content[0]?.text ?? '', /Secret\/payments\/db-credentials/);
      answers.push(content[0]?.text ?? '');
    }
    assert.equal(answers[0], answers[1]);
    const { resourceTemplates } = await inspect<{ resourceTemplates: object[] }>(
      ...(transports[1] ?? []),
      '--method',
      'resources/templates/list',
    );
    assert.equal(resourceTemplates.length, 4);
    const { prompts } = await inspect<{ prompts: object[] }>(...(transports[1] ?? []), '--method', 'prompts/list');
    assert.equal(prompts.length, 4);
  });
});
