/** The story that people ask about afterwards, on a real cluster: who changed what, and when nobody looked. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { type Cluster, startCluster } from './components/kubernetes.ts';
import { waitFor } from './runner.ts';
import { allListed, type Served, serve } from './served.ts';

interface Timeline {
  readonly items: readonly {
    readonly at: string;
    readonly type: string;
    readonly text: string;
    readonly notBefore?: string;
    readonly changes?: readonly {
      readonly path: string;
      readonly before?: unknown;
      readonly after?: unknown;
      readonly by?: { readonly manager: string };
    }[];
  }[];
}

const CANARY = 'canary-8Jq2vT0x';

describe('a story', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await startCluster({ name: 'story', kwokNodes: 2 });
    await cluster.kubectl('create', 'namespace', 'story');
    const kubectl = (...words: readonly string[]): Promise<string> => cluster.kubectl('-n', 'story', ...words);
    await kubectl('create', 'configmap', 'settings', '--from-literal=level=info');
    await kubectl('create', 'secret', 'generic', 'db', `--from-literal=password=${CANARY}`);
    await kubectl('create', 'deployment', 'web', '--image=web:1', '--replicas=2');
    await kubectl('set', 'env', 'deployment/web', `DB_PASSWORD=${CANARY}`);
    await kubectl('annotate', 'configmap', 'settings', `example.com/token=${CANARY}`);
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=60s');
  });
  after(() => cluster?.stop());

  it('HI60 is told as it was: edits with their authors, what vanished while nobody looked, and the past as a graph', async () => {
    const url = join(cluster.directory, 'history', 'story.db');
    const start = (): Promise<Served> => serve(cluster, { KG_HISTORY_URL: url });
    const kubectl = (...words: readonly string[]): Promise<string> => cluster.kubectl('-n', 'story', ...words);
    const instants: string[] = [];
    const instant = async (): Promise<void> => {
      await delay(1_500);
      instants.push(new Date().toISOString());
      await delay(200);
    };
    const first = await start();
    await allListed(first);
    await instant();
    await kubectl('patch', 'configmap', 'settings', '--type=merge', '-p', '{"data":{"level":"debug"}}');
    await kubectl('delete', 'secret', 'db');
    await kubectl('scale', 'deployment/web', '--replicas=3');
    await waitFor('the third pod', async () => (await namesOf(first, 'Pod')).length === 3, 30_000);
    await instant();
    await delay(6_000); // so that a sign of life is written down after the last change
    await first.kill();
    await kubectl('delete', 'configmap', 'settings');
    await delay(1_000);
    await using second = await start();
    await allListed(second);
    await kubectl('delete', 'deployment', 'web');
    await waitFor('the pods to be gone', async () => (await namesOf(second, 'Pod')).length === 0, 60_000);
    await instant();

    const [before, edited, end] = instants as [string, string, string];
    assert.deepEqual(await namesOf(second, 'ConfigMap,Secret,Deployment', before), [
      'db',
      'kube-root-ca.crt',
      'settings',
      'web',
    ]);
    assert.deepEqual(await namesOf(second, 'ConfigMap,Secret,Deployment', edited), [
      'kube-root-ca.crt',
      'settings',
      'web',
    ]);
    assert.equal((await namesOf(second, 'Pod', edited)).length, 3);
    assert.deepEqual(await namesOf(second, 'ConfigMap,Secret,Deployment,Pod', end), ['kube-root-ca.crt']);

    const settings = await timelineOf(second, 'cm/story/settings');
    const [edit] = settings.filter(({ type }) => type === 'changed');
    assert.deepEqual(
      edit?.changes?.map(({ path, before: was, after: is, by }) => [path, was, is, by?.manager]),
      [['data.level', 'info', 'debug', 'kubectl-patch']],
    );
    const gone = settings.find(({ type }) => type === 'deleted');
    assert.ok(
      (gone?.notBefore ?? '') > edited && (gone?.notBefore ?? '~') < (gone?.at ?? ''),
      'it went while nobody looked',
    );
    assert.ok(settings.some(({ type }) => type === 'unobserved'));
    const secret = (await timelineOf(second, 'secret/story/db')).find(({ type }) => type === 'deleted');
    assert.ok(secret !== undefined && secret.notBefore === undefined && secret.at < edited);
    const scaled = (await timelineOf(second, 'deploy/story/web'))
      .flatMap(({ changes = [] }) => changes)
      .find(({ path }) => path === 'spec.replicas');
    assert.deepEqual([scaled?.before, scaled?.after], [2, 3]);

    const told = await recentChanges(second, before, end);
    for (const fact of [
      /ConfigMap\/story\/settings/,
      /data\.level/,
      /kubectl-patch/,
      /Secret\/story\/db/,
      /Deployment\/story\/web/,
      /spec\.replicas/,
    ])
      assert.match(told, fact, 'a model is told as well');
    assert.ok(!told.includes(CANARY));

    const graph = spawnSync(
      process.execPath,
      [resolve(import.meta.dirname, '../../src/main.ts'), 'graph', '--history', url, '--at', edited, '--json'],
      { encoding: 'utf8' },
    );
    assert.equal(graph.status, 0, graph.stderr);
    const names = (JSON.parse(graph.stdout) as { resources: { namespace: string; kind: string; name: string }[] })
      .resources;
    assert.ok(names.some(({ namespace, name }) => namespace === 'story' && name === 'web'));
    for (const file of readdirSync(join(cluster.directory, 'history'))) {
      const bytes = readFileSync(join(cluster.directory, 'history', file), 'latin1');
      assert.ok(!bytes.includes(CANARY), `a secret stands in ${file}`);
    }
  });
});

async function namesOf(served: Served, kinds: string, at?: string): Promise<string[]> {
  const instant = at === undefined ? '' : `&at=${at}`;
  const { items } = await served.get<{ items: { name: string }[] }>(
    `/api/v1/resources?namespaces=story&kinds=${kinds}&limit=500${instant}`,
  );
  return items.map(({ name }) => name).sort();
}

async function timelineOf(served: Served, resource: string): Promise<Timeline['items']> {
  return (await served.get<Timeline>(`/api/v1/timeline/${resource}?limit=500`)).items;
}

/** What a client of the Model Context Protocol is told of an interval. */
async function recentChanges(served: Served, from: string, to: string): Promise<string> {
  const client = new Client({ name: 'story', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${served.url}/mcp`)) as Transport);
  const answer = await client.callTool({
    name: 'analyze_recent_changes',
    arguments: { start_time: from, end_time: to, resource_types: 'configmaps,secrets,deployments' },
  });
  await client.close();
  return (answer.content as { text: string }[]).map(({ text }) => text).join('\n');
}
