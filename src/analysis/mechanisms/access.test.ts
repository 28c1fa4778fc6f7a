import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, causesOf, deployment, estateOf, object, podStatus, type Seen } from '../../../test/support/estate.ts';

const first = (seen: Readonly<Record<number, readonly Seen[]>>): string | undefined => causesOf(estateOf(seen))[0]?.[0];
const GROUP = 'rbac.authorization.k8s.io';
const rules = (...verbs: readonly string[]): object => ({ rules: [{ apiGroups: [''], resources: ['pods'], verbs }] });
const role = (...verbs: readonly string[]): object =>
  object(`${GROUP}/v1`, 'Role', 'shop/reader', rules(...verbs), { created: -900 });
const binding = (account = 'web', name = 'shop/reads'): object =>
  object(
    `${GROUP}/v1`,
    'RoleBinding',
    name,
    {
      roleRef: { apiGroup: GROUP, kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'ServiceAccount', name: account, namespace: 'shop' }],
    },
    { created: -900 },
  );
const account = (name: string): object => object('v1', 'ServiceAccount', `shop/${name}`, {}, { created: -900 });
const apply = (...objects: readonly object[]): readonly Seen[] => objects.map((one) => ({ apply: one }));

const message =
  'pods is forbidden: User "system:serviceaccount:shop:web" cannot list resource "pods" in API group "" in the namespace "shop"';
const spec = { serviceAccountName: 'web' };
const well = deployment('shop/web', { spec, podStatus: podStatus.running() }).all;
const refused = (said = message, more: object = spec, revision = 1): readonly Seen[] =>
  deployment('shop/web', {
    spec: more,
    created: 95,
    revision,
    podStatus: podStatus.waiting(
      'CrashLoopBackOff',
      'back-off',
      { exitCode: 1, reason: 'Error', message: said, startedAt: at(100), finishedAt: at(102) },
      3,
    ),
  }).all;

test('CA56 what the API server refuses is told with the role or binding that was changed, deleted or is missing', () => {
  const granted = apply(account('web'), role('get', 'list'), binding());
  assert.equal(
    first({ 0: [...granted, ...well], 60: apply(role('get')), 110: refused() }),
    'Role/shop/reader RoleChanged',
  );
  assert.equal(
    first({ 0: [...granted, ...well], 60: [{ gone: role() }], 110: refused() }),
    'Role/shop/reader RoleDeleted',
  );
  assert.equal(
    first({ 0: [...granted, ...well], 60: [{ gone: binding() }], 110: refused() }),
    'RoleBinding/shop/reads RoleBindingDeleted',
  );
  assert.equal(
    first({ 0: [...granted, ...well], 60: apply(binding('other')), 110: refused() }),
    'RoleBinding/shop/reads RoleBindingChanged',
  );
  assert.equal(
    first({ 110: [...apply(account('web'), role('get'), binding()), ...refused()] }),
    'Role/shop/reader RoleLacksPermission',
  );
  assert.equal(
    first({ 110: [...apply(account('web'), role('list')), ...refused()] }),
    'RoleBinding/shop/reader RoleBindingMissing',
  );
  assert.equal(
    first({ 110: [...apply(account('web'), role('list'), binding('wbe')), ...refused()] }),
    'RoleBinding/shop/reads BindingNamesWrongAccount',
  );
  const escaped = JSON.stringify({ level: 'error', msg: message });
  assert.equal(
    first({ 0: [...granted, ...well], 60: apply(role('get')), 110: refused(escaped) }),
    'Role/shop/reader RoleChanged',
  );
});

test('CA57 who was given another account is at fault itself; roles that were changed and allow it are not', () => {
  const granted = apply(account('web'), account('default'), role('get', 'list'), binding());
  const said = message.replace(':web"', ':default"');
  assert.equal(
    first({ 0: [...granted, ...well], 95: refused(said, {}, 2) }),
    'Deployment/shop/web WrongServiceAccount',
  );
  const causes =
    causesOf(
      estateOf({
        0: [...granted, ...well],
        60: apply(role('get', 'list', 'watch')),
        110: refused('panic: out of ideas'),
      }),
    )[0] ?? [];
  assert.ok(!causes.some((cause) => cause.startsWith('Role')));
  // Where it says nothing, what was taken away right before is likely; what was added is not.
  const silent = (after: object): readonly string[] =>
    causesOf(estateOf({ 0: [...granted, ...well], 90: apply(after), 110: refused('') }))[0] ?? [];
  assert.equal(silent(role('get'))[0], 'Role/shop/reader RoleChanged');
  assert.equal(silent(binding('other'))[0], 'RoleBinding/shop/reads RoleBindingChanged');
  assert.ok(!silent(role('get', 'list', 'watch')).some((cause) => cause.startsWith('Role')));
});

test('CA204 a binding of the role that is needed, to an account that is not there, is at fault though others bind the account', () => {
  const leases = object(`${GROUP}/v1`, 'Role', 'shop/leader', {
    rules: [{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'update'] }],
  });
  const leads = object(`${GROUP}/v1`, 'RoleBinding', 'shop/leads', {
    roleRef: { apiGroup: GROUP, kind: 'Role', name: 'leader' },
    subjects: [{ kind: 'ServiceAccount', name: 'web', namespace: 'shop' }],
  });
  const seen = apply(account('web'), role('list'), binding('wep'), leases, leads);
  assert.equal(first({ 0: seen, 110: refused() }), 'RoleBinding/shop/reads BindingNamesWrongAccount');
});
