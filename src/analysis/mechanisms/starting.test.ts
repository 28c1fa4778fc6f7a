import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  at,
  causesOf,
  deployment,
  estateOf,
  event,
  object,
  podStatus,
  type Seen,
} from '../../../test/support/estate.ts';

const first = (seen: Readonly<Record<number, readonly Seen[]>>): string | undefined => causesOf(estateOf(seen))[0]?.[0];
const tick: readonly Seen[] = [{ apply: object('v1', 'Namespace', 'elsewhere') }];
const secret = object('v1', 'Secret', 'shop/other', { data: {} });

const initialising = (state: object, restartCount = 0, more: object = {}): object => ({
  phase: 'Pending',
  conditions: [
    { type: 'PodScheduled', status: 'True' },
    { type: 'Initialized', status: 'False' },
    { type: 'Ready', status: 'False', lastTransitionTime: at(0) },
  ],
  initContainerStatuses: [{ name: 'wait', ready: false, restartCount, state, ...more }],
  containerStatuses: [
    { name: 'app', ready: false, restartCount: 0, state: { waiting: { reason: 'PodInitializing' } } },
  ],
});
const waitsFor = (script: string): object => ({
  initContainers: [{ name: 'wait', image: 'busybox', command: ['sh', '-c', script] }],
});

test('CA41 an init container that waits for a Service that is missing, or chooses nobody, is told with that Service', () => {
  const state = initialising({ running: { startedAt: at(1) } });
  const web = (script: string): readonly Seen[] =>
    deployment('shop/web', { podStatus: state, spec: waitsFor(script) }).all;
  const someService = {
    apply: object('v1', 'Service', 'shop/else', { spec: { selector: { app: 'else' }, ports: [{ port: 1 }] } }),
  };
  const lookup = 'until nslookup db.shop.svc.cluster.local; do echo waiting; sleep 2; done';
  assert.equal(first({ 0: [someService, ...web(lookup)], 300: tick }), 'Service/shop/db ServiceMissing');
  const service = {
    apply: object('v1', 'Service', 'shop/db', { spec: { selector: { app: 'db' }, ports: [{ port: 5432 }] } }),
  };
  const idle = deployment('shop/db', { replicas: 0 });
  assert.equal(
    first({ 0: [service, { apply: idle.workload }, ...web('until nc -z -w 2 db 5432; do sleep 1; done')], 300: tick }),
    'Deployment/shop/db ScaledToZero',
  );
  assert.deepEqual(causesOf(estateOf({ 0: [someService, ...web(lookup)], 30: tick })), []);
});

test('CA42 an init container that was changed and hangs or fails is the fault of the workload', () => {
  const before = deployment('shop/web', { podStatus: podStatus.running() });
  const after = deployment('shop/web', {
    podStatus: initialising({ running: { startedAt: at(101) } }),
    spec: waitsFor('sleep 100000'),
    revision: 2,
    created: 100,
  });
  assert.equal(first({ 0: before.all, 100: after.all, 400: tick }), 'Deployment/shop/web InitContainerHangs');
  const failed = { exitCode: 1, reason: 'Error', startedAt: at(150), finishedAt: at(151) };
  const failing = deployment('shop/web', {
    podStatus: initialising({ waiting: { reason: 'CrashLoopBackOff' } }, 4, { lastState: { terminated: failed } }),
    spec: waitsFor('exit 1'),
    revision: 2,
    created: 100,
  });
  assert.match(first({ 0: before.all, 100: failing.all, 400: tick }) ?? '', /^Deployment\/shop\/web /);
});

const pulling = (message: string, more: Parameters<typeof deployment>[1] = {}): readonly Seen[] => {
  const { all, pod } = deployment('shop/web', {
    podStatus: podStatus.waiting('ImagePullBackOff', 'Back-off pulling image "registry.local/app:2"'),
    ...more,
  });
  return [
    ...all,
    { apply: event(pod, 'Failed', message, { first: 2, last: 60, count: 4, fieldPath: 'spec.containers{app}' }) },
  ];
};
const failedToPull = (why: string): string =>
  `Failed to pull image "registry.local/app:2": rpc error: code = Unknown desc = failed to pull and unpack image "registry.local/app:2": failed to resolve reference "registry.local/app:2": ${why}`;

test('CA43 an image that is not there, cannot be reached or is none is the fault of who asks for it', () => {
  assert.equal(
    first({ 70: pulling(failedToPull('registry.local/app:2: not found')) }),
    'Deployment/shop/web ImageNotFound',
  );
  assert.equal(
    first({
      70: pulling(
        failedToPull(
          'failed to do request: Head "https://registry.local/v2/app/manifests/2": dial tcp: lookup registry.local on 10.96.0.10:53: no such host',
        ),
      ),
    }),
    'Deployment/shop/web RegistryUnreachable',
  );
  assert.equal(
    first({ 70: pulling(failedToPull('no match for platform in manifest: not found')) }),
    'Deployment/shop/web ImageForOtherPlatform',
  );
  assert.equal(
    first({
      70: pulling(
        'Failed to pull image "nginx/typo": failed to pull and unpack image: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
      ),
    }),
    'Deployment/shop/web ImageNotFound',
  );
  const never = deployment('shop/web', {
    podStatus: podStatus.waiting(
      'ErrImageNeverPull',
      'Container image "app:2" is not present with pull policy of Never',
    ),
  });
  assert.equal(first({ 70: never.all }), 'Deployment/shop/web ImageNeverPulled');
});

test('CA44 a Secret for the registry that is missing is the cause where the registry asks for it, and only there', () => {
  const spec = { imagePullSecrets: [{ name: 'regcred' }] };
  const { pod } = deployment('shop/web', { spec });
  const told = {
    apply: event(
      pod,
      'FailedToRetrieveImagePullSecret',
      'Unable to retrieve some image pull secrets (regcred); attempting to pull the image may not succeed.',
      { first: 2, last: 60, count: 5 },
    ),
  };
  const unauthorized = failedToPull(
    'failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://registry.local/token: 401 Unauthorized',
  );
  assert.equal(
    first({ 70: [{ apply: secret }, ...pulling(unauthorized, { spec }), told] }),
    'Secret/shop/regcred ImagePullSecretMissing',
  );
  assert.equal(
    first({ 70: [{ apply: secret }, ...pulling(failedToPull('registry.local/app:2: not found'), { spec }), told] }),
    'Deployment/shop/web ImageNotFound',
  );
});

test('CA45 a registry that does not answer several is told as such; one whose image was just changed is at fault itself', () => {
  const why = failedToPull(
    'failed to do request: Head "https://registry.local/v2/app/manifests/2": dial tcp 10.0.0.9:443: i/o timeout',
  );
  const two = (name: string): readonly Seen[] => {
    const { all, pod } = deployment(name, {
      podStatus: podStatus.waiting('ImagePullBackOff', 'Back-off pulling image "registry.local/app:2"'),
    });
    return [
      ...all,
      { apply: event(pod, 'Failed', why, { first: 2, last: 60, count: 4, fieldPath: 'spec.containers{app}' }) },
    ];
  };
  assert.equal(
    first({ 70: [...two('shop/web'), ...two('shop/api')] }),
    'ExternalHost/registry.local RegistryUnreachable',
  );
});

test('CA46 what a pod lacks before it starts is told by what is named, in all wordings; a reference that nobody complains about is not', () => {
  const mounts = {
    volumes: [
      { name: 'config', configMap: { name: 'settings' } },
      { name: 'extra', secret: { secretName: 'extra' } },
    ],
  };
  const { all, pod } = deployment('shop/web', { podStatus: podStatus.waiting('ContainerCreating'), spec: mounts });
  const mount = (message: string): Seen => ({
    apply: event(pod, 'FailedMount', message, { first: 2, last: 100, count: 9 }),
  });
  const failed = 'MountVolume.SetUp failed for volume "config" : ';
  for (const said of ['configmap "settings" not found', 'object "shop"/"settings" not registered'])
    assert.equal(first({ 120: [...all, mount(`${failed}${said}`)] }), 'ConfigMap/shop/settings ConfigMapMissing');
  // Objects of that kind were not looked at: what is not known is not missing.
  assert.deepEqual(causesOf(estateOf({ 0: all, 300: tick })), [[]]);
  const { all: running } = deployment('shop/web', { podStatus: podStatus.running(), spec: mounts });
  assert.deepEqual(causesOf(estateOf({ 300: [{ apply: secret }, ...running] })), []);
});

test('CA47 a key that is missing is told with who lost it, or with who asks for a wrong one', () => {
  const asks = (key: string): object => ({
    env: [{ name: 'LEVEL', valueFrom: { configMapKeyRef: { name: 'settings', key } } }],
  });
  const map = (data: object): Seen => ({
    apply: object('v1', 'ConfigMap', 'shop/settings', { data }, { created: -500 }),
  });
  const broken = (key: string, more: Parameters<typeof deployment>[1] = {}): readonly Seen[] =>
    deployment('shop/web', {
      container: asks(key),
      podStatus: podStatus.waiting('CreateContainerConfigError', `couldn't find key ${key} in ConfigMap shop/settings`),
      ...more,
    }).all;
  const lost = {
    0: [
      map({ level: 'info' }),
      ...deployment('shop/web', { container: asks('level'), podStatus: podStatus.running() }).all,
    ],
    60: [map({})],
    90: broken('level', { created: 80 }),
  };
  assert.equal(first(lost), 'ConfigMap/shop/settings ConfigMapKeyMissing');
  const wrong = {
    0: [
      map({ level: 'info' }),
      ...deployment('shop/web', { container: asks('level'), podStatus: podStatus.running() }).all,
    ],
    80: broken('levle', { created: 80, revision: 2 }),
  };
  assert.equal(first(wrong), 'Deployment/shop/web ReferenceToMissingKey');
  const volume = {
    volumes: [{ name: 'conf', configMap: { name: 'settings', items: [{ key: 'app.yaml', path: 'app.yaml' }] } }],
  };
  const { all, pod } = deployment('shop/web', { podStatus: podStatus.waiting('ContainerCreating'), spec: volume });
  const said = event(
    pod,
    'FailedMount',
    'MountVolume.SetUp failed for volume "conf" : configmap references non-existent config key: app.yaml',
    { first: 2, last: 100, count: 9 },
  );
  assert.equal(first({ 120: [map({}), ...all, { apply: said }] }), 'ConfigMap/shop/settings ConfigMapKeyMissing');
});

test('CA48 security settings that the node does not accept are the fault of the workload', () => {
  const root = 'container has runAsNonRoot and image will run as root (pod: "web_shop(1)", container: app)';
  assert.equal(
    first({ 60: deployment('shop/web', { podStatus: podStatus.waiting('CreateContainerConfigError', root) }).all }),
    'Deployment/shop/web SecurityContextRefused',
  );
  const numeric = 'container has runAsNonRoot and image has non-numeric user (nginx), cannot verify user is non-root';
  assert.equal(
    first({ 60: deployment('shop/web', { podStatus: podStatus.waiting('CreateContainerConfigError', numeric) }).all }),
    'Deployment/shop/web SecurityContextRefused',
  );
});
