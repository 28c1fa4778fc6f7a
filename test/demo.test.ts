/** The demo: its recording is what it claims to be, and all that it says to try answers. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, describe, it, test } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { parseAllDocuments } from 'yaml';
import { describer } from '../src/kinds/index.ts';
import { silentLogger } from '../src/lib/logger.ts';
import type { HealthStatus } from '../src/model/resource.ts';
import type { View } from '../src/model/view.ts';
import { openPipeline } from '../src/program/pipeline.ts';
import { emptyReport, type RecordingReport, recordingSource } from '../src/sources/recording.ts';

const root = resolve(import.meta.dirname, '..');
const recording = join(root, 'demo/shop.jsonl.gz');
const text = gunzipSync(readFileSync(recording)).toString('utf8');

async function read(until?: string): Promise<{ view: View; report: RecordingReport }> {
  const report = emptyReport();
  const pipeline = openPipeline({ describer, epoch: 'test', log: silentLogger, now: () => 0 });
  const options = { paths: [recording], redact: <T>(object: T): T => object, ...(until !== undefined && { until }) };
  await pipeline.run(recordingSource(options, report), new AbortController().signal);
  assert.equal(pipeline.rejections.count, 0);
  return { view: pipeline.view, report };
}

/** When the recording says that a Secret was deleted. */
function lossAt(): string {
  const line =
    text.split('\n').find((each) => each.startsWith('{"type":"delete"') && each.includes('"kind":"Secret"')) ?? '{}';
  return (JSON.parse(line) as { at: string }).at;
}

function shift(time: string, seconds: number): string {
  return new Date(Date.parse(time) + seconds * 1000).toISOString();
}

function health(view: View, kind: string, namespace: string, name: string): HealthStatus | undefined {
  for (const resource of view.resources({ kind, namespace })) if (resource.name === name) return resource.health.status;
  return undefined;
}

function lacksSecret(view: View): boolean {
  return [...view.dangling()].some(({ target }) => target.kind === 'Secret' && target.name === 'db-credentials');
}

test('DEMO1 the recording is small and whole', async () => {
  assert.ok(statSync(recording).size < 5_000_000);
  const { report } = await read();
  assert.deepEqual(report.bad, []);
  assert.deepEqual(
    [report.badLines, report.stepsBack, report.ignoredTypes.size, report.unknownFields.size],
    [0, 0, 0, 0],
  );
  assert.equal(report.header?.cluster, 'shop-demo');
});

test('DEMO2 the recording holds no value of a Secret and no path of the machine it was made on', () => {
  const manifests = parseAllDocuments(readFileSync(join(root, 'demo/shop.yaml'), 'utf8')).map(
    (manifest) => manifest.toJS() as { kind: string; stringData?: Record<string, string> },
  );
  const secrets = manifests.flatMap(({ kind, stringData = {} }) =>
    kind === 'Secret' ? Object.values(stringData) : [],
  );
  assert.ok(secrets.length >= 4);
  for (const secret of [...secrets, 'not-a-real-secret']) {
    assert.ok(!text.includes(secret), secret);
    assert.ok(!text.includes(Buffer.from(secret).toString('base64').slice(0, 16)), `${secret} in base64`);
  }
  assert.match(text, /"password":"redacted:[0-9a-f]{16}"/);
  assert.equal(/"[^"]*\/(?:root|home|tmp|Users)\//.exec(text)?.[0], undefined);
  assert.ok(!text.includes('kube-kg-stack'));
});

test('DEMO3 the recording shows a shop of many workloads and kinds', async () => {
  const { view } = await read();
  const workloads = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob'].flatMap((kind) => [
    ...view.resources({ kind }),
  ]);
  const shops = workloads.filter(({ namespace }) => namespace !== 'kube-system');
  assert.ok(shops.length >= 12, `${shops.length} workloads`);
  assert.ok(new Set(shops.map(({ namespace }) => namespace)).size >= 3);
  for (const kind of [
    'Ingress',
    'RoleBinding',
    'PersistentVolumeClaim',
    'HorizontalPodAutoscaler',
    'NetworkPolicy',
    'Storefront',
    'Event',
  ])
    assert.ok([...view.resources({ kind })].length > 0, kind);
});

test('DEMO4 an incident unfolds: a Secret goes, then a release cannot start, then the caller is not ready', async () => {
  const loss = lossAt();
  const states = (view: View): unknown[] => [
    lacksSecret(view),
    health(view, 'Deployment', 'payments', 'payments-api'),
    health(view, 'Deployment', 'shop', 'checkout'),
  ];
  assert.deepEqual(states((await read(shift(loss, -1))).view), [false, 'healthy', 'healthy']);
  assert.deepEqual(states((await read(shift(loss, 10))).view), [true, 'healthy', 'healthy']);
  const { view } = await read();
  assert.deepEqual(states(view), [true, 'critical', 'critical']);
  const reasons = [...view.resources({ kind: 'Pod', namespace: 'payments' })].map((pod) => pod.health.reason);
  assert.ok(reasons.includes('CreateContainerConfigError'));
});

describe('the demo', () => {
  let demo: ChildProcess;
  let said = '';
  let told = '';
  before(async () => {
    const argv = [join(root, 'src/main.ts'), 'demo', '--port', '0', '--speed', '1000'];
    demo = spawn(process.execPath, argv, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    demo.stderr?.on('data', (part: Buffer) => {
      told += part.toString();
    });
    const began = new Promise<void>((done, failed) => {
      demo.stdout?.on('data', (part: Buffer) => {
        said += part.toString();
        if (said.includes('Stop with')) done();
      });
      demo.once('exit', (code) => failed(new Error(`the demo ended with ${code}: ${said}`)));
    });
    await Promise.race([began, after60Seconds()]);
  });
  after(() => demo.kill());

  it('DEMO5 shows what is missing, and the chain of those who suffer', () => {
    const chain = [
      'Secret payments/db-credentials is missing',
      'Deployment payments/payments-api',
      'Service payments/payments-api',
      'Deployment shop/checkout',
      'Service shop/checkout',
      'Ingress shop/shop',
    ];
    const lines = said.split('\n');
    const depths = chain.map((words) => {
      const line = lines.find((each) => each.includes(`✗ ${words}`) || each.includes(`! ${words}`));
      assert.ok(line, words);
      return line.search(/[✗!]/);
    });
    assert.deepEqual(depths, [0, 3, 6, 9, 12, 15]);
    assert.match(
      said,
      /would not start again:\n\s+Deployment payments\/payments-worker\n\s+StatefulSet payments\/ledger-db\n/,
    );
  });

  it('DEMO8 begins when everything is listed, and tells what happens', () => {
    const [first = '', ...more] = told.split('\n').filter((line) => /^\d\d:\d\d:\d\d {2}/.test(line));
    const [, resources] = /✓ (\d+) resources, .* and (\d+) relations are known/.exec(first) ?? [];
    assert.ok(Number(resources) > 300, first);
    assert.ok(more.some((line) => line.includes('Secret payments/db-credentials is deleted')));
  });

  it('DEMO6 every command that it says to try answers', async () => {
    const commands = [...said.matchAll(/^ {4}(curl|npm) (.*)$/gm)];
    assert.ok(commands.length >= 6);
    for (const [command, program, rest = ''] of commands) {
      const answer = program === 'curl' ? await body(rest.replaceAll("'", '')) : await output(command);
      const { items, impacted, paths, rows, nodes, resources, out } = answer as Record<
        string,
        unknown[] | { items: unknown[] }
      >;
      const [found] = [
        items,
        impacted,
        paths,
        rows,
        nodes,
        resources,
        (out as { items: unknown[] } | undefined)?.items,
      ].filter(Boolean);
      assert.ok(Array.isArray(found) && found.length > 0, command);
    }
  });

  it('DEMO7 its past has the times of the recording: a timeline is that of the file', async () => {
    const [url = ''] = /http:\/\/127[\d.:]+/.exec(said) ?? [];
    const what = 'Deployment/payments/payments-api';
    const told = (await body(`${url}/api/v1/timeline/${what}`)) as { items: unknown[] };
    assert.ok(told.items.length > 5);
    assert.deepEqual(told, await output(`npm run -s kube-kg -- timeline ${what} --file ${recording}`));
    const { asOf } = (await body(`${url}/api/v1/counts?at=90s`)) as { asOf: string };
    assert.equal(asOf, shift((await read()).report.lastAt ?? '', -90), 'before the end of the recording');
  });
});

async function body(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(20_000) });
  assert.equal(response.status, 200, url);
  return response.json();
}

async function output(command: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)('sh', ['-c', command], { cwd: root, timeout: 60_000 });
  return JSON.parse(stdout);
}

async function after60Seconds(): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  setTimeout(() => reject(new Error('the demo did not begin within 60 seconds')), 60_000).unref();
  return promise;
}
