/** The protocol with the SDK's own client, over the recording of the demo: tools, resources, prompts, bounds, and what must not be told. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { object, openEstate } from '../../../test/support/api-estate.ts';
import { observed, observedIn } from '../../../test/support/observed.ts';
import { operations } from '../../operations/index.ts';
import type { Context } from '../../operations/operation.ts';
import { toolName } from './operation-tools.ts';
import { mcpServer, tools } from './server.ts';
import { ANSWER_MAX, type ToolResult } from './tool.ts';

const demo = await observedIn('demo/shop.jsonl.gz');
after(() => demo[Symbol.asyncDispose]());

async function clientOf(context: Context): Promise<Client> {
  const [here, there] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name: 'test', version: '1' });
  await mcpServer({ version: '0.0.0', context: () => context }).connect(there);
  await client.connect(here);
  return client;
}

const client = await clientOf(demo.context);
const call = async (name: string, input: Record<string, unknown> = {}, of: Client = client): Promise<ToolResult> =>
  (await of.callTool({ name, arguments: input })) as unknown as ToolResult;
const textOf = ({ content }: ToolResult): string => content.map(({ text }) => text).join('\n');
const window = { start_time: '2026-11-21T14:28:00Z', end_time: '2026-11-21T14:31:00Z' };

test('MCP1 every operation that only asks is a tool, and the six investigations; all say that they only read', async () => {
  const { tools: listed } = await client.listTools();
  const names = listed.map(({ name }) => name);
  const asking = operations.filter(({ acts }) => !acts);
  for (const { name } of asking) assert.ok(names.includes(toolName(name)), name);
  for (const name of [
    'check_node_health',
    'check_pod_issues',
    'check_volume_issues',
    'analyze_recent_changes',
    'investigate_pod_startup',
    'check_resource_limits',
  ])
    assert.ok(names.includes(name), name);
  assert.equal(names.length, asking.length + 6);
  for (const { name, title, description, inputSchema, annotations } of listed) {
    assert.match(name, /^[a-z_]{3,60}$/);
    assert.ok(title && description && description.length < 1_000, name);
    assert.equal(inputSchema.type, 'object');
    assert.deepEqual(
      [annotations?.readOnlyHint, annotations?.destructiveHint, annotations?.openWorldHint],
      [true, false, false],
      name,
    );
  }
  assert.ok(
    JSON.stringify(listed).length < 58_000,
    `the list of tools has ${JSON.stringify(listed).length} characters`,
  );
  assert.match(client.getInstructions() ?? '', /Kind\/namespace\/name/);
});

test('MCP2 every example of every operation is answered as text with names, and as data', async () => {
  for (const { name, examples } of operations.filter(({ acts, live }) => !acts && !live)) {
    for (const { input } of examples) {
      const result = await call(toolName(name), input as Record<string, unknown>);
      assert.equal(result.isError, undefined, `${name}: ${textOf(result)}`);
      assert.ok(result.structuredContent, name);
      assert.ok(textOf(result).length > 10, name);
      assert.ok(textOf(result).length <= ANSWER_MAX + 500, `${name} has ${textOf(result).length} characters`);
      assert.ok(JSON.stringify(result.structuredContent).length <= ANSWER_MAX + 500, name);
    }
  }
  const { structuredContent, ...trouble } = await call('kubekg_trouble');
  assert.match(textOf(trouble), /Secret payments\/db-credentials is missing/);
  assert.doesNotMatch(textOf(trouble), /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}/);
});

test('MCP2 text is taken for what is meant, as models write it, and `at` asks the past', async () => {
  const list = await call('kubekg_resources', { kinds: 'Pod,Secret', namespaces: 'payments', limit: '2' });
  assert.equal((list.structuredContent?.['items'] as unknown[] | undefined)?.length, 2);
  const secret = { resource: 'Secret/payments/db-credentials' };
  const missing = async (input: object): Promise<unknown> =>
    (await call('kubekg_resource', { ...secret, ...input })).structuredContent?.['missing'];
  assert.deepEqual([await missing({}), await missing({ at: '2026-11-21T14:29:00Z' })], [true, undefined]);
  assert.match(textOf(await call('kubekg_resource', { ...secret, at: '3d' })), /nothing was observed until/);
});

test('MCP3 problems are answers that say what to do', async () => {
  const near = await call('kubekg_impact', { resource: 'Deployment/payments/payment-api' });
  assert.equal(near.isError, true);
  assert.match(textOf(near), /did you mean Deployment\/payments\/payments-api/);
  assert.deepEqual([near.structuredContent?.['code'], near.structuredContent?.['retryable']], ['not-found', false]);
  assert.match(
    textOf(await call('kubekg_resources', { kind: 'Pod' })),
    /kind: no such parameter; did you mean kinds\?/,
  );
  assert.match(
    textOf(await call('kubekg_query', { query: 'MATCH (p:Pod) DELETE p' })),
    /DELETE writes, and queries may only read/,
  );
  await assert.rejects(call('kubekg_ressource'), /no tool is called "kubekg_ressource"; did you mean kubekg_resource/);
});

test('MCP4 long answers are cut between items with the way to the rest, and the pages make up the whole', async () => {
  const seen = new Set<unknown>();
  let input: Record<string, unknown> = {
    limit: 1_000,
    kinds: ['ClusterRole', 'ClusterRoleBinding', 'ServiceAccount', 'Pod'],
  };
  let pages = 0;
  for (; ; pages++) {
    const result = await call('kubekg_resources', input);
    const { items, next, total } = result.structuredContent as {
      items: { id: string }[];
      next?: string;
      total: number;
    };
    assert.ok(JSON.stringify(result.structuredContent).length <= ANSWER_MAX);
    for (const { id } of items) assert.ok(!seen.has(id) && seen.add(id));
    if (next === undefined) {
      assert.equal(seen.size, total);
      break;
    }
    assert.match(textOf(result), new RegExp(`more: call again with cursor "${next}"\\.`));
    input = { ...input, cursor: next };
  }
  assert.ok(pages > 1);
  const rows = await call('kubekg_query', {
    query: 'MATCH (n) RETURN n.name, n.kind, n.namespace, n.uid',
    limit: 5_000,
  });
  assert.match(textOf(rows), /Cut: \d+ of \d+ rows are shown/);
  assert.ok(JSON.stringify(rows.structuredContent).length <= ANSWER_MAX);
  const whole = await call('kubekg_export');
  assert.ok(JSON.stringify(whole.structuredContent).length <= ANSWER_MAX);
  assert.match(textOf(whole), /Cut: /);
});

test('MCP5 the story of the demo: what was deleted, what was rolled out and by whom, what cannot start, who suffers', async () => {
  const changes = textOf(await call('analyze_recent_changes', window));
  assert.match(changes, /2026-11-21T14:29:10Z Secret\/payments\/db-credentials/);
  assert.match(changes, /containers\[name=api\]\.image: ".*4\.1\.0" → ".*4\.2\.0", by kubectl-set/);
  const pods = textOf(await call('check_pod_issues', window));
  assert.match(
    pods,
    /Pod\/payments\/payments-api-\S+: container api waits in CreateContainerConfigError: secret "db-credentials" not found/,
  );
  assert.match(pods, /Pod\/shop\/checkout-\S+: container checkout runs and is no longer ready/);
  const startup = textOf(
    await call('investigate_pod_startup', {
      ...window,
      namespace: 'payments',
      pod_name: 'payments-api-f888fd97f-dk6wt',
    }),
  );
  assert.match(
    startup,
    /not ready at the end of the interval; container api waits in CreateContainerConfigError: secret "db-credentials" not found/,
  );
  for (const name of ['check_node_health', 'check_volume_issues', 'check_resource_limits'])
    assert.match(textOf(await call(name, window)), /^No .* found from/, name);
});

interface Told {
  readonly timeRange: { readonly start: string; readonly end: string };
  readonly eventCount: number;
  readonly note?: string;
  readonly events: readonly {
    readonly resourceType: string;
    readonly namespace: string;
    readonly resourceName: string;
    readonly verb: string;
    readonly objectChanges?: { readonly kind: string };
  }[];
  readonly [field: string]: unknown;
}

test('MCP6 resources are templates, and their addresses answer in the form that clients know', async () => {
  const { resourceTemplates } = await client.listResourceTemplates();
  assert.deepEqual(
    resourceTemplates.map(({ uriTemplate }) => uriTemplate),
    [
      'audit://events/{namespace}',
      'audit://events/{namespace}/{resource-type}',
      'audit://changes/{time-range}',
      'audit://node-events/{node-name}',
    ],
  );
  const read = async (uri: string): Promise<Told> => {
    const { contents } = await client.readResource({ uri });
    const [content] = contents as { uri: string; mimeType: string; text: string }[];
    assert.deepEqual([content?.uri, content?.mimeType], [uri, 'application/json']);
    assert.ok((content?.text.length ?? 0) < 2 * ANSWER_MAX, uri);
    return JSON.parse(content?.text ?? '');
  };
  const secrets = await read('audit://events/payments/secrets');
  assert.deepEqual([secrets['namespace'], secrets['resourceType']], ['payments', 'secrets']);
  assert.deepEqual(secrets.timeRange, { start: '2026-11-20T14:30:30.402Z', end: '2026-11-21T14:30:30.402Z' });
  assert.equal(secrets.eventCount, secrets.events.length);
  assert.deepEqual(secrets.events.at(-1)?.verb, 'delete');
  const all = await read('audit://events/shop');
  assert.ok(all.events.every(({ namespace }) => namespace === 'shop') && all.eventCount > all.events.length);
  assert.match(all.note ?? '', /^the latest \d+ of \d+/);
  const changes = await read('audit://changes/1h');
  assert.equal(changes.timeRange.start, '2026-11-21T13:30:30.402Z');
  assert.ok(changes.events.every(({ resourceType }) => resourceType !== 'events'));
  assert.equal((await read('audit://changes/forever')).timeRange.start, '2026-11-20T14:30:30.402Z');
  const node = await read('audit://node-events/worker-1');
  assert.equal(node['nodeName'], 'worker-1');
  assert.ok(node.events.some(({ objectChanges }) => objectChanges?.kind === 'Node'));
  const { resources } = await client.listResources();
  for (const uri of ['audit://changes/7d', 'audit://events/payments', 'audit://node-events/worker-1'])
    assert.ok(
      resources.some((resource) => resource.uri === uri),
      uri,
    );
  await assert.rejects(
    read('audit://nothing/here'),
    /nothing is at audit:\/\/nothing\/here; addresses are audit:\/\/events/,
  );
  await assert.rejects(read('audit://events/shop/podz'), /no kind is called "podz"/);
});

test('MCP7 prompts take their arguments and defaults, and name tools that there are', async () => {
  const { prompts } = await client.listPrompts();
  assert.deepEqual(
    prompts.map(({ name, arguments: all = [] }) => [
      name,
      all.map(({ name, required }) => `${name}${required ? '*' : ''}`).join(' '),
    ]),
    [
      ['investigate_pod_failure', 'pod_name* namespace* time_window'],
      ['diagnose_cluster_health', 'time_window focus_area'],
      ['analyze_deployment_rollout', 'deployment_name* namespace* time_window'],
      ['troubleshoot_volume_issues', 'pvc_name* namespace*'],
    ],
  );
  const text = async (name: string, given: Record<string, string>): Promise<string> => {
    const { messages } = await client.getPrompt({ name, arguments: given });
    return (messages[0]?.content as { text?: string } | undefined)?.text ?? '';
  };
  const all = [
    await text('investigate_pod_failure', { pod_name: 'web', namespace: 'shop' }),
    await text('diagnose_cluster_health', {}),
    await text('analyze_deployment_rollout', { deployment_name: 'web', namespace: 'shop' }),
    await text('troubleshoot_volume_issues', { pvc_name: 'data', namespace: 'shop' }),
  ];
  assert.match(all[0] ?? '', /pod web in namespace shop fails\. Look back over 1 hour/);
  assert.match(all[1] ?? '', /last 24 hours\. Focus: all/);
  assert.match(all[2] ?? '', /Look back over 2 hours/);
  assert.match(await text('diagnose_cluster_health', { focus_area: 'nodes' }), /3\. check_node_health/);
  for (const [name] of all.join(' ').matchAll(/\b(?:kubekg|check|analyze_recent|investigate_pod_startup)_?\w*/g)) {
    if (/^analyze_deployment|^investigate_pod_f/.test(name)) continue;
    assert.ok(tools.has(name), name);
  }
  await assert.rejects(text('investigate_pod_failure', { pod_name: 'web' }), /namespace is required/);
  await assert.rejects(text('nothing', {}), /no prompt is called "nothing"; there are investigate_pod_failure/);
});

test('MCP8 the value of a Secret is in no answer', async () => {
  const canary = 'c4n4ry-in-the-mine';
  const at = '2026-01-01T00:00:00Z';
  const secret = (value: string) =>
    object('Secret', 'db', { data: { password: Buffer.from(value).toString('base64') } });
  const pod = object('Pod', 'web', {
    spec: { containers: [{ name: 'c', env: [{ name: 'DB_PASSWORD', value: canary }] }] },
    status: { phase: 'Failed', message: `login with password=${canary} failed` },
  });
  const changes = [secret(canary), pod, secret(`${canary}-2`)].map((each, index) => ({
    type: 'apply',
    at: at.replace('00Z', `0${index}Z`),
    object: each,
  }));
  await using past = await observed(changes);
  const asker = await clientOf(past.context);
  const told: string[] = [];
  for (const { name, examples } of operations.filter(({ acts }) => !acts))
    for (const { input } of examples)
      told.push(JSON.stringify(await call(toolName(name), input as Record<string, unknown>, asker)));
  for (const resource of ['Secret/shop/db', 'Pod/shop/web'])
    for (const name of ['resource', 'object', 'timeline', 'impact'])
      told.push(JSON.stringify(await call(toolName(name), { resource }, asker)));
  const input = {
    start_time: '2025-12-31T00:00:00Z',
    end_time: '2026-01-02T00:00:00Z',
    pod_name: 'web',
    namespace: 'shop',
    resource_types: 'secrets,pods',
  };
  for (const name of tools.keys())
    if (!name.startsWith('kubekg_')) told.push(JSON.stringify(await call(name, input, asker)));
  for (const uri of ['audit://events/shop', 'audit://events/shop/secrets', 'audit://changes/7d'])
    told.push(JSON.stringify(await asker.readResource({ uri })));
  const everything = told.join('\n');
  assert.match(everything, /data\.password/);
  for (const form of [canary, Buffer.from(canary).toString('base64').slice(0, -4)])
    assert.ok(!everything.includes(form), form);
});

test('MCP9 without a history the present is answered, and the past says what it needs', async () => {
  const { api, graph } = await openEstate();
  const asker = await clientOf({ view: graph.view, kinds: [] });
  assert.equal((await call('kubekg_counts', {}, asker)).isError, undefined);
  assert.match(textOf(await call('kubekg_counts', { at: '1h' }, asker)), /kube-kg serve --history/);
  assert.match(
    textOf(await call('check_pod_issues', window, asker)),
    /^Failed to query audit logs: no history is kept here/,
  );
  const { resources } = await asker.listResources();
  assert.deepEqual(
    resources.map(({ uri }) => uri),
    ['audit://changes/1h', 'audit://changes/24h', 'audit://changes/7d'],
  );
  await api.close();
});
