import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, causesOf, deployment, estateOf, object, podStatus, type Seen } from '../../../test/support/estate.ts';

const waiting = deployment('shop/web', {
  created: 0,
  container: { env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } }] },
  podStatus: podStatus.waiting('CreateContainerConfigError', 'secret "db" not found'),
});
const condition = (status: string, reason: string, message: string): object => ({
  status: { conditions: [{ type: 'Ready', status, reason, message, lastTransitionTime: at(5) }] },
});
const store = (ready: object, secretRef: object = {}): Seen => ({
  apply: object('external-secrets.io/v1', 'ClusterSecretStore', 'vault', {
    spec: { provider: { vault: { server: 'https://vault.example.com', auth: { tokenSecretRef: secretRef } } } },
    ...ready,
  }),
});
const synced = (ready: object): Seen => ({
  apply: object('external-secrets.io/v1', 'ExternalSecret', 'shop/db', {
    spec: { secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' }, target: { name: 'db' } },
    ...ready,
  }),
});
const later: readonly Seen[] = [{ apply: object('v1', 'Namespace', 'elsewhere') }];

function first(...seen: readonly Seen[]): string | undefined {
  return causesOf(estateOf({ 0: [...waiting.all, ...seen], 300: later }))[0]?.[0];
}

test('CA201 what is missing because who should make it cannot is the fault of that one, or of what it needs in turn', () => {
  const well = condition('True', 'SecretSynced', 'synced');
  const failed = condition('False', 'SecretSyncedError', 'could not get secret data from provider');
  const invalid = condition('False', 'InvalidProviderConfig', 'unable to validate store');
  assert.equal(first(), 'Secret/shop/db SecretMissing');
  assert.equal(first(synced(well)), 'Secret/shop/db SecretMissing');
  assert.equal(first(synced(failed), store(well)), 'ExternalSecret/shop/db ExternalSecretNotReady');
  assert.equal(first(synced(failed), store(invalid)), 'ClusterSecretStore/vault ClusterSecretStoreNotReady');
  const needy = store(invalid, { name: 'token', namespace: 'external-secrets', key: 'token' });
  assert.equal(first(synced(failed), needy), 'Secret/external-secrets/token SecretMissing');
});

test('CA202 a certificate that expired, or that cannot be renewed for long, is a symptom; one that is being issued is on its way', () => {
  const certificate = (status: object): Seen => ({
    apply: object('cert-manager.io/v1', 'Certificate', 'shop/tls', {
      spec: { secretName: 'tls', issuerRef: { kind: 'Issuer', name: 'ca' } },
      status,
    }),
  });
  const issuer = (status: object): Seen => ({
    apply: object('cert-manager.io/v1', 'Issuer', 'shop/ca', { spec: { ca: { secretName: 'ca-key' } }, ...status }),
  });
  const fine = [
    issuer(condition('True', 'KeyPairVerified', 'ok')),
    ...['ca-key', 'tls'].map((name) => ({ apply: object('v1', 'Secret', `shop/${name}`) })),
  ];
  const broken = issuer(condition('False', 'ErrGetKeyPair', 'secrets "ca-key" not found'));
  const ready = (status: string, notAfter?: number): object => ({
    ...(notAfter !== undefined && { notAfter: at(notAfter) }),
    conditions: [{ type: 'Ready', status, message: 'renewing', lastTransitionTime: at(0) }],
  });
  const causes = (...seen: readonly Seen[]): readonly (readonly string[])[] =>
    causesOf(estateOf({ 0: seen, 1200: later }));
  assert.deepEqual(causes(certificate(ready('True', 9_000))), []);
  assert.deepEqual(causes(certificate(ready('False'))), []);
  assert.equal(causes(certificate(ready('True', 600)), ...fine)[0]?.[0], 'Certificate/shop/tls CertificateExpired');
  assert.equal(
    causes(certificate(ready('False', 9_000)), ...fine)[0]?.[0],
    'Certificate/shop/tls CertificateNotRenewed',
  );
  assert.equal(causes(certificate(ready('False', 600)), broken)[0]?.[0], 'Secret/shop/ca-key SecretMissing');
});
