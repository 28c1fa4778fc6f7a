/** What the manifests of `deploy/` ask of a cluster, and that the configuration in them is one. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { healthRoutes } from '../src/api/health.ts';
import type { ApiOptions } from '../src/api/options.ts';
import { load } from '../src/program/config.ts';

const folder = resolve(import.meta.dirname, '../deploy/kubernetes');
const files = readdirSync(folder).sort();
const manifest = (name: string) => parse(readFileSync(join(folder, name), 'utf8'));

test('WE30 the manifests let it read everything, write nothing, and run without any privilege, with a valid configuration', () => {
  const { resources } = manifest('kustomization.yaml');
  assert.deepEqual([...resources, 'kustomization.yaml'].sort(), files);

  const rules = manifest('cluster-role.yaml').rules as { resources: string[]; verbs: string[] }[];
  assert.deepEqual(
    rules.map(({ resources, verbs }) => [...resources, ...verbs.toSorted()].join()),
    ['*,list,watch', 'pods/log,get'],
  );

  const { spec } = manifest('stateful-set.yaml').spec.template;
  const [container] = spec.containers;
  assert.equal(spec.securityContext.runAsNonRoot, true);
  assert.equal(container.securityContext.readOnlyRootFilesystem, true);
  const open = healthRoutes({} as ApiOptions).filter((route) => route.open);
  for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'])
    assert.ok(
      open.some(({ url }) => url === container[probe].httpGet.path),
      probe,
    );

  const place = mkdtempSync(join(tmpdir(), 'kube-kg-deploy-'));
  const [[name, text] = ['', '']] = Object.entries<string>(manifest('config-map.yaml').data);
  assert.ok(container.args.includes(`/etc/kube-kg/${name}`));
  writeFileSync(join(place, name), text);
  const config = load({ file: join(place, name), environment: { KG_SERVER_TOKEN: 'a-token-of-some-length' } });
  rmSync(place, { recursive: true });
  assert.equal(config.server.port, container.ports[0].containerPort);
  const mounted = container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath);
  assert.ok(mounted.includes(resolve(config.history.url ?? '', '..')), 'the history is on the volume');
});

test('WE34 the key of redaction is taken from the Secret where it is there, for a history that no file can lie beside', () => {
  const [container] = manifest('stateful-set.yaml').spec.template.spec.containers;
  const from = new Map(container.env.map(({ name, valueFrom }: EnvVar) => [name, valueFrom.secretKeyRef]));
  assert.deepEqual(from.get('KG_SERVER_TOKEN'), { name: 'kube-kg', key: 'token' });
  assert.deepEqual(from.get('KG_REDACTION_KEY'), { name: 'kube-kg', key: 'redaction-key', optional: true });
  const environment = { KG_SERVER_TOKEN: 'a-token-of-some-length', KG_REDACTION_KEY: 'a-key-of-some-length' };
  assert.equal(load({ environment }).redaction.key, environment.KG_REDACTION_KEY);
});

interface EnvVar {
  readonly name: string;
  readonly valueFrom: { readonly secretKeyRef: object };
}
