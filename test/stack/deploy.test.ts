/** The manifests of `deploy/` against what a real API server publishes, accepts and allows. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseAllDocuments, stringify } from 'yaml';
import { built } from './build.ts';
import { get, type Login } from './client.ts';
import { type Cluster, startCluster } from './components/kubernetes.ts';
import { run } from './runner.ts';
import { allListed, serve } from './served.ts';

const folder = resolve(import.meta.dirname, '../../deploy/kubernetes');
const account = 'system:serviceaccount:kube-kg:kube-kg';

interface Clusters {
  readonly items: readonly {
    readonly kinds: Readonly<Record<string, number>>;
    readonly incomplete: readonly object[];
  }[];
}

describe('the manifests', () => {
  let cluster: Cluster;
  let rendered: string;
  before(async () => {
    cluster = await startCluster({ name: 'deploy' });
    rendered = await cluster.kubectl('kustomize', folder);
    const first = /^(Namespace|ServiceAccount|ClusterRole|ClusterRoleBinding)$/;
    const documents = parseAllDocuments(rendered).map((document) => document.toJS() as { kind: string });
    assert.equal(documents.length, 7);
    await cluster.apply(...documents.filter(({ kind }) => first.test(kind)));
  });
  after(() => cluster?.stop());

  it('WE31 kubeconform accepts them by the schemas of the API server, strictly, and refuses a field that there is none of', async () => {
    const schemas = await writeSchemas(cluster.login(), join(cluster.directory, 'schemas'));
    const check = async (text: string): Promise<string> => {
      const program = join(await built('kubeconform'), 'kubeconform');
      return run([program, '-strict', '-summary', '-schema-location', schemas], { input: text });
    };
    assert.match(await check(rendered), /7 resources found.* Valid: 7, Invalid: 0, Errors: 0, Skipped: 0/);
    await assert.rejects(check(rendered.replace('serviceName:', 'serviceNaem:')), /serviceNaem/);
    await assert.rejects(check(rendered.replace('replicas: 1', 'replicas: one')), /replicas/);
  });

  it('WE32 the API server accepts them, and its pod security standard "restricted" has nothing to say', async () => {
    const said = await cluster.kubectl('apply', '--dry-run=server', '-k', folder);
    assert.equal(said.match(/\(server dry run\)/g)?.length, 7, said);
    const pod = parseAllDocuments(rendered)
      .map((document) => document.toJS() as { kind: string; spec: { template: { spec: object } } })
      .find(({ kind }) => kind === 'StatefulSet');
    const path = join(cluster.directory, 'pod.json');
    const metadata = { name: 'kube-kg-0', namespace: 'kube-kg' };
    const spec = { ...pod?.spec.template.spec, volumes: undefined, containers: bare(pod?.spec.template.spec) };
    await writeFile(path, JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec }));
    assert.match(await cluster.kubectl('apply', '--dry-run=server', '-f', path), /pod\/kube-kg-0 created/);
  });

  it('WE33 under its role every kind is listed, and nothing can be written, run or read by name', async () => {
    const can = (who: readonly string[], question: string): Promise<boolean> =>
      cluster.kubectl('auth', 'can-i', ...question.split(' '), ...who).then(
        () => true,
        () => false,
      );
    const it = [`--as=${account}`];
    assert.ok(await can(it, 'list secrets -A'));
    for (const question of [
      'create pods',
      'delete configmaps',
      'patch deployments.apps',
      'get secrets',
      'get pods --subresource=exec',
      'create pods --subresource=exec',
      'get nodes --subresource=proxy',
      'create serviceaccounts --subresource=token',
      'impersonate users',
    ]) {
      assert.ok(await can([], question), `an administrator may ${question}`);
      assert.ok(!(await can(it, question)), question);
    }
    const kubeconfig = await kubeconfigOf(cluster);
    await using served = await serve({ name: cluster.name, directory: cluster.directory, kubeconfig });
    await allListed(served);
    const [known] = (await served.get<Clusters>('/api/v1/clusters')).items;
    assert.deepEqual([Object.keys(known?.kinds ?? {}), known?.incomplete], [['ready'], []]);
  });
});

/** The containers without what mounts volumes, which a lone pod has not. */
function bare(spec: object | undefined): readonly object[] {
  const { containers = [] } = (spec ?? {}) as { containers?: readonly object[] };
  return containers.map((container) => ({ ...container, volumeMounts: undefined }));
}

/** A kubeconfig with a token of the service account, whose context is called as the cluster is. */
async function kubeconfigOf(cluster: Cluster): Promise<string> {
  const token = (await cluster.kubectl('-n', 'kube-kg', 'create', 'token', 'kube-kg')).trim();
  const { server, caFile } = cluster.login();
  const path = join(cluster.directory, 'account.kubeconfig');
  const { name } = cluster;
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
  await writeFile(path, stringify(document), { mode: 0o600 });
  return path;
}

type Definition = { readonly [key: string]: unknown; readonly properties?: Readonly<Record<string, unknown>> };

/** The API server's own schemas as kubeconform wants them: a file a kind, without fields that no schema has. Returns the pattern of their names. */
async function writeSchemas(login: Login, directory: string): Promise<string> {
  const { definitions } = await get<{ definitions: Record<string, Definition> }>(login, '/openapi/v2');
  const strict = Object.entries(definitions).map(([name, definition]) => [name, strictly(definition)]);
  const all = Object.fromEntries(strict);
  await mkdir(directory);
  for (const [name, definition] of Object.entries(definitions)) {
    const kinds = (definition['x-kubernetes-group-version-kind'] ?? []) as readonly Record<string, string>[];
    for (const { group, version, kind } of kinds) {
      const path = join(
        directory,
        `${[kind, group?.split('.')[0], version].filter(Boolean).join('-').toLowerCase()}.json`,
      );
      await writeFile(path, JSON.stringify({ $ref: `#/definitions/${name}`, definitions: all }));
    }
  }
  return join(directory, '{{.ResourceKind}}{{.KindSuffix}}.json');
}

/** No more fields than those that are named; and what is a number or a text is both. */
function strictly(definition: Definition): Definition {
  if (definition['format'] === 'int-or-string') return { oneOf: [{ type: 'string' }, { type: 'integer' }] };
  return definition.properties && definition['additionalProperties'] === undefined
    ? { ...definition, additionalProperties: false }
    : definition;
}
