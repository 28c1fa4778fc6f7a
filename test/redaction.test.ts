/** Redaction and relations together: what relations follow are names and stay; what is a credential goes, whatever the kind. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { describer, kinds } from '../src/kinds/index.ts';
import { expandBraces, parsePattern } from '../src/kinds/path.ts';
import type { KubeObject } from '../src/model/change.ts';
import type { GroupKind } from '../src/model/groups.ts';
import { redactor } from '../src/sources/redact.ts';

const redact = redactor('a key for tests', describer.referencesIn);
const folder = join(import.meta.dirname, 'scenarios');

/** An object of a kind with one value at a field path pattern. */
function withField({ group, kind }: GroupKind, pattern: string, leaf: unknown): KubeObject {
  let value = leaf;
  for (const step of parsePattern(pattern).toReversed()) {
    if (step.type === 'field') value = { [step.key]: value };
    else value = step.type === 'each' ? [value] : { any: { depth: value } };
  }
  const names = { apiVersion: group === '' ? 'v1' : `${group}/v1`, kind: kind === '*' ? 'Any' : kind };
  return { metadata: { name: 'x' }, ...(value as object), ...names };
}

test('X25 no field that a relation of the table follows is redacted', () => {
  const name = 'my-oauth-secret';
  const reference = { name, secretName: name, key: 'client-secret', namespace: 'shop', kind: 'Secret' };
  const lost: string[] = [];
  let paths = 0;
  for (const row of kinds) {
    for (const { path } of row.relations ?? []) {
      for (const pattern of expandBraces(path)) {
        paths++;
        for (const leaf of [name, reference]) {
          const object = withField(row, pattern, leaf);
          if (redact(object) !== object) lost.push(`${row.kind}.${row.group} ${pattern}`);
        }
      }
    }
  }
  assert.deepEqual(lost, []);
  assert.ok(paths > 2_000, `${paths} paths`);
});

test('X26 every object of every scenario refers to the same after redaction', () => {
  const changed: string[] = [];
  let references = 0;
  for (const file of readdirSync(folder).filter((each) => each.endsWith('.yaml'))) {
    for (const document of parseAllDocuments(readFileSync(join(folder, file), 'utf8'))) {
      const { steps = [] } = (document.toJS() ?? {}) as { steps?: { apply?: KubeObject[] }[] };
      for (const object of steps.flatMap(({ apply = [] }) => apply)) {
        const before = described(object);
        references += before.length;
        const after = new Set(described(redact(object)));
        changed.push(...before.filter((each) => !after.has(each)).map((each) => `${file}: ${each}`));
      }
    }
  }
  assert.deepEqual(changed, []);
  assert.ok(references > 1_000, `${references} references`);
});

function described(object: KubeObject): readonly string[] {
  const description = describer.object('c', object);
  if ('reason' in description) return [];
  return description.references.map(({ rule, field, target, value }) =>
    JSON.stringify([rule.id, field, target, value]),
  );
}

const CANARY = 'hunter2hunter2';
const credentials: Readonly<Record<string, object>> = {
  password: { adminPassword: CANARY },
  token: { token: CANARY, nested: [{ authToken: CANARY }] },
  'API key': { apiKey: CANARY, 'x-api-key': CANARY },
  'client secret': { oauth: { clientSecret: CANARY } },
  'shared secret': { webhookSecret: CANARY, sharedSecret: CANARY },
  'secret that no object can be called': {
    secret: `${CANARY}!`,
    existingSecret: 'Hunter2',
    signature: { secret: 'f'.repeat(64) },
  },
  'list of them': { passwords: [CANARY], apiKeys: [CANARY] },
  'value of one': { password: { value: CANARY }, settings: [{ key: 'DB_PASSWORD', value: CANARY }] },
  'password of somebody with a name': { users: [{ name: 'admin', password: CANARY }] },
};

for (const [what, spec] of Object.entries(credentials)) {
  test(`X27 a credential in a field of a custom resource is no name: ${what}`, () => {
    for (const apiVersion of ['example.com/v1', 'k8s.nginx.org/v1']) {
      const text = JSON.stringify(redact({ apiVersion, kind: 'Policy', metadata: { name: 'x' }, spec }));
      assert.doesNotMatch(text, /hunter2|f{64}/i);
    }
  });
}

test('X28 a client secret is a name only where a relation of that very kind says so', () => {
  const policy = (apiVersion: string, clientSecret: string): KubeObject => ({
    apiVersion,
    kind: 'Policy',
    metadata: { name: 'x' },
    spec: { oidc: { clientSecret } },
  });
  const known = policy('k8s.nginx.org/v1', 'my-oauth-secret');
  assert.equal(redact(known), known);
  for (const other of [
    policy('example.com/v1', 'my-oauth-secret'),
    policy('k8s.nginx.org/v1', 'Hunter2!'),
    { ...known, spec: { clientSecret: 'my-oauth-secret' } },
  ])
    assert.match(JSON.stringify(redact(other)), /"clientSecret":"redacted:[0-9a-f]{16}"/);
});

test('X29 what names a Secret, or a key in one, stays in resources of any kind', () => {
  const object: KubeObject = {
    apiVersion: 'example.com/v1',
    kind: 'Thing',
    metadata: { name: 'x' },
    spec: {
      secret: 'db',
      secretName: 'db',
      tlsSecretName: 'tls',
      secretRef: { name: 'db' },
      existingSecret: 'db',
      credentialsSecret: 'shop/db',
      passwordSecret: 'db',
      passwordSecretRef: { name: 'db', key: 'password' },
      clientSecret: { name: 'oauth', key: 'client-secret' },
      adminCredentials: { secretName: 'db', username: 'user', password: 'the-password' },
      userSecret: { name: 'db', password: 'the-password' },
      passwordKey: 'the-password',
    },
  };
  assert.equal(redact(object), object);
});
