/** Watching incidents: what is told of looks, and of a server while things break and are mended. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, test } from 'node:test';
import { runIn } from '../../../test/support/command.ts';
import { deployment, podStatus } from '../../../test/support/estate.ts';
import { scriptedServer } from '../../../test/support/scripted-api-server.ts';
import { scriptedCluster } from '../../../test/support/scripted-cluster.ts';
import { demo, servedRecording } from '../../../test/support/served-recording.ts';
import { smallApiServer } from '../../../test/support/small-api-server.ts';
import { load } from '../../program/config.ts';
import { rulesOf } from '../../program/live-relations.ts';
import { startServer } from '../../program/server.ts';
import { watchIncidents } from './explain-watch.ts';
import { type Incident, IncidentNews } from './incident-news.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-watch-'));
after(() => rmSync(folder, { recursive: true }));

const subject = (name: string, kind = 'Pod') => ({ kind, namespace: 'shop', name, group: '', cluster: 'c' });

function incident(
  symptoms: readonly string[],
  cause?: string,
  more: Partial<Incident> & { readonly confidence?: number } = {},
): Incident {
  const { confidence = 0.8, ...rest } = more;
  const causes =
    cause === undefined
      ? []
      : [
          {
            resource: subject(cause, 'Secret'),
            reason: 'SecretDeleted',
            confidence,
            summary: '',
            evidence: [],
            against: [],
            path: [],
            remedy: { summary: '', commands: [] },
          },
        ];
  return {
    id: symptoms.join(),
    state: 'open',
    severity: 'critical',
    startedAt: '2026-11-21T10:00:00Z',
    title: symptoms.join(),
    symptoms: symptoms.map((name) => ({ resource: subject(name), reason: 'CrashLoopBackOff', since: '', message: '' })),
    causes,
    blastRadius: { count: 0, resources: [] },
    ...rest,
  };
}

function lookers(): (...incidents: readonly Incident[]) => readonly string[] {
  const news = new IncidentNews();
  return (...incidents) =>
    news.take(incidents).map(({ event, incident: { title }, changes }) => [event, title, ...changes].join(' | '));
}

test('RW25 an incident is the same while its cause or some of who suffers stays, and what changes in it is told once', () => {
  const look = lookers();
  assert.deepEqual(look(incident(['a'])), ['opened | a']);
  assert.deepEqual(look(incident(['a'])), []);
  assert.deepEqual(look(incident(['a', 'b'], 'key')), [
    'changed | a,b | the cause is Secret/shop/key SecretDeleted, no longer unknown | 2 suffer, no longer 1',
  ]);
  assert.deepEqual(look(incident(['c', 'd'], 'key')), [], 'the same cause, and others as many that suffer');
  assert.deepEqual(look(incident(['c', 'd'], 'key', { confidence: 0.85 })), []);
  assert.deepEqual(look(incident(['c', 'd'], 'key', { confidence: 0.95 })), [
    'changed | c,d | Secret/shop/key SecretDeleted is 95 % likely, no longer 80 %',
  ]);
  assert.deepEqual(look(incident(['c', 'd'], 'key', { confidence: 0.95, severity: 'warning' })), [
    'changed | c,d | warning, no longer critical',
  ]);
});

test('RW26 an incident that one look does not see is not over; after two it is resolved, and what comes then is another', () => {
  const look = lookers();
  look(incident(['a']), incident(['b'], 'key'));
  assert.deepEqual(look(incident(['b'], 'key')), []);
  assert.deepEqual(look(incident(['a']), incident(['b'], 'key')), []);
  assert.deepEqual([look(incident(['b'], 'key')), look(incident(['b'], 'key'))], [[], ['resolved | a']]);
  assert.deepEqual(look(incident(['a']), incident(['b'], 'key')), ['opened | a']);
});

test('RW27 while things break and are mended, a watched server gives one line each, as NDJSON on wish', async () => {
  const stop = new AbortController();
  const { input, apply } = scriptedCluster();
  const config = load({
    environment: {},
    overrides: { 'server.port': 0, 'log.level': 'silent', 'history.url': join(folder, 'h.db') },
  });
  const server = await startServer(
    config,
    { sources: [input], rules: rulesOf(config) },
    { now: Date.now, stop: stop.signal },
  );
  const broken = deployment('shop/web', {
    podStatus: podStatus.waiting('ImagePullBackOff', 'Back-off pulling image "registry.local/app:1": not found'),
  });
  const well = deployment('shop/web', { podStatus: podStatus.running() });
  const lines: { event: string; incident: Incident }[] = [];
  const stdout = new Writable({
    write(chunk, _, done) {
      for (const line of String(chunk).trim().split('\n')) lines.push(JSON.parse(line));
      if (lines.at(-1)?.event === 'opened') apply(well.workload, well.set, well.pod);
      if (lines.at(-1)?.event === 'resolved') stop.abort();
      done();
    },
  });
  const sink = new Writable({ write: (_, __, done) => done() });
  const io = {
    stdin: process.stdin,
    stdout,
    stderr: sink,
    environment: {},
    terminal: { stdout: false, stderr: false },
    colour: false,
    width: 100,
    now: Date.now,
    stop: stop.signal,
  };
  apply(broken.workload, broken.set, broken.pod);
  try {
    assert.equal(await watchIncidents({ server: server.url, json: true, lookMs: 20 }, io, () => false), false);
  } finally {
    stop.abort();
    await server.close();
  }
  assert.deepEqual(
    lines.filter(({ event }) => event !== 'changed').map(({ event }) => event),
    ['opened', 'resolved'],
  );
  assert.equal(lines[0]?.incident.symptoms[0]?.resource.name, 'web-rs1-x');
});

test('RW28 a watch ends with 1 when an incident is as bad as --fail-on says; a recording is not watched', async () => {
  const served = await servedRecording(demo);
  try {
    const { code, out } = await runIn({}, ['explain', '--watch', '--server', served.url, '--fail-on', 'critical']);
    assert.equal(code, 1);
    assert.match(out, /^\d\d:\d\d:\d\d {2}opened {4}critical .*Secret\/payments\/db-credentials \(\d+ %\)$/m);
  } finally {
    await served.close();
  }
  const file = await runIn({}, ['explain', '--watch', demo]);
  assert.equal(file.code, 2);
  assert.match(file.err, /does not change any more/);
  assert.equal((await runIn({}, ['explain', '--watch', '--server', 'http://127.0.0.1:9'])).code, 3);
});

test('RW28 live clusters are watched without a server, and nothing of it is left behind', async () => {
  const message = 'Back-off pulling image "registry.local/app:1": not found';
  const { workload, set, pod } = deployment('shop/web', { podStatus: podStatus.waiting('ImagePullBackOff', message) });
  const plurals = { Pod: 'pods', Deployment: 'deployments', ReplicaSet: 'replicasets' };
  await using server = await scriptedServer(smallApiServer({ objects: [workload, set, pod], plurals }));
  const kubeconfig = join(folder, 'kubeconfig');
  const context = { name: 'live', context: { cluster: 'live', user: 'u' } };
  const clusters = [{ name: 'live', cluster: { server: server.url } }];
  writeFileSync(
    kubeconfig,
    JSON.stringify({ 'current-context': 'live', contexts: [context], clusters, users: [{ name: 'u', user: {} }] }),
  );
  const { code, out, err } = await runIn({}, [
    'explain',
    '--watch',
    '--json',
    '--kubeconfig',
    kubeconfig,
    '--fail-on',
    'critical',
  ]);
  assert.equal(code, 1, err);
  const [line = ''] = out.trim().split('\n');
  const { event, incident: found } = JSON.parse(line) as { event: string; incident: Incident };
  assert.equal(event, 'opened');
  assert.equal(found.symptoms[0]?.resource.cluster, 'live');
});
