/** `kube-kg serve` in a process of its own beside a real API server. */
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ask } from './client.ts';
import { type Cluster, startCluster } from './components/kubernetes.ts';
import { waitFor } from './runner.ts';
import { allListed, type Served, serve } from './served.ts';
import { soak, soakDefaults } from './soak.ts';

interface Exported {
  readonly edges: readonly { readonly type: string; readonly from: string; readonly to: string }[];
}

interface Clusters {
  readonly items: readonly { readonly gaps: readonly { readonly group: string; readonly kind: string }[] }[];
}

const gapsOf = async (served: Served): Promise<string[]> =>
  (await served.get<Clusters>('/api/v1/clusters')).items.flatMap(({ gaps }) => gaps.map(({ kind }) => kind));

describe('serve', () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await startCluster({ name: 'served', kwokNodes: 2 });
  });
  after(() => cluster?.stop());

  it('W8 takes over edits of the relations file while it runs, tells of faulty ones, and lists nothing else again', async () => {
    const path = join(cluster.directory, 'relations.yaml');
    const relation = (edge: string, field: string): string =>
      `  - {from: {kind: ConfigMap}, to: {kind: Secret}, edge: ${edge}, path: data.${field}}\n`;
    writeFileSync(path, `relations:\n${relation('NAMES_FIRST', 'first')}`);
    const metadata = { name: 'names', namespace: 'default' };
    await cluster.apply(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { first: 'one', second: 'two' } },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'one', namespace: 'default' } },
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'two', namespace: 'default' } },
    );
    await using served = await serve(cluster, { KG_GRAPH_RELATIONS: path });
    await allListed(served);
    const edges = async (): Promise<string> =>
      (await served.get<Exported>('/api/v1/export')).edges
        .map(({ type }) => type)
        .filter((type) => type.startsWith('NAMES_'))
        .sort()
        .join();
    await waitFor('the first relation', async () => (await edges()) === 'NAMES_FIRST', 20_000);

    writeFileSync(`${path}.new`, `relations:\n${relation('NAMES_SECOND', 'second')}`);
    renameSync(`${path}.new`, path);
    await waitFor('the second relation instead', async () => (await edges()) === 'NAMES_SECOND', 20_000);
    assert.deepEqual([...new Set(await gapsOf(served))], ['ConfigMap'], 'only ConfigMaps were listed again');

    writeFileSync(path, `relations:\n${relation('NAMES_SECOND', 'second')}${relation('lower', 'x')}`);
    const health = await waitFor(
      'the fault to be told',
      async () => {
        const { warnings, status } = await served.get<{ warnings?: string[]; status: string }>('/health');
        return warnings && { warnings, status };
      },
      20_000,
    );
    assert.equal(health.status, 'OK', 'it works on');
    assert.match(health.warnings.join('\n'), /relations\.yaml:3: .*UPPER_SNAKE/);
    assert.match(await served.log(), /relations\.yaml:3: .*UPPER_SNAKE/);
    assert.equal(await edges(), 'NAMES_SECOND');

    writeFileSync(path, `relations:\n${relation('NAMES_FIRST', 'first')}${relation('NAMES_SECOND', 'second')}`);
    await waitFor('both relations', async () => (await edges()) === 'NAMES_FIRST,NAMES_SECOND', 20_000);
    assert.equal((await served.get<{ warnings?: string[] }>('/health')).warnings, undefined);
  });

  it('W9 a refresh reads everything from the API server again', async () => {
    await using served = await serve(cluster);
    await allListed(served);
    const before = await listsAnswered(cluster);
    assert.equal(await served.post('/refresh'), 202);
    await waitFor('every kind to be listed again', async () => (await listsAnswered(cluster)) - before >= 50, 30_000);
    await allListed(served);
    assert.ok(new Set(await gapsOf(served)).size >= 50, 'the moments without a watch are owned up to');
  });

  it('W11 tells within seconds that its API server is gone, and follows everything again within five once it answers', async () => {
    await using served = await serve(cluster);
    await allListed(served);
    const seen = async (): Promise<{ state: string; kinds: Readonly<Record<string, number>> } | undefined> =>
      (await served.get<{ items: { state: string; kinds: Record<string, number> }[] }>('/api/v1/clusters')).items[0];
    await cluster.kill('apiserver');
    await waitFor('the loss to be told', async () => (await fetch(`${served.url}/health`)).status === 503, 10_000);
    assert.equal((await seen())?.state, 'unreachable');
    await delay(20_000);
    await cluster.start('apiserver');
    await waitFor(
      'everything to be followed',
      async () => Object.keys((await seen())?.kinds ?? {}).join() === 'ready',
      5_000,
    );
    assert.equal((await fetch(`${served.url}/health`)).status, 200);
    assert.match(await served.log(), /cannot be reached.*can be reached again, after \d/s);
  });

  it('W10 beside random life and an API server that is killed, hung and made to forget ends equal to a fresh list', async () => {
    const minute = { ...soakDefaults, minutes: 1, checkEvery: 1, apps: 15, rate: 8, disturbEvery: 15 };
    await soak({ ...minute, seed: 7, say: (line) => process.stderr.write(`${line}\n`) });
  });
});

/** How many lists the API server has answered, by pages or streamed, by its own count. */
async function listsAnswered(cluster: Cluster): Promise<number> {
  const { body } = await ask(cluster.login(), '/metrics');
  const counted =
    /^(?:apiserver_request_total\{.*verb="LIST".*|apiserver_watch_list_duration_seconds_count\{.*)\} (\S+)$/gm;
  return body.matchAll(counted).reduce((sum, [, count]) => sum + Number(count), 0);
}
