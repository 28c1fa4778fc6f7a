/**
 * Makes the demo's recording, `npm run demo:record`: starts a real cluster with a real node (root, about five minutes), runs the shop of shop.yaml
 * there, lets an incident unfold, and has `kube-kg record` watch. Nothing is faked: what is recorded is what the kubelet and the controllers say.
 * The result is refused when it holds a value of a Secret or a path of this machine.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { homedir, hostname, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { parseAllDocuments } from 'yaml';
import { built } from '../test/stack/build.ts';
import { type Cluster, startCluster } from '../test/stack/components/kubernetes.ts';
import { busyboxImage, type Image } from '../test/stack/image.ts';
import { run, waitFor } from '../test/stack/runner.ts';

const RECORDING = join(import.meta.dirname, 'shop.jsonl.gz');
const BYTES_MAX = 5_000_000;
const NEXT_RELEASE = 'registry.example.com/payments/api:4.2.0';
const METRICS_SERVER = 'registry.example.com/metrics-server';

if (hostname() !== 'control-1') throw new Error('the machine’s name would be recorded; use "npm run demo:record"');
const work = await mkdtemp(join(tmpdir(), 'kube-kg-demo-'));
try {
  const flags = { apiserver: await aggregationFlags(work) };
  await using cluster = await startCluster({ name: 'shop-demo', realNode: 'worker-1', kwokNodes: 0, flags });
  await openShop(cluster);
  const draft = join(work, 'shop.jsonl.gz');
  await record(cluster, draft);
  await check(draft, [cluster.directory, work]);
  await copyFile(draft, RECORDING);
} finally {
  await rm(work, { recursive: true });
}

/** Lets the API server pass requests on to the metrics API (the aggregation layer's client certificate). */
async function aggregationFlags(directory: string): Promise<readonly string[]> {
  const file = (name: string): string => join(directory, name);
  const key = ['-newkey', 'rsa:2048', '-noenc', '-keyout', file('proxy.key')];
  await run(['openssl', 'req', '-x509', ...key, '-out', file('proxy.crt'), '-days', '30', '-subj', '/CN=aggregator']);
  return [
    `--requestheader-client-ca-file=${file('proxy.crt')}`,
    `--proxy-client-cert-file=${file('proxy.crt')}`,
    `--proxy-client-key-file=${file('proxy.key')}`,
    '--requestheader-allowed-names=aggregator',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
  ];
}

/** Everything of the manifests runs and is ready, and what was said while it started has been forgotten, as after an hour. */
async function openShop(cluster: Cluster): Promise<void> {
  say('the cluster runs; the shop opens');
  const system = await readFile(join(import.meta.dirname, 'system.yaml'), 'utf8');
  const shop = await readFile(join(import.meta.dirname, 'shop.yaml'), 'utf8');
  for (const image of await images(`${system}\n---\n${shop}`)) await cluster.loadImage(image);
  await cluster.kubectl('delete', 'storageclass', '--all');
  await cluster.kubectl(
    'label',
    'node',
    'worker-1',
    'topology.kubernetes.io/region=eu',
    'topology.kubernetes.io/zone=eu-1',
  );
  await cluster.apply(system);
  await cluster.kubectl('wait', 'crd', 'storefronts.shop.example.com', '--for=condition=Established', '--timeout=60s');
  await cluster.apply(shop);
  for (const namespace of ['kube-system', 'platform', 'payments', 'shop']) {
    await cluster.kubectl('-n', namespace, 'rollout', 'status', 'deploy,sts,ds', '--timeout=240s');
  }
  await cluster.kubectl('-n', 'shop', 'wait', 'job', '--all', '--for=condition=Complete', '--timeout=60s');
  await cluster.kubectl('wait', 'hpa', '-A', '--all', '--for=condition=ScalingActive', '--timeout=240s');
  await cluster.kubectl('delete', 'events', '-A', '--all');
}

/** An image for each that the manifests name, all with the same program. No two are the same, or a node would call them all by one name. */
async function images(manifests: string): Promise<readonly Image[]> {
  const names = new Set([NEXT_RELEASE]);
  for (const [, name = ''] of manifests.matchAll(/^\s+image: (\S+)$/gm)) names.add(name);
  return Promise.all(
    [...names].map(async (name) => {
      const base = await busyboxImage(name, ['app', 'serve', name]);
      const files = name.startsWith(METRICS_SERVER)
        ? { 'bin/metrics-server': join(await built('metrics-server'), 'metrics-server') }
        : { 'bin/app': join(import.meta.dirname, 'app.sh') };
      return { ...base, files: { ...base.files, ...files } };
    }),
  );
}

/** Runs the product's own recorder beside the incident. */
async function record(cluster: Cluster, file: string): Promise<void> {
  const program = resolve(import.meta.dirname, '../src/main.ts');
  const options = ['--kubeconfig', cluster.kubeconfig, '--context', cluster.name];
  const recorder = spawn(process.execPath, [program, 'record', file, ...options], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = once(recorder, 'exit');
  try {
    await incident(cluster);
  } finally {
    recorder.kill('SIGINT');
    await ended;
  }
}

/**
 * A clean-up takes a Secret that is still in use. Nothing happens, for running pods have it already; only the next release of the payments API
 * cannot start, half a minute later. Then checkout fails its readiness, and at the next full minute the settlement job does not start either.
 */
async function incident(cluster: Cluster): Promise<void> {
  const kubectl = cluster.kubectl.bind(cluster);
  say('all is well');
  await sleep(30_000);
  await untilSecond(10);
  say('a clean-up deletes Secret payments/db-credentials');
  await kubectl('-n', 'payments', 'delete', 'secret', 'db-credentials');
  await untilSecond(30);
  say('a routine release of payments-api');
  await kubectl('-n', 'payments', 'set', 'image', 'deployment/payments-api', `api=${NEXT_RELEASE}`);
  await waitFor(
    'checkout to lose its readiness',
    async () => /^checkout +0\/2 /m.test(await kubectl('-n', 'shop', 'get', 'deployments')),
    120_000,
    1_000,
  );
  say('checkout is not ready');
  await untilSecond(5);
  await waitFor(
    'settlement to be stuck',
    async () => /^settlement.* CreateContainerConfigError /m.test(await kubectl('-n', 'payments', 'get', 'pods')),
    120_000,
    1_000,
  );
  say('settlement does not start');
  await sleep(25_000);
  say(await kubectl('get', 'pods', '-A'));
}

/** Waits for the next time that the clock shows this second: the cron job starts at second 0, and is to start after all else. */
async function untilSecond(second: number): Promise<void> {
  await sleep(((60 + second - new Date().getSeconds()) % 60) * 1000);
}

/** Throws when the recording is too large, or holds what nobody is to know. */
async function check(file: string, paths: readonly string[]): Promise<void> {
  const { size } = await stat(file);
  if (size > BYTES_MAX) throw new Error(`the recording has ${size} bytes`);
  const text = gunzipSync(await readFile(file)).toString('utf8');
  const places = [...paths, resolve(import.meta.dirname, '..'), `${homedir()}/`, `${tmpdir()}/`];
  for (const word of [...places, ...(await secretValues())])
    if (text.includes(word)) throw new Error(`the recording holds ${word}`);
  say(`${size} bytes, ${text.split('\n').length - 1} lines`);
}

/** What the manifests keep in Secrets and what all their secret values begin with, plain and in base64. */
async function secretValues(): Promise<readonly string[]> {
  const manifests = parseAllDocuments(await readFile(join(import.meta.dirname, 'shop.yaml'), 'utf8'));
  const values = manifests.flatMap((manifest) => {
    const { kind, stringData = {} } = manifest.toJS() as { kind: string; stringData?: Record<string, string> };
    return kind === 'Secret' ? Object.values(stringData) : [];
  });
  return [...values, 'not-a-real-secret'].flatMap((value) => [value, Buffer.from(value).toString('base64')]);
}

function say(text: string): void {
  process.stderr.write(`${new Date().toISOString()}  ${text}\n`);
}
