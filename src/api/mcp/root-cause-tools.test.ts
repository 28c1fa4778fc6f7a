/** The tools about causes, as a model uses them through the SDK's client: it learns which to take, and gets bounded, readable text. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { demo, type ServedRecording, servedRecording } from '../../../test/support/served-recording.ts';
import { ANSWER_MAX } from './tool.ts';

let served: ServedRecording;
let client: Client;
before(async () => {
  served = await servedRecording(demo);
  client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', served.url)));
});
after(async () => {
  await client.close();
  await served.close();
});

async function text(name: string, input: Record<string, unknown>): Promise<string> {
  const { content, isError } = await client.callTool({ name, arguments: input });
  const [part] = content as { text: string }[];
  assert.notEqual(isError, true, part?.text);
  const said = part?.text ?? assert.fail('nothing was said');
  assert.ok(said.length <= ANSWER_MAX);
  assert.doesNotMatch(said, /^\s*["{}[\]]|undefined|\[object/m, 'it is text, not JSON');
  return said;
}

describe('tools about causes', () => {
  it('RW30 a model is told which question each is for', async () => {
    const said = client.getInstructions() ?? '';
    for (const name of ['explain', 'causes', 'episodes', 'impact', 'similar', 'trouble'])
      assert.match(said, new RegExp(`kubekg_${name}`));
    const { tools } = await client.listTools();
    const of = (name: string): string =>
      tools.find((tool) => tool.name === `kubekg_${name}`)?.description ?? assert.fail(name);
    assert.match(of('explain'), /Ask this first/);
    assert.match(of('causes'), /ask `explain`/);
    assert.match(of('similar'), /`explain`/);
  });

  it('RW30 explain says the cause, its evidence and what to do in text', async () => {
    const said = await text('kubekg_explain', { resource: 'Deployment/shop/checkout' });
    assert.match(said, /Secret\/payments\/db-credentials SecretDeleted/);
    assert.match(said, /kubectl /);
    assert.match(said, /\d\d %/);
  });

  it('RW30 what happened, what may have led to it and what is like it are tables that a model can follow from one to the next', async () => {
    const { structuredContent } = await client.callTool({
      name: 'kubekg_episodes',
      arguments: { severities: 'warning,error', limit: 1 },
    });
    const [last] = (structuredContent as { items: { name: string; at: string }[] }).items;
    assert.match(await text('kubekg_episodes', { severities: 'warning,error' }), /^TIME +SEVERITY +RESOURCE/m);
    assert.match(await text('kubekg_causes', { event: last?.name }), /Failed of Pod\/payments\//);
    assert.match(await text('kubekg_causes', { event: last?.name, minConfidence: '0.99' }), /no earlier event/);
    assert.match(await text('kubekg_similar', { event: last?.name }), /Unhealthy/);
    assert.match(await text('kubekg_similar', { text: 'zebra' }), /nothing like it/);
    assert.match(await text('kubekg_impact', { resource: 'Service/payments/payments-api' }), /shop\/checkout/);
  });
});
