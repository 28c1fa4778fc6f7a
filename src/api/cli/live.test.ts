/** Commands on live clusters: which they find by their surroundings, and how recording ends. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runIn } from '../../../test/support/command.ts';
import { type Script, scriptedServer } from '../../../test/support/scripted-api-server.ts';
import { smallApiServer } from '../../../test/support/small-api-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-live-'));
after(() => rmSync(folder, { recursive: true }));

/** The exit code, and all that was said. */
async function run(argv: readonly string[], environment: Record<string, string>): Promise<[number, string]> {
  const { code, out, err } = await runIn({ environment }, argv);
  return [code, out + err];
}

function kubeconfig(clusters: Readonly<Record<string, string>>): string {
  const names = Object.keys(clusters);
  const config = {
    'current-context': names[0],
    contexts: names.map((name) => ({ name, context: { cluster: name, user: 'u' } })),
    clusters: names.map((name) => ({ name, cluster: { server: clusters[name] } })),
    users: [{ name: 'u', user: {} }],
  };
  const path = join(folder, `kubeconfig-${names.join('-')}`);
  writeFileSync(path, JSON.stringify(config));
  return path;
}

const estate = (pods: number): Script =>
  smallApiServer({
    plurals: { Pod: 'pods' },
    objects: Array.from({ length: pods }, (_, number) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `p${number}`, namespace: 'n', uid: `uid-${number}`, annotations: { text: 'x'.repeat(1_000) } },
    })),
  });

test('CL20 the kubeconfig is found by the environment that a command is given', async () => {
  await using server = await scriptedServer(estate(1));
  const KUBECONFIG = kubeconfig({ given: server.url });
  const none = { KUBECONFIG: join(folder, 'no-such-file') };
  for (const command of ['graph', 'doctor']) {
    assert.match((await run([command, '--json'], { KUBECONFIG }))[1], /given/, command);
    assert.match((await run([command, '--json'], none))[1], /no-such-file/, command);
  }
  const [code, said] = await run(['record', join(folder, 'none.jsonl')], none);
  assert.notEqual(code, 0);
  assert.match(said, /no-such-file/);
});

test('CL35 doctor tells whether the Neo4j of the configuration answers', async () => {
  await using server = await scriptedServer(estate(1));
  const KUBECONFIG = kubeconfig({ beside: server.url });
  const neo4j = async (NEO4J_URI?: string): Promise<unknown> => {
    const [, said] = await run(['doctor', '--json'], { KUBECONFIG, ...(NEO4J_URI && { NEO4J_URI }) });
    return (JSON.parse(said) as { subject: string; status: string }[]).find(({ subject }) => subject === 'Neo4j')
      ?.status;
  };
  assert.equal(await neo4j(), undefined);
  assert.equal(await neo4j('bolt://127.0.0.1:1'), 'fault');
});

test('CL21 what cannot be written ends recording, also while another cluster has nothing to say', {
  timeout: 20_000,
}, async (t) => {
  const sockets: Socket[] = [];
  const few = estate(1);
  const many = estate(1_500);
  const watched = Promise.withResolvers<void>();
  const quiet = await scriptedServer((asked, response) => {
    // A little later the last word about it has been said.
    if (asked.query.has('watch')) setTimeout(watched.resolve, 1_000);
    sockets.push(asked.request.socket);
    return few(asked, response);
  });
  const talking = await scriptedServer(async (asked, response) => {
    if (asked.path.endsWith('/pods')) await watched.promise;
    return many(asked, response);
  });
  t.after(() => Promise.all([quiet[Symbol.asyncDispose](), talking[Symbol.asyncDispose]()]));
  const path = join(folder, 'full.jsonl');
  mkdirSync(join(folder, 'full.1.jsonl'));
  const KUBECONFIG = kubeconfig({ quiet: quiet.url, talking: talking.url });
  const [code, said] = await run(['record', path, '--rotate', '1MB', '--context', 'quiet', '--context', 'talking'], {
    KUBECONFIG,
  });
  assert.notEqual(code, 0);
  assert.match(said, /full\.1\.jsonl cannot be written/);
  assert.ok(sockets.length > 0);
  await Promise.all(sockets.map((socket) => socket.destroyed || once(socket, 'close')));
});
