import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Credentials, createCredentials } from './credentials.ts';
import type { Connection, KubeUser } from './kubeconfig.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-credentials-'));
after(() => rmSync(folder, { recursive: true }));

const connection = (user: KubeUser, cluster: object = {}): Connection => ({
  context: 'prod',
  cluster: { server: 'https://c', ...cluster },
  user,
  namespace: undefined,
});

function credentials(
  user: KubeUser,
  more: { reread?: () => Connection; now?: () => number; cluster?: object; pluginTimeoutMs?: number } = {},
): Credentials {
  const own = connection(user, more.cluster);
  return createCredentials({ reread: () => own, now: () => 0, ...more, connection: own });
}

const authorization = async (user: KubeUser): Promise<unknown> =>
  (await credentials(user).current()).headers['authorization'];

/** A credential plugin that notes each call in a file and answers with a token that lives so long. */
function plugin(log: string, livesMs: number): KubeUser {
  const script = `
    require('node:fs').appendFileSync(${JSON.stringify(log)}, process.env.KUBERNETES_EXEC_INFO + '\\n');
    console.log(JSON.stringify({ kind: 'ExecCredential', status: {
      token: 'token-' + process.env.EXTRA, expirationTimestamp: new Date(Date.now() + ${livesMs}).toISOString() } }));`;
  return {
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', script],
      env: [{ name: 'EXTRA', value: 'x' }],
      provideClusterInfo: true,
    },
  };
}
const calls = (log: string): string[] => readFileSync(log, 'utf8').trim().split('\n');

test('U24 every way of a kubeconfig to say who we are', async () => {
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 'from-file\n');
  assert.equal(await authorization({ token: 'abc\n' }), 'Bearer abc');
  assert.equal(await authorization({ tokenFile, token: 'other' }), 'Bearer from-file');
  assert.equal(await authorization({ username: 'u', password: 'p' }), `Basic ${Buffer.from('u:p').toString('base64')}`);
  assert.equal(await authorization({}), undefined);
  const { headers } = await credentials({
    as: 'jane',
    'as-groups': ['a', 'b'],
    'as-uid': '7',
    'as-user-extra': { scopes: ['x'] },
  }).current();
  assert.deepEqual(headers, {
    'impersonate-user': 'jane',
    'impersonate-uid': '7',
    'impersonate-group': ['a', 'b'],
    'impersonate-extra-scopes': ['x'],
  });
});

test('U25 a credential plugin runs once for many requests, again when its token has expired, and is told what it may ask', async () => {
  const log = join(folder, 'calls');
  const fresh = credentials(plugin(log, 60_000));
  const answers = await Promise.all([fresh.current(), fresh.current(), fresh.current()]);
  assert.deepEqual([...new Set(answers.map(({ headers }) => headers['authorization']))], ['Bearer token-x']);
  const refused = await fresh.current();
  assert.equal(calls(log).length, 1);
  assert.equal(JSON.parse(calls(log)[0] ?? '').spec.cluster.server, 'https://c');
  await fresh.reload(refused);
  await fresh.current();
  assert.equal(calls(log).length, 2);
  const expired = credentials(plugin(log, -1));
  await expired.current();
  await expired.current();
  assert.equal(calls(log).length, 4);
});

test('U29 of many requests that are refused at once the first has the credentials read again, and all go on', async () => {
  const log = join(folder, 'refused');
  let rereads = 0;
  const user = plugin(log, 60_000);
  const shared = credentials(user, { reread: () => connection({ ...user, as: `reading-${++rereads}` }) });
  const used = await Promise.all([shared.current(), shared.current()]);
  used.push(await shared.current());
  // While the first waits for the plugin, the others are refused.
  const again = used.map(async (auth, index) => {
    for (let turn = 0; turn < index; turn++) await new Promise((resolve) => setImmediate(resolve));
    await shared.reload(auth);
    return shared.current();
  });
  for (const { headers } of await Promise.all(again)) {
    assert.deepEqual(headers, { authorization: 'Bearer token-x', 'impersonate-user': 'reading-1' });
  }
  assert.equal(calls(log).length, 2);
  for (const auth of used) await shared.reload(auth);
  assert.deepEqual([rereads, calls(log).length], [1, 2]);
});

test('U39 a credential plugin that hangs is ended', async () => {
  const pidFile = join(folder, 'pid');
  const script = `require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setTimeout(() => {}, 15_000)`;
  const hanging = credentials(
    { exec: { command: process.execPath, args: ['-e', script] } },
    { pluginTimeoutMs: 1_000 },
  );
  await assert.rejects(hanging.current(), { code: 'unauthorized', message: /no credentials within 1 s/ });
  const pid = Number(readFileSync(pidFile, 'utf8'));
  for (const until = Date.now() + 5_000; isRunning(pid) && Date.now() < until; )
    await new Promise((resolve) => setImmediate(resolve));
  assert.ok(!isRunning(pid));
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('U26 credentials that cannot be had say why and what to do', async () => {
  const missing = credentials({ exec: { command: 'kube-kg-no-such-plugin', installHint: 'Install it.' } });
  await assert.rejects(missing.current(), {
    code: 'unauthorized',
    message: /"kube-kg-no-such-plugin".*not installed.*Install it\./,
  });
  const failing = credentials({
    exec: { command: process.execPath, args: ['-e', 'console.error("log in first"); process.exit(1)'] },
  });
  await assert.rejects(failing.current(), { code: 'unauthorized', message: /failed: log in first/ });
  await assert.rejects(credentials({ tokenFile: join(folder, 'none') }).current(), {
    code: 'unauthorized',
    message: /ENOENT/,
  });
  await assert.rejects(credentials({ 'auth-provider': { name: 'odd' } }).current(), {
    message: /auth-provider "odd" is not known/,
  });
});

test('U27 certificate files are read again every minute; as long as they are the same, so is the material', async () => {
  const cert = join(folder, 'client.crt');
  writeFileSync(cert, 'one');
  let now = 0;
  const rotating = credentials(
    { 'client-certificate': cert, 'client-key-data': Buffer.from('key').toString('base64') },
    { now: () => now },
  );
  const first = await rotating.current();
  assert.deepEqual([String(first.tls.cert), String(first.tls.key)], ['one', 'key']);
  appendFileSync(cert, ' two');
  assert.equal((await rotating.current()).tls, first.tls);
  now = 61_000;
  const second = await rotating.current();
  assert.equal(String(second.tls.cert), 'one two');
  now = 122_000;
  assert.equal((await rotating.current()).tls, second.tls);
});

test('U28 after a refusal the kubeconfig is read again; one that cannot be read leaves things as they are', async () => {
  let content: () => Connection = () => connection({ token: 'new' });
  const changing = credentials({ token: 'old' }, { reread: () => content() });
  const old = await changing.current();
  assert.equal(old.headers['authorization'], 'Bearer old');
  await changing.reload(old);
  assert.equal((await changing.current()).headers['authorization'], 'Bearer new');
  content = () => {
    throw new Error('half written');
  };
  await changing.reload(await changing.current());
  assert.equal((await changing.current()).headers['authorization'], 'Bearer new');
});

test('certificate checks follow the cluster', async () => {
  const { tls } = await credentials(
    {},
    { cluster: { 'insecure-skip-tls-verify': true, 'tls-server-name': 'api', 'certificate-authority-data': 'Y2E=' } },
  ).current();
  assert.deepEqual({ ...tls, ca: String(tls.ca) }, { ca: 'ca', servername: 'api', rejectUnauthorized: false });
});
