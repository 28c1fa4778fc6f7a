import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Asked, json, scriptedServer, status } from '../../../test/support/scripted-api-server.ts';
import { diagnoseClusters, type Finding } from './doctor.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-doctor-'));
after(() => rmSync(folder, { recursive: true }));

const resource = (plural: string, kind: string, cluster = false): object => ({
  resource: plural,
  responseKind: { kind },
  scope: cluster ? 'Cluster' : 'Namespaced',
  verbs: ['list', 'watch'],
});

/** An API server with pods and nodes, on which only pods may be followed, and a group that is down. */
function narrow({ path, request }: Asked, response: ServerResponse): unknown {
  if (path === '/version') return json(response, { gitVersion: 'v1.20.1', minor: '20+' });
  if (path === '/api') {
    const resources = [resource('pods', 'Pod'), resource('nodes', 'Node', true), resource('configmaps', 'ConfigMap')];
    return json(response, {
      kind: 'APIGroupDiscoveryList',
      items: [{ metadata: { name: '' }, versions: [{ version: 'v1', resources }] }],
    });
  }
  if (path === '/apis') {
    const versions = [{ version: 'v1', freshness: 'Stale', resources: [] }];
    return json(response, {
      kind: 'APIGroupDiscoveryList',
      items: [{ metadata: { name: 'down.example.com' }, versions }],
    });
  }
  return reviewed(request, path, response);
}

async function reviewed(request: AsyncIterable<Buffer>, path: string, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { spec } = JSON.parse(body);
  if (path.endsWith('selfsubjectaccessreviews'))
    json(response, { status: { allowed: spec.resourceAttributes.resource === 'pods' } });
  else json(response, { status: { resourceRules: [{ verbs: ['*'], apiGroups: [''], resources: ['configmaps'] }] } });
}

async function diagnose(server: string, user = '{}'): Promise<readonly Finding[]> {
  const kubeconfig = join(folder, 'config');
  writeFileSync(
    kubeconfig,
    `current-context: c\nclusters: [{name: c, cluster: {server: "${server}"}}]\nusers: [{name: u, user: ${user}}]\ncontexts: [{name: c, context: {cluster: c, user: u, namespace: shop}}]\n`,
  );
  const config = {
    kubeconfig,
    contexts: [],
    namespaces: [],
    include: [],
    exclude: [],
    streamingLists: 'auto',
    pageSize: 500,
  } as const;
  return diagnoseClusters(config, {}, new AbortController().signal);
}

const faults = (findings: readonly Finding[]): string =>
  findings
    .map(
      ({ status, subject, message, names = [], remedy }) =>
        `${status} ${subject}: ${[message, ...names].join(' ')} → ${remedy}`,
    )
    .join('\n');

test('U60 doctor tells version, broken groups and missing permissions, and what to do about each', async () => {
  await using server = await scriptedServer(narrow);
  const findings = await diagnose(server.url);
  const text = faults(findings);
  assert.match(text, /warning cluster c: server: .*v1\.20\.1 is older/);
  assert.match(
    text,
    /warning cluster c: API group down\.example\.com\/v1.*kubectl get apiservice v1\.down\.example\.com/s,
  );
  assert.match(text, /warning cluster c: permissions: 1 of 3 kinds .*; 2 not Node ConfigMap → Bind a ClusterRole/);
  assert.match(text, /ok cluster c: permissions: namespace shop: 1 of these kinds/);
  for (const { status, remedy } of findings) assert.equal(remedy === undefined, status === 'ok');
});

test('LG14 doctor tells whether logs may be read, everywhere or where we are at home', async () => {
  const answer = async (allowed: (asked: Readonly<Record<string, string>>) => boolean): Promise<string> => {
    await using server = await scriptedServer(async (asked, response) => {
      if (!asked.path.endsWith('selfsubjectaccessreviews')) return narrow(asked, response);
      let body = '';
      for await (const chunk of asked.request) body += chunk;
      return json(response, { status: { allowed: allowed(JSON.parse(body).spec.resourceAttributes) } });
    });
    return faults(await diagnose(server.url));
  };
  assert.match(await answer(() => true), /^ok cluster c: logs: may be read of every pod/m);
  const isLog = ({ verb, resource, subresource }: Readonly<Record<string, string>>): boolean =>
    verb === 'get' && resource === 'pods' && subresource === 'log';
  assert.match(
    await answer((asked) => !isLog(asked)),
    /^warning cluster c: logs: may not .*→ Grant the verb get on pods\/log/m,
  );
  assert.match(
    await answer((asked) => !isLog(asked) || asked['namespace'] === 'shop'),
    /^ok cluster c: logs: may be read in some namespaces shop/m,
  );
});

test('U61 doctor says why a cluster cannot be used', async () => {
  assert.match(
    faults(await diagnose('http://127.0.0.1:1')),
    /fault cluster c: server: .*ECONNREFUSED.*→ Check the server address/,
  );
  await using server = await scriptedServer((_, response) => status(response, 401, 'Unauthorized'));
  assert.match(faults(await diagnose(server.url)), /fault cluster c: server: Unauthorized → Log in again/);
  assert.match(
    faults(await diagnose(server.url, '{exec: {command: kube-kg-no-such-plugin}}')),
    /fault .*kube-kg-no-such-plugin.*not installed/,
  );
  assert.match(faults(await diagnose('not-a-url')), /fault kubeconfig: .*must be a URL/);
});

test('U64 doctor calls it a fault when nothing may be read, and gives the commands that change it', async () => {
  await using server = await scriptedServer((asked, response) => {
    const { path, request } = asked;
    if (request.method !== 'POST') return narrow(asked, response);
    if (path.endsWith('selfsubjectreviews')) return json(response, { status: { userInfo: { username: 'ada' } } }, 201);
    return json(response, { status: { allowed: false, resourceRules: [] } }, 201);
  });
  const text = faults(await diagnose(server.url));
  assert.match(text, /^fault cluster c: permissions: 0 of 3 kinds .*; 3 not Pod Node ConfigMap → Nothing can be seen/m);
  assert.match(
    text,
    /kubectl create clusterrole .*--verb=get,list,watch.*\nkubectl create clusterrolebinding .*--user='ada'/,
  );
});
