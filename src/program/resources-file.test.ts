import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Problem } from '../model/problem.ts';
import { kindFilter } from '../sources/kubernetes/api-resource.ts';
import { load } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-resources-'));
after(() => rmSync(folder, { recursive: true }));

function fileOf(text: string): string {
  const path = join(folder, 'resources.yaml');
  writeFileSync(path, text);
  return path;
}

const whole = `resources:
  - {group: "", version: v1, kind: Pod, plural: pods, namespaced: true}
  - {group: apps, version: v1, kind: Deployment, plural: deployments, namespaced: true}
  - {group:, version: v1, kind: Node, plural: nodes, namespaced: false}
discoverCRDs: false
storagePath: /data/watch-events
retentionDays: 7
serverPort: 8000
maxQueryLimit: 500
`;

test('WE20 a resources.yaml is a configuration, named by --config or CONFIG_PATH, under environment and options', () => {
  const path = fileOf(whole);
  for (const config of [load({ file: path, environment: {} }), load({ environment: { CONFIG_PATH: path } })]) {
    assert.deepEqual(config.kubernetes.include, ['core/Pod', 'apps/Deployment', 'core/Node']);
    assert.equal(config.history.url, '/data/watch-events/history.db');
    assert.deepEqual([config.history.days, config.history.queryMax, config.server.port], [7, 500, 8000]);
  }
  const environment = { CONFIG_PATH: path, SERVER_PORT: '9000', RETENTION_DAYS: '3', BADGER_PATH: '/elsewhere' };
  const { server, history } = load({ environment, overrides: { 'history.queryMax': 10 } });
  assert.deepEqual([server.port, history.days, history.queryMax], [9000, 3, 10]);
  assert.equal(history.url, '/elsewhere/history.db');
});

test('WE21 it watches the kinds that are listed, and every custom resource when those are to be discovered', () => {
  const wanted = (text: string) => {
    const { include, exclude } = load({ file: fileOf(text), environment: {} }).kubernetes;
    const isWanted = kindFilter(include, exclude);
    return [
      { group: '', kind: 'Pod', plural: 'pods' },
      { group: '', kind: 'Secret', plural: 'secrets' },
      { group: 'networking.k8s.io', kind: 'Ingress', plural: 'ingresses' },
      { group: 'gateway.networking.k8s.io', kind: 'Gateway', plural: 'gateways' },
    ]
      .filter(isWanted)
      .map(({ kind }) => kind);
  };
  assert.deepEqual(wanted(whole), ['Pod']);
  assert.deepEqual(wanted(whole.replace('CRDs: false', 'CRDs: true')), ['Pod', 'Gateway']);
  assert.deepEqual(wanted('discoverCRDs: true\n'), ['Pod', 'Secret', 'Ingress', 'Gateway'], 'none listed means all');
});

test('WE22 every fault of it is listed with its place, unknown keys with the nearest known one', () => {
  const faults = (text: string): readonly string[] => {
    try {
      load({ file: fileOf(text), environment: {} });
    } catch (error) {
      assert.ok(error instanceof Problem && error.code === 'invalid-config');
      return error.details.map((detail) => detail.replace(/^\S+resources.yaml: /, ''));
    }
    return [];
  };
  assert.deepEqual(
    faults('resources: [{kind: Pod, namspaced: true}, {group: apps}]\nretentionDay: 3\nserverPort: high\n'),
    [
      'resources[0].namspaced: no such setting of a resources.yaml; did you mean namespaced?',
      'resources[1].kind: is required',
      'serverPort: must be a number, "high" is none',
      'retentionDay: no such setting of a resources.yaml; did you mean retentionDays?',
    ],
  );
  assert.deepEqual(faults(whole), []);
  assert.throws(() => load({ environment: { CONFIG_PATH: join(folder, 'nowhere.yaml') } }), /1 fault/);
});

test('WE23 what Kubernetes sets for a Service called server is no port', () => {
  const environment = { SERVER_PORT: 'tcp://10.0.0.1:80', SERVER_SERVICE_HOST: '10.0.0.1' };
  const notes: string[] = [];
  assert.equal(load({ environment, note: (text) => notes.push(text) }).server.port, 8080);
  assert.match(notes.join(), /SERVER_PORT/);
});
