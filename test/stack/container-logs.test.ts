/** Logs of containers that a real kubelet runs: they crash, panic, flood, give secrets away, are restarted; read through a real API server. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { LogTemplate } from '../../src/operations/list-logs.ts';
import { appImage, type Cluster, startCluster } from './components/kubernetes.ts';
import { waitFor } from './runner.ts';
import { allListed, type Served, serve } from './served.ts';

const root = process.getuid?.() === 0 || process.env['CI'] !== undefined;
const program = resolve(import.meta.dirname, '../../src/main.ts');
const run = promisify(execFile);

interface Answer {
  readonly items: readonly LogTemplate[];
  readonly total: number;
}

const templates = async (served: Served, query = ''): Promise<readonly LogTemplate[]> =>
  (await served.get<Answer>(`/api/v1/logs?limit=1000${query}`)).items;
const of = (items: readonly LogTemplate[], pod: string): readonly LogTemplate[] =>
  items.filter(({ subject }) => subject === `Pod/${pod}`);

function podOf(name: string, script: string, more: object = {}, spec: object = {}): object {
  const container = { name: 'main', image: appImage, imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', script] };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: name } },
    spec: { terminationGracePeriodSeconds: 0, containers: [{ ...container, ...more }], ...spec },
  };
}

const never = { exec: { command: ['false'] }, periodSeconds: 1 };
const TRACE = `cat <<'END'
Traceback (most recent call last):
  File "/app/main.py", line 12, in <module>
    connect(settings["db"])
KeyError: 'DATABASE_URL'
END
`;

const pods = [
  podOf('tracing', `echo starting up; ${TRACE} exit 1`),
  podOf('mute', 'echo reading settings; echo settings are odd at line 7; exit 3', {}, { restartPolicy: 'Never' }),
  podOf(
    'careless',
    'echo "ERROR cannot reach postgres://app:s3cr3t-w0rd@db:5432/shop: connection refused"; echo "{\\"level\\":\\"error\\",\\"msg\\":\\"login failed\\",\\"password\\":\\"s3cr3t-w0rd\\"}"; sleep 1; exit 1',
  ),
  podOf(
    'flooding',
    'i=0; while :; do for _ in $(seq 1 500); do i=$((i+1)); echo "ERROR request $i failed: timeout"; done; sleep 0.1; done',
    {
      readinessProbe: never,
    },
  ),
  podOf('flapping', 'n=0; while :; do n=$((n+1)); echo "ERROR try $n failed"; sleep 0.5; done', {
    readinessProbe: { exec: { command: ['sh', '-c', 'test -e /tmp/well'] }, periodSeconds: 1, failureThreshold: 1 },
  }),
  podOf('calm', 'echo "ERROR nobody hears this"; sleep 1000'),
];

describe('container logs', { skip: root ? false : 'a real node needs root' }, () => {
  let cluster: Cluster;
  let served: Served;
  const start = async (): Promise<Served> => {
    const KG_HISTORY_URL = join(cluster.directory, 'history.db');
    const one = await serve(cluster, { KG_LOGS_CALM_SECONDS: '5', KG_HISTORY_URL });
    await allListed(one);
    return one;
  };
  before(async () => {
    cluster = await startCluster({ name: 'logs', realNode: 'node-1', kwokNodes: 0 });
    await cluster.apply(...pods);
    served = await start();
  });
  after(async () => {
    await served?.[Symbol.asyncDispose]();
    await cluster?.stop();
  });

  it('LG40 a stack trace of a crashing pod is one template whose count rises with its restarts, the run before included', async () => {
    const found = await waitFor(
      'two crashes',
      async () => of(await templates(served), 'tracing').find(({ count }) => count >= 2),
      120_000,
    );
    assert.equal(found.severity, 'error');
    assert.equal(found.template, "KeyError: 'DATABASE_URL'");
    assert.match(
      found.message,
      /^Traceback \(most recent call last\):\n {2}File "\/app\/main.py"[\s\S]*KeyError: 'DATABASE_URL'$/,
    );
    assert.equal(found.container, 'main');
    const restarts = Number(
      await cluster.kubectl('get', 'pod', 'tracing', '-o', 'jsonpath={.status.containerStatuses[0].restartCount}'),
    );
    assert.ok(found.count <= restarts + 1, `${found.count} traces in ${restarts + 1} runs`);
    assert.ok(found.firstAt < found.lastAt);
  });

  it('LG40 the last words of a container that failed are kept', async () => {
    const found = await waitFor(
      'its last words',
      async () => {
        const items = of(await templates(served), 'mute');
        return items.length > 0 ? items : undefined;
      },
      60_000,
    );
    assert.ok(found.some(({ message, lastWords }) => message === 'settings are odd at line 7' && lastWords));
  });

  it('LG41 what a program gives away stands nowhere', async () => {
    await waitFor('both lines', async () => of(await templates(served), 'careless').length >= 2, 60_000);
    const everything = JSON.stringify(await served.get('/api/v1/export'));
    assert.ok(!everything.includes('s3cr3t-w0rd'));
    assert.match(JSON.stringify(of(await templates(served), 'careless')), /redacted:[0-9a-f]{16}/);
  });

  it('LG42 a flood is read at the rate that is set, and is one template', async () => {
    await waitFor('the flood', async () => of(await templates(served), 'flooding').length > 0, 60_000);
    const [before] = of(await templates(served), 'flooding');
    const since = (template: LogTemplate | undefined): number =>
      (Date.parse(template?.lastAt ?? '') - Date.parse(before?.lastAt ?? '')) / 1_000;
    const [after, ...more] = await waitFor(
      'twenty seconds of it',
      async () => {
        const items = of(await templates(served), 'flooding');
        return since(items[0]) > 20 ? items : undefined;
      },
      120_000,
    );
    assert.deepEqual(more, []);
    const rate = ((after?.count ?? 0) - (before?.count ?? 0)) / since(after);
    assert.ok(rate > 10 && rate <= 280, `${rate} lines a second`);
    assert.equal(after?.incomplete, true);
    assert.ok((await served.memory()) < 400);
  });

  it('LG43 a pod that is well again is left, and read again from there when it is not', async () => {
    const count = async (): Promise<number> => of(await templates(served), 'flapping')[0]?.count ?? 0;
    await waitFor('its errors', async () => (await count()) > 3, 60_000);
    await cluster.kubectl('exec', 'flapping', '--', 'touch', '/tmp/well');
    await delay(25_000);
    const left = await count();
    await delay(5_000);
    assert.equal(await count(), left, 'it is not read any more');
    await cluster.kubectl('exec', 'flapping', '--', 'rm', '/tmp/well');
    await waitFor('more of its errors', async () => (await count()) > left, 60_000);
    await delay(12_000);
    const [template] = of(await templates(served), 'flapping');
    const written = Number(/try (\d+)/.exec(template?.message ?? '')?.[1]);
    assert.ok(Math.abs((await count()) - written) <= 2, `${await count()} counted, ${written} written`);
  });

  it('LG44 a healthy pod is read on request only', async () => {
    assert.deepEqual(of(await templates(served), 'calm'), []);
    const { items } = await served.get<Answer>('/api/v1/logs?resource=Pod/default/calm&read=true');
    assert.deepEqual(
      items.map(({ message }) => message),
      ['ERROR nobody hears this'],
    );
  });

  it('LG45 an API server that is killed costs no line and doubles none', async () => {
    const count = async (): Promise<readonly [counted: number, written: number]> => {
      const [template] = of(await templates(served), 'flapping');
      return [template?.count ?? 0, Number(/try (\d+)/.exec(template?.message ?? '')?.[1])];
    };
    const [, before] = await count();
    await cluster.kill('apiserver');
    await delay(5_000);
    await cluster.start('apiserver');
    await waitFor('lines from after', async () => (await count())[1] > before + 30, 120_000);
    const [counted, written] = await count();
    assert.ok(Math.abs(counted - written) <= 2, `${counted} counted, ${written} written`);
  });

  it('LG47 a kube-kg that is killed goes on from where it was: counts rise, nothing is told under another id', async () => {
    const flapping = async (): Promise<LogTemplate | undefined> => of(await templates(served), 'flapping')[0];
    const before = await flapping();
    await served.kill();
    served = await start();
    const written = (template: LogTemplate | undefined): number =>
      Number(/try (\d+)/.exec(template?.message ?? '')?.[1]);
    const after = await waitFor(
      'more of its errors',
      async () => {
        const template = await flapping();
        return written(template) > written(before) + 20 ? template : undefined;
      },
      90_000,
    );
    assert.equal(after.id, before?.id);
    assert.equal(after.firstAt, before?.firstAt);
    assert.ok(Math.abs(after.count - written(after)) <= 2, `${after.count} counted, ${written(after)} written`);
    assert.equal(of(await templates(served), 'flapping').length, 1);
    const past = await served.get<Answer>('/api/v1/logs?resource=Pod/default/flapping&at=5s');
    assert.equal(past.items.length, 1, 'the past knows them too');
  });

  it('LG48 who may not read logs is told so once, and sees everything else', async () => {
    const user = 'viewer';
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'sees-objects' };
    const subjects = [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user }];
    const apiVersion = 'rbac.authorization.k8s.io/v1';
    await cluster.apply(
      {
        apiVersion,
        kind: 'ClusterRole',
        metadata: { name: roleRef.name },
        rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['list', 'watch'] }],
      },
      { apiVersion, kind: 'ClusterRoleBinding', metadata: { name: roleRef.name }, roleRef, subjects },
    );
    const flags = ['--kubeconfig', cluster.kubeconfig, '--context', `${cluster.name}-${user}`];
    const { stdout, stderr } = await run(process.execPath, [program, 'explain', '--json', ...flags], {
      maxBuffer: 1e8,
    });
    assert.equal(stderr.match(/"get" on "pods\/log"/g)?.length, 1, stderr);
    assert.ok(!stdout.includes('"kind":"log"'));
    assert.ok(JSON.parse(stdout).incidents.length > 0);
  });

  it('LG46 explain reads them in one look, and record writes them', async () => {
    const environment = { ...process.env, KUBECONFIG: cluster.kubeconfig };
    const flags = ['--kubeconfig', cluster.kubeconfig, '--context', cluster.name];
    const { stdout } = await run(process.execPath, [program, 'explain', '--json', ...flags], {
      env: environment,
      maxBuffer: 1e8,
    });
    const { incidents } = JSON.parse(stdout) as {
      incidents: readonly { causes: readonly { evidence: readonly { kind: string; text: string }[] }[] }[];
    };
    const said = incidents
      .flatMap(({ causes }) => causes.flatMap(({ evidence }) => evidence))
      .filter(({ kind }) => kind === 'log');
    assert.ok(
      said.some(({ text }) => text.includes('DATABASE_URL')),
      stdout.slice(0, 4_000),
    );
    const { stdout: listed } = await run(process.execPath, [program, 'logs', '--severities', 'error', ...flags]);
    assert.ok((JSON.parse(listed) as Answer).items.some(({ template }) => template === "KeyError: 'DATABASE_URL'"));
    const file = join(cluster.directory, 'logs.jsonl');
    await run(process.execPath, [program, 'record', file, '--duration', '12s', ...flags], { env: environment });
    const { stdout: recorded } = await run('grep', ['-c', '"source":"log"', file]);
    assert.ok(Number(recorded) > 3, recorded);
    const { stdout: leaked } = await run('grep', ['-c', 's3cr3t-w0rd', file]).catch(() => ({ stdout: '0' }));
    // The manifest of the pod holds it in a script, where redaction finds it too.
    assert.equal(Number(leaked), 0);
  });
});
