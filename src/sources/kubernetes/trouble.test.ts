/** What goes wrong between us and a cluster, as users have it: through a kubeconfig, told by answers and by doctor, and over when it is over. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  type Asked,
  events,
  json,
  list,
  type Script,
  scriptedServer,
  status,
} from '../../../test/support/scripted-api-server.ts';
import { describer, kinds } from '../../kinds/index.ts';
import { silentLogger } from '../../lib/logger.ts';
import { findResources } from '../../operations/find-resources.ts';
import { listClusters } from '../../operations/list-clusters.ts';
import { perform } from '../../operations/operation.ts';
import { openPipeline, type Pipeline, runAll } from '../../program/pipeline.ts';
import { redactor } from '../redact.ts';
import { systemClock } from './clock.ts';
import { kubernetesSnapshots, kubernetesSources } from './clusters.ts';
import { connect } from './connect.ts';
import { diagnoseClusters } from './doctor.ts';
import { kubernetesSource, type sourceTimes } from './source.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-trouble-'));
after(() => rmSync(folder, { recursive: true }));
const tokenFile = join(folder, 'token');
const fast = {
  backoff: { firstMs: 5, maxMs: 20 },
  probe: { firstMs: 5, maxMs: 20 },
  slowMs: 30,
  settleMs: 5,
  rediscoverMs: 20,
};
const everything = { namespaces: [], include: [], exclude: [], streamingLists: 'never', pageSize: 500 } as const;
const redact = redactor('a key for this test');

/** A kubeconfig with a context for each server. */
function kubeconfigFor(servers: Readonly<Record<string, string>>): string {
  const path = join(folder, 'kubeconfig');
  const names = Object.keys(servers);
  const config = {
    'current-context': names[0],
    clusters: names.map((name) => ({ name, cluster: { server: servers[name] } })),
    users: [{ name: 'u', user: { tokenFile } }],
    contexts: names.map((name) => ({ name, context: { cluster: name, user: 'u' } })),
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

const resource = (plural: string, kind: string): object => ({
  resource: plural,
  responseKind: { kind },
  scope: 'Namespaced',
  verbs: ['list', 'watch'],
});
const group = (name: string, ...versions: object[]): object => ({ metadata: { name }, versions });
const pod = { metadata: { name: 'p', namespace: 'n', uid: 'uid-p', resourceVersion: '1' } };

/** A server with one pod, and API groups besides. */
function serving(groups: () => readonly object[] = () => []): Script {
  return ({ path, query, request }: Asked, response: ServerResponse) => {
    if (request.method === 'POST') return json(response, { status: { allowed: true, resourceRules: [] } }, 201);
    if (path === '/version') return json(response, { gitVersion: 'v1.30.0', minor: '30' });
    const core = group('', { version: 'v1', resources: [resource('pods', 'Pod')] });
    if (path === '/api') return json(response, { kind: 'APIGroupDiscoveryList', items: [core] });
    if (path === '/apis') return json(response, { kind: 'APIGroupDiscoveryList', items: groups() });
    if (query.get('watch') !== null) return events(response);
    return json(response, list(path === '/api/v1/pods' ? [pod] : [], '5'));
  };
}

interface Beside {
  /** Waits until the clusters, as the API tells of them, look like this. */
  until(shown: RegExp): Promise<void>;
  /** What doctor says, a line a finding. */
  doctor(): Promise<string>;
  readonly pipeline: Pipeline;
}

async function answered({ view }: Pipeline): Promise<string> {
  return JSON.stringify(await perform(listClusters, { view, clusters: ['c'] }, {}));
}

/** Follows the server of a kubeconfig until the check is over. */
async function beside(
  url: string,
  check: (beside: Beside) => Promise<void>,
  times: Partial<typeof sourceTimes> = fast,
): Promise<void> {
  const kubeconfig = kubeconfigFor({ c: url });
  const clock = systemClock();
  const cluster = connect({ kubeconfig, context: 'c', environment: {}, clock });
  const pipeline = openPipeline({ describer, epoch: 'e', log: silentLogger, now: () => performance.now() });
  const stop = new AbortController();
  const running = pipeline.run(
    kubernetesSource({ cluster, redact, clock, random: () => 0.5, times, streamingLists: 'never' }),
    stop.signal,
  );
  const until = async (shown: RegExp): Promise<void> => {
    const patience = AbortSignal.timeout(10_000);
    while (!shown.test(await answered(pipeline))) {
      assert.ok(!patience.aborted, `never ${shown}, but ${await answered(pipeline)}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  const doctor = async (): Promise<string> => {
    const findings = await diagnoseClusters({ kubeconfig, contexts: [], ...everything }, {}, stop.signal);
    return findings
      .map(({ status: grade, subject, message, remedy }) => `${grade} ${subject}: ${message} → ${remedy}`)
      .join('\n');
  };
  try {
    await check({ until, doctor, pipeline });
  } finally {
    stop.abort();
    await running;
  }
}

writeFileSync(tokenFile, 'first');

test('U70 a token that expires breaks what is followed and says so; a renewed one takes it up again without a gap', async () => {
  let valid = 'first';
  const serve = serving();
  await using server = await scriptedServer((asked, response) =>
    asked.request.headers.authorization === `Bearer ${valid}`
      ? serve(asked, response)
      : status(response, 401, 'Unauthorized'),
  );
  await beside(server.url, async ({ until, doctor, pipeline }) => {
    await until(/"state":"ready","resources":1/);
    valid = 'second';
    server.cut();
    await until(/"state":"unreachable","since":".*"message":"http.*Unauthorized".*"coverage":"broken"/);
    assert.match(await doctor(), /fault cluster c: server: Unauthorized → Log in again, or renew the token/);
    writeFileSync(tokenFile, 'second');
    await until(/"incomplete":\[\],"items":\[\{"name":"c","state":"ready","resources":1/);
    assert.deepEqual(
      pipeline.view.gaps().filter(({ kind }) => kind === 'Pod'),
      [],
    );
    assert.doesNotMatch(await doctor(), /fault/);
  });
});

test('U71 a kubeconfig that points nowhere is waited for and told, with what to do', async () => {
  await beside('http://127.0.0.1:1', async ({ until, doctor }) => {
    await until(/"state":"unreachable".*127\.0\.0\.1:1.*ECONNREFUSED.*nobody listens there/);
    assert.match(await doctor(), /fault cluster c: server: .*ECONNREFUSED.* → Check the server address/);
  });
  const missing = { kubeconfig: join(folder, 'none'), contexts: [], ...everything };
  assert.throws(() => kubernetesSources(missing, { redact, environment: {} }), {
    code: 'invalid-config',
    message: /none/,
  });
  const [finding] = await diagnoseClusters(missing, {}, new AbortController().signal);
  assert.equal(finding?.status, 'fault');
  assert.match(finding?.message ?? '', /none/);
});

test('U72 a server that answers 503 at first is waited for; then everything is there', async () => {
  let up = false;
  const serve = serving();
  await using server = await scriptedServer((asked, response) =>
    up ? serve(asked, response) : status(response, 503, 'the server is starting'),
  );
  await beside(server.url, async ({ until, doctor, pipeline }) => {
    await until(/"state":"unreachable".*the server is starting/);
    const asked = await perform(findResources, { view: pipeline.view, kinds }, { kinds: ['Pod'] });
    assert.match(JSON.stringify(asked), /the server is starting/, 'an answer about one kind says so too');
    assert.match(await doctor(), /fault cluster c: server: the server is starting/);
    up = true;
    await until(/"incomplete":\[\],"items":\[\{"name":"c","state":"ready","resources":1/);
    assert.doesNotMatch(await doctor(), /fault/);
  });
});

test('U73 a page of HTML instead of an API is told as such, at the beginning and in the middle', async () => {
  let page = true;
  const serve = serving();
  await using server = await scriptedServer((asked, response) => {
    if (!page) return serve(asked, response);
    response.writeHead(200, { 'content-type': 'text/html' });
    return response.end('<!doctype html>\n<html><body>Please sign in</body></html>\n');
  });
  await beside(server.url, async ({ until, doctor, pipeline }) => {
    await until(/"state":"unreachable".*not JSON but a page of HTML/);
    assert.match(
      await doctor(),
      /fault cluster c: server: .*a page of HTML.* → Check .*that this is a Kubernetes API server/,
    );
    page = false;
    await until(/"incomplete":\[\],"items":\[\{"name":"c","state":"ready","resources":1/);
    page = true;
    server.cut();
    await until(/"state":"unreachable".*(HTML|not JSON).*"coverage":"broken"/);
    assert.equal(pipeline.view.resourceCount, 1, 'what was known is kept');
    page = false;
    await until(/"incomplete":\[\],"items":\[\{"name":"c","state":"ready","resources":1/);
  });
});

test('U74 an aggregated API that is down is told beside what works, in discovery or behind it', async () => {
  let state: 'stale' | 'refusing' | 'up' = 'stale';
  const aggregated = (): object =>
    group('argoproj.io', {
      version: 'v1',
      resources: state === 'stale' ? [] : [resource('applications', 'Application')],
      ...(state === 'stale' && { freshness: 'Stale' }),
    });
  const serve = serving(() => [aggregated()]);
  await using server = await scriptedServer((asked, response) =>
    asked.path === '/apis/argoproj.io/v1/applications' && state !== 'up'
      ? status(response, 503, 'service unavailable')
      : serve(asked, response),
  );
  await beside(server.url, async ({ until, doctor, pipeline }) => {
    await until(/"group":"argoproj\.io","kind":"\*".*"broken".*"state":"degraded","resources":1/);
    const asked = await perform(findResources, { view: pipeline.view, kinds }, { kinds: ['Application.argoproj.io'] });
    assert.match(JSON.stringify(asked), /does not answer/, 'an answer about a kind of that group says so too');
    assert.match(
      await doctor(),
      /warning cluster c: API group argoproj\.io\/v1: .* → .*kubectl get apiservice v1\.argoproj\.io/,
    );
    state = 'refusing';
    await until(/"kind":"Application".*"coverage":"loading","message":"service unavailable"/);
    state = 'up';
    await until(/"incomplete":\[\],"items":\[\{"name":"c","state":"ready","resources":1/);
  });
});

test('U75 of several contexts each is looked at whatever the others do; only when none can be read is it an error', async () => {
  await using server = await scriptedServer(serving());
  const kubeconfig = kubeconfigFor({ good: server.url, nowhere: 'http://127.0.0.1:1' });
  const look = async (contexts: readonly string[]): Promise<{ pipeline: Pipeline; failed: readonly string[] }> => {
    const pipeline = openPipeline({ describer, epoch: 'e', log: silentLogger, now: () => performance.now() });
    const sources = kubernetesSnapshots({ kubeconfig, contexts, ...everything }, { redact, environment: {} });
    const failures = await runAll(pipeline, sources, new AbortController().signal);
    return { pipeline, failed: failures.map(({ source, problem }) => `${source} ${problem.code}`) };
  };
  const { pipeline, failed } = await look(['nowhere', 'good', 'misspelt']);
  assert.deepEqual(failed.toSorted(), ['kubernetes/misspelt invalid-config', 'kubernetes/nowhere cluster-unreachable']);
  assert.deepEqual(
    [...pipeline.view.resources()].map(({ id }) => id),
    ['good/uid-p'],
  );
  const broken = pipeline.view.coverage().filter(({ coverage }) => coverage === 'broken');
  assert.deepEqual(broken.map(({ cluster, kind }) => `${cluster} ${kind}`).sort(), ['misspelt *', 'nowhere *']);
  assert.match(JSON.stringify(broken), /ECONNREFUSED/);
  assert.match(JSON.stringify(broken), /no context \\"misspelt\\"|misspelt/);
  await assert.rejects(look(['nowhere']), { code: 'cluster-unreachable' });
  await assert.rejects(look(['misspelt']), { code: 'invalid-config' });
  await assert.rejects(look(['nowhere', 'misspelt']), /None of the 2 sources/);
});

test('U76 a server that is lost is told at once, once for all its kinds; when it is back everything goes on at once, however long it was to wait', async () => {
  let up = true;
  const serve = serving();
  await using server = await scriptedServer((asked, response) =>
    up ? serve(asked, response) : asked.request.socket.destroy(),
  );
  const patient = { ...fast, backoff: { firstMs: 3_600_000, maxMs: 3_600_000 }, rediscoverMs: 3_600_000 };
  const check = async ({ until, pipeline }: Beside): Promise<void> => {
    await until(/"state":"ready","resources":1/);
    up = false;
    server.cut();
    await until(/"state":"unreachable","since":"2.*"kinds":\{"broken":1\}/);
    const { incomplete, hints } = (await perform(listClusters, { view: pipeline.view }, {})) as {
      incomplete: readonly { group: string; kind: string; coverage: string }[];
      hints?: readonly string[];
    };
    assert.deepEqual(
      incomplete.map(({ group, kind, coverage }) => [group, kind, coverage]),
      [['*', '*', 'broken']],
    );
    assert.match(
      hints?.join() ?? '',
      /^cluster c cannot be reached since 2.*, what is known of it is as of then: http/,
    );
    up = true;
    await until(/"incomplete":\[\],"items":\[\{"name":"c","state":"ready","resources":1/);
  };
  await beside(server.url, check, patient);
});

test('U77 a server that only falls silent is lost as well, and watches are opened anew when it speaks again', async () => {
  let silent = false;
  const serve = serving();
  await using server = await scriptedServer((asked, response) => (silent ? undefined : serve(asked, response)));
  const watches = (): number => server.asked.filter((path) => path.includes('watch=true')).length;
  const check = async ({ until }: Beside): Promise<void> => {
    await until(/"state":"ready","resources":1/);
    silent = true;
    await until(/"state":"unreachable".*no answer within 0\.05 s.*"kinds":\{"ready":1\}/);
    silent = false;
    await until(/"incomplete":\[\],"items":\[\{"name":"c","state":"ready","resources":1/);
    while (watches() < 2) await new Promise((resolve) => setTimeout(resolve, 2));
  };
  await beside(server.url, check, { ...fast, rediscoverMs: 3_600_000, askMs: 10, answerMs: 50 });
});
