import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../model/change.ts';
import { redactor } from './redact.ts';

const redact = redactor('a key for tests');
const other = redactor('another key');
const FINGERPRINT = /^redacted:[0-9a-f]{16}$/;

type Tree = Record<string, unknown>;
const meta = { name: 'x', namespace: 'n', uid: 'u' };
const make = (kind: string, rest: Tree, apiVersion = 'v1'): KubeObject =>
  ({ apiVersion, kind, metadata: meta, ...rest }) as unknown as KubeObject;
const at = (object: unknown, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Tree)[key], object);

/** An object with a canary in every place that this file is about, and what must stay as it is. */
const canaries: Readonly<Record<string, KubeObject>> = {
  secret: make('Secret', { type: 'Opaque', data: { password: 'Q0FOQVJZ' }, stringData: { token: 'CANARY' } }),
  'secret that is broken': make('Secret', { data: 'CANARY', stringData: { a: ['CANARY'], b: 7, c: null } }),
  'helm release in a ConfigMap': make('ConfigMap', {
    metadata: { ...meta, labels: { owner: 'helm', name: 'shop' } },
    data: { release: 'CANARY' },
  }),
  'last applied': make('Pod', {
    metadata: {
      ...meta,
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"a":"CANARY"}}',
        'objectset.rio.cattle.io/applied': 'H4sICANARY',
      },
    },
  }),
  env: make('Deployment', {
    spec: { template: { spec: { initContainers: [{ env: [{ name: 'DB_PASSWORD', value: 'CANARY' }] }] } } },
  }),
  'env of a CronJob': make('CronJob', {
    spec: {
      jobTemplate: { spec: { template: { spec: { containers: [{ env: [{ name: 'API_KEY', value: 'CANARY' }] }] } } } },
    },
  }),
  'env of a custom resource': make(
    'Thing',
    { spec: { deep: [{ extraEnv: [{ name: 'AUTH_TOKEN', value: 'CANARY' }], env: { CLIENT_SECRET: 'CANARY' } }] } },
    'example.com/v1',
  ),
  'template of an old revision': make('ControllerRevision', {
    data: { spec: { template: { spec: { containers: [{ env: [{ name: 'PASSWD', value: 'CANARY' }] }] } } } },
  }),
  arguments: make('Pod', {
    spec: {
      containers: [
        { args: ['--password=CANARY', '--token', 'CANARY', '-secretKey', 'CANARY', 'API_KEY=CANARY,with;odd&letters'] },
        {
          command: [
            'sh',
            '-c',
            'export DB_PASSWORD="CANARY"; curl -H "Authorization: Bearer CANARY0123456789abc" https://u:CANARY@h/',
          ],
        },
      ],
    },
  }),
  annotations: make('Ingress', {
    metadata: {
      ...meta,
      annotations: { 'example.com/api-token': 'CANARY', 'example.com/url': 'amqp://u:CANARY@mq:5672' },
    },
  }),
  'annotations of a template': make('Deployment', {
    spec: { template: { metadata: { annotations: { 'example.com/password': 'CANARY' } } } },
  }),
  'config data': make('ConfigMap', {
    data: {
      DB_PASSWORD: 'CANARY',
      'app.properties': 'db.url=postgres://u:CANARY@db/shop\ndb.password = CANARY\ncolour=blue\n',
      'app.yaml': 'auth:\n  token: "CANARY"\n  nested: {"clientSecret":"CANARY","x":1}\n',
      'key.pem': '-----BEGIN RSA PRIVATE KEY-----\nCANARY\n-----END RSA PRIVATE KEY-----\n',
    },
  }),
  'binary data': make('ConfigMap', { binaryData: { 'a.env': Buffer.from('PASSWORD=CANARY').toString('base64') } }),
  'headers of probes and routes': make('Pod', {
    spec: {
      containers: [{ livenessProbe: { httpGet: { httpHeaders: [{ name: 'Authorization', value: 'Basic CANARY' }] } } }],
    },
  }),
  'a route of the Gateway API': make(
    'HTTPRoute',
    { spec: { rules: [{ filters: [{ requestHeaderModifier: { set: [{ name: 'X-Api-Key', value: 'CANARY' }] } }] }] } },
    'gateway.networking.k8s.io/v1',
  ),
  'parameters of a storage driver': make('PersistentVolume', {
    spec: { csi: { volumeAttributes: { password: 'CANARY', source: 'smb://u:CANARY@h/share' } } },
  }),
  'fields of a custom resource': make(
    'Database',
    { spec: { adminPassword: 'CANARY', values: 'auth:\n  password: CANARY\n', list: ['redis://:CANARY@r'] } },
    'example.com/v1',
  ),
  'a Secret inside a custom resource': make(
    'ManifestWork',
    { spec: { manifests: [{ apiVersion: 'v1', kind: 'Secret', data: { a: 'CANARY' } }] } },
    'work.example.com/v1',
  ),
  'a broken Secret inside a custom resource': make(
    'ManifestWork',
    { spec: { manifests: [{ apiVersion: 'v1', kind: 'Secret', data: 'CANARY', stringData: 'CANARY' }] } },
    'work.example.com/v1',
  ),
  'env written as assignments': make(
    'Thing',
    { spec: { env: ['A=b', 'DB_PASSWORD=CANARY;CANARY'] } },
    'example.com/v1',
  ),
  'the message of an Event': make('Event', { message: 'probe failed: GET http://u:CANARY@shop:80/: 500' }),
  'the note of an Event': make('Event', { note: 'login with --password=CANARY refused' }, 'events.k8s.io/v1'),
  'the last words of a container': make('Pod', {
    status: { containerStatuses: [{ lastState: { terminated: { message: 'fatal: DB_PASSWORD=CANARY is wrong' } } }] },
  }),
  'a condition': make('Deployment', {
    status: { conditions: [{ type: 'Progressing', message: 'cannot pull https://u:CANARY@registry/shop' }] },
  }),
  'a value of a set': make('Thing', {
    metadata: {
      ...meta,
      managedFields: [{ manager: 'm', fieldsV1: { 'f:spec': { 'f:urls': { 'v:"http://u:CANARY@h"': {} } } } }],
    },
  }),
};

for (const [place, object] of Object.entries(canaries)) {
  test(`X1 no secret survives: ${place}`, () => {
    const text = JSON.stringify(redact(object));
    assert.doesNotMatch(text, /CANARY|Q0FOQVJZ/);
    assert.match(text, /redacted:[0-9a-f]{16}/);
  });

  test(`X2 redacting twice gives the same bytes, under any key: ${place}`, () => {
    const once = JSON.stringify(redact(object));
    assert.equal(JSON.stringify(redact(JSON.parse(once))), once);
    assert.equal(JSON.stringify(other(JSON.parse(once))), once);
  });
}

test('X17 a password of digits is one, also where YAML has made a number of it', () => {
  const values = { password: 82736451, apiKey: 12345678901234, passwords: [82736451], enabled: true, pass: null };
  const harmless = { apiKey: 3, port: 82736451, tokenTtl: 123456789012, passwordEnabled: true, replicas: 2 };
  const release = make(
    'HelmRelease',
    { spec: { values, harmless, env: [{ name: 'DB_PASSWORD', value: 82736451 }] } },
    'helm.toolkit.fluxcd.io/v2',
  );
  const redacted = redact(release);
  assert.doesNotMatch(JSON.stringify(at(redacted, 'spec', 'values')), /82736451|12345678901234/);
  assert.match(String(at(redacted, 'spec', 'env', 0, 'value')), FINGERPRINT);
  assert.equal(at(redacted, 'spec', 'harmless'), harmless);
  const asText = redact(
    make('HelmRelease', { spec: { values: { password: '82736451' } } }, 'helm.toolkit.fluxcd.io/v2'),
  );
  assert.equal(at(redacted, 'spec', 'values', 'password'), at(asText, 'spec', 'values', 'password'));
  const unquoted = redact(make('ConfigMap', { data: { DB_PASSWORD: 82736451, PORT: 80 } }));
  assert.match(String(at(unquoted, 'data', 'DB_PASSWORD')), FINGERPRINT);
  assert.equal(at(unquoted, 'data', 'PORT'), 80);
});

test('X3 the same value has the same fingerprint under one key, another value or key another one', () => {
  const value = (redaction: typeof redact, text: string): unknown =>
    at(redaction(make('Secret', { data: { a: text } })), 'data', 'a');
  assert.match(String(value(redact, 'one')), FINGERPRINT);
  assert.equal(value(redact, 'one'), value(redactor(Buffer.from('a key for tests')), 'one'));
  assert.notEqual(value(redact, 'one'), value(redact, 'two'));
  assert.notEqual(value(redact, 'one'), value(other, 'one'));
});

test('X4 keys, names, and everything that is no secret stay as they are', () => {
  const object = make(
    'Deployment',
    {
      metadata: {
        ...meta,
        labels: { token: 'a-label' },
        annotations: {
          'nginx.ingress.kubernetes.io/auth-secret': 'n/basic-auth',
          'deployment.kubernetes.io/revision': '3',
          'checksum/config': '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
          'checksum/secret': '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
          'vault.hashicorp.com/agent-inject-token': 'true',
          'cni.example.com/containerID': '4c01db0b339c5d2c8e4b7a3f2f0d5b7c8f1a2b3c4d5e6f708192a3b4c5d6e7f8',
        },
      },
      spec: {
        template: {
          spec: {
            imagePullSecrets: [{ name: 'regcred' }],
            volumes: [{ name: 's', secret: { secretName: 'db' } }],
            containers: [
              {
                image:
                  'registry.example.com:5000/app@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
                args: [
                  '--secret-name=db',
                  '--token-ttl=3600',
                  '--tls-secret=n/tls',
                  '--v=2',
                  '--password-file=/run/secrets/p',
                  '--listen=:8080',
                ],
                env: [
                  { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
                  { name: 'SECRET_NAME', value: 'db' },
                  { name: 'TOKEN_FILE', value: '/var/run/secrets/token' },
                  { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: '/var/run/secrets/eks/token' },
                  { name: 'USE_PASSWORD', value: 'true' },
                  { name: 'MAX_TOKENS', value: '4096' },
                  { name: 'DB_PASSWORD_REF', value: 'x' },
                  { name: 'PASSWORD_FROM', value: '$(DB_PASSWORD)' },
                  { name: 'PWD', value: '/app' },
                  { name: 'DB_HOST', value: 'db.shop.svc.cluster.local' },
                  { name: 'DB_URL', value: 'postgres://db.shop:5432/shop?sslmode=disable' },
                  { name: 'NODE_NAME', value: 'ip-10-0-1-23.eu-central-1.compute.internal' },
                  { name: 'GIT_SHA', value: 'd670460b4b4aece5915caf5c68d12f560a9fe3e4' },
                  { name: 'REQUEST_ID', value: '0f8fad5b-d9cb-469f-a165-70867728950e' },
                  { name: 'EMPTY_TOKEN', value: '' },
                  { name: 'CLASS', value: 'com.example.shop.OrderServiceFactoryBean2' },
                ],
              },
            ],
          },
        },
      },
    },
    'apps/v1',
  );
  assert.equal(redact(object), object, 'nothing to replace: the very same object');
});

test('X9 a file in a ConfigMap is judged by what is in it, not by its name', () => {
  const object = make('ConfigMap', {
    data: { 'password-policy.yaml': 'length: 12\n', 'credentials.json': '{"user":"u"}', LEVEL: 'info' },
  });
  assert.equal(redact(object), object);
});

test('X5 of a connection URL only the password goes: the host still tells what is talked to', () => {
  const env = (value: string): unknown =>
    at(
      redact(make('Pod', { spec: { containers: [{ env: [{ name: 'URL', value }] }] } })),
      'spec',
      'containers',
      0,
      'env',
      0,
      'value',
    );
  assert.match(
    String(env('postgres://shop:p@ss@db.shop.svc:5432/orders')),
    /^postgres:\/\/shop:redacted:[0-9a-f]{16}@db\.shop\.svc:5432\/orders$/,
  );
  assert.match(String(env('redis://:hunter2@cache:6379')), /^redis:\/\/:redacted:[0-9a-f]{16}@cache:6379$/);
  assert.match(
    String(env('https://AbCdEf0123456789GhIjKl@git.example.com/x')),
    /^https:\/\/redacted:[0-9a-f]{16}@git\.example\.com\/x$/,
  );
  assert.equal(env('postgres://shop:$(DB_PASSWORD)@db/orders'), 'postgres://shop:$(DB_PASSWORD)@db/orders');
});

test('X6 the input is never changed, and what is not touched is shared', () => {
  const object = structuredClone(canaries['env']) as KubeObject;
  const before = JSON.stringify(object);
  const redacted = redact(object);
  assert.equal(JSON.stringify(object), before);
  assert.equal(redacted.metadata, object.metadata);
});

test('X7 odd input is no way out: deep nesting, __proto__, wrong types everywhere', () => {
  let deep: unknown = { env: [{ name: 'PASSWORD', value: 'CANARY' }] };
  for (let depth = 0; depth < 20_000; depth++) deep = depth % 2 === 0 ? [deep] : { deep };
  assert.doesNotMatch(JSON.stringify(redact(make('Thing', { spec: deep as Tree }, 'example.com/v1'))), /CANARY/);
  assert.doesNotMatch(JSON.stringify(redact(make('Secret', { data: { a: deep } }))), /CANARY/);
  const proto = JSON.parse(
    '{"apiVersion":"example.com/v1","kind":"T","metadata":{},"__proto__":{"password":"CANARY"}}',
  );
  assert.equal(JSON.stringify(redact(proto)).includes('CANARY'), false);
  assert.equal(Object.getPrototypeOf(redact(proto)), Object.prototype);
  for (const odd of [
    {},
    { metadata: null },
    { kind: 7 },
    { metadata: { annotations: [1], managedFields: 'x' } },
    { spec: { env: null, args: {} } },
  ]) {
    assert.doesNotThrow(() => redact(odd as unknown as KubeObject));
  }
});

test('X8 managedFields say who owns which fields, in one line each', () => {
  const [first, second] =
    redact(
      make('Pod', {
        metadata: {
          ...meta,
          managedFields: [
            {
              manager: 'kubectl',
              operation: 'Apply',
              apiVersion: 'v1',
              time: '2026-01-01T00:00:00Z',
              fieldsType: 'FieldsV1',
              fieldsV1: { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:image': {} } } } },
            },
            {
              manager: 'kubelet',
              operation: 'Update',
              subresource: 'status',
              fieldsV1: { 'f:status': { 'f:phase': {} } },
            },
          ],
        },
      }),
    ).metadata.managedFields ?? [];
  assert.deepEqual(first, {
    manager: 'kubectl',
    operation: 'Apply',
    time: '2026-01-01T00:00:00Z',
    fieldsV1: 'spec{containers{[name:web]{.,image}}}',
  });
  assert.deepEqual(second, {
    manager: 'kubelet',
    operation: 'Update',
    subresource: 'status',
    fieldsV1: 'status{phase}',
  });
});
