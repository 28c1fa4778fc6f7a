import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { Problem } from '../../model/problem.ts';
import { connectionOf, loadKubeconfig } from './kubeconfig.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-kubeconfig-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const config = file(
  'config',
  `apiVersion: v1
kind: Config
current-context: prod
clusters:
- {name: c, cluster: {server: "https://c.example.com:6443/", certificate-authority: pki/ca.crt}}
- {name: odd, cluster: {server: "c.example.com:6443"}}
users:
- {name: u, user: {client-certificate: u.crt, client-key: /keys/u.key, exec: {command: ./bin/login, args: [a]}}}
- {name: nobody}
contexts:
- {name: prod, context: {cluster: c, user: u, namespace: shop}}
- {name: lost, context: {cluster: gone, user: u}}
- {name: strange, context: {cluster: c, user: gone}}
- {name: odd, context: {cluster: odd, user: nobody}}
- {name: anonymous, context: {cluster: c}}
`,
);

const message = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof Problem);
    assert.equal(error.code, 'invalid-config');
    return [error.message, ...error.details].join('\n');
  }
  return assert.fail('nothing was thrown');
};
const load = (
  kubeconfig: string | undefined,
  environment: Record<string, string> = {},
): ReturnType<typeof loadKubeconfig> => loadKubeconfig({ kubeconfig, environment });

test('U20 a context becomes a connection; files in it are found beside the kubeconfig', () => {
  const { context, cluster, user, namespace } = connectionOf(load(config), undefined);
  assert.deepEqual([context, namespace, cluster.server], ['prod', 'shop', 'https://c.example.com:6443/']);
  assert.equal(cluster['certificate-authority'], join(folder, 'pki/ca.crt'));
  assert.equal(user['client-certificate'], join(folder, 'u.crt'));
  assert.equal(user['client-key'], '/keys/u.key');
  assert.equal(user.exec?.command, join(folder, 'bin/login'));
  assert.deepEqual(connectionOf(load(config), 'anonymous').user, {});
});

test('U21 several files are merged as kubectl does: first come first served, missing ones left out', () => {
  const second = file(
    'second',
    'current-context: x\ncontexts: [{name: prod, context: {cluster: other}}, {name: x, context: {cluster: c}}]\n',
  );
  const merged = load(undefined, { KUBECONFIG: [join(folder, 'missing'), config, second].join(delimiter) });
  assert.equal(merged.currentContext, 'prod');
  assert.equal(connectionOf(merged, 'prod').cluster.server, 'https://c.example.com:6443/');
  assert.equal(connectionOf(merged, 'x').context, 'x');
});

test('U22 what cannot work is said with what there is and what to do', () => {
  assert.match(
    message(() => load('/nowhere')),
    /\/nowhere does not exist.*--kubeconfig/s,
  );
  assert.match(
    message(() => load(file('bad', 'clusters: [{name: a, cluster: {}}]\nusers: 3\n'))),
    /clusters\[0\]\.cluster\.server: is required.*users: must be a list/s,
  );
  assert.match(
    message(() => load(file('broken', 'a: [b\n'))),
    /broken: /,
  );
  assert.match(
    message(() => load(file('list', '- a\n'))),
    /list: /,
  );
  assert.match(
    message(() => connectionOf(load(config), 'nope')),
    /no context "nope".*prod, lost/s,
  );
  assert.match(
    message(() => connectionOf(load(file('empty', '')), undefined)),
    /no current-context.*no context at all/s,
  );
  assert.match(
    message(() => connectionOf(load(config), 'lost')),
    /cluster "gone", which is not there/,
  );
  assert.match(
    message(() => connectionOf(load(config), 'strange')),
    /user "gone", which is not there/,
  );
  assert.match(
    message(() => connectionOf(load(config), 'odd')),
    /must be a URL/,
  );
});

test('U23 in a pod, the service account is the configuration', () => {
  const account = join(folder, 'account');
  mkdirSync(account);
  for (const [name, text] of Object.entries({ token: 't', namespace: 'shop\n', 'ca.crt': 'ca' }))
    writeFileSync(join(account, name), text);
  const environment = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443', HOME: folder };
  const home = process.env['HOME'];
  process.env['HOME'] = folder;
  try {
    const inside = loadKubeconfig({ environment, serviceAccountFolder: account });
    const { cluster, user, namespace, context } = connectionOf(inside, undefined);
    assert.deepEqual([context, cluster.server, namespace], ['in-cluster', 'https://[fd00::1]:443', 'shop']);
    assert.equal(user.tokenFile, join(account, 'token'));
    assert.match(
      message(() => loadKubeconfig({ environment: {}, serviceAccountFolder: account })),
      /No kubeconfig/,
    );
  } finally {
    process.env['HOME'] = home;
  }
});
