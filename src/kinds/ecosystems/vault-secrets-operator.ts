/**
 * HashiCorp Vault Secrets Operator: Secrets made from Vault, how it signs in, and what restarts when they change.
 * Source: secrets.hashicorp.com/v1beta1 (vault-secrets-operator 0.10).
 */
import type { Found, Kind, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { namesQualified } from '../qualified-name.ts';
import { namespaced, Secret, ServiceAccount } from '../refs.ts';
import { names, relation, textAt } from '../relations.ts';
import { columns, healthBy } from './custom-resource.ts';

const GROUP = 'secrets.hashicorp.com';
const VaultAuth = namespaced(GROUP, 'VaultAuth');
const VaultAuthGlobal = namespaced(GROUP, 'VaultAuthGlobal');
const VaultConnection = namespaced(GROUP, 'VaultConnection');
const HCPAuth = namespaced(GROUP, 'HCPAuth');
const SecretTransformation = namespaced(GROUP, 'SecretTransformation');

const restarts = relation(
  'RESTARTS_WITH',
  'spec.rolloutRestartTargets[*]',
  'Deployment, DaemonSet, StatefulSet or Rollout',
  { reverse: true, note: 'kind argo.Rollout is a Rollout of Argo' },
  ({ value, namespace }: Found) => {
    const name = textAt(value, 'name');
    const kindName = textAt(value, 'kind');
    if (name === undefined || kindName === undefined) return undefined;
    const rollout = kindName === 'argo.Rollout';
    return {
      target: {
        by: 'name',
        group: rollout ? 'argoproj.io' : 'apps',
        kind: rollout ? 'Rollout' : kindName,
        namespace,
        name,
      },
      suffix: '.name',
    };
  },
);

const synced: readonly Relation[] = [
  names('PRODUCES', 'spec.destination', Secret),
  names('USES_CONFIG', 'spec.destination.transformation.transformationRefs[*]', SecretTransformation, {
    namespace: 'namespace',
  }),
  restarts,
];

const fromVault: readonly Relation[] = [namesQualified('SYNCS_FROM', 'spec.vaultAuthRef', VaultAuth), ...synced];

/** The operator says `status.valid: false`, or fails the condition of its newer versions. */
function valid(object: unknown): ReturnType<ReturnType<typeof healthBy>> {
  const { status } = object as { status?: { valid?: boolean; error?: string } };
  if (status?.valid === false)
    return { status: 'critical', reason: 'Invalid', ...(status.error && { message: status.error }) };
  if (status?.valid === true) return { status: 'healthy' };
  return healthBy({ good: ['Ready', 'Synced', 'SecretSynced', 'Healthy'] })(object);
}

const secretKinds = (
  [
    ['VaultStaticSecret', 'vaultstaticsecrets'],
    ['VaultDynamicSecret', 'vaultdynamicsecrets'],
    ['VaultPKISecret', 'vaultpkisecrets'],
  ] as const
).map(([name, plural]) => kind({ group: GROUP, name, plural, namespaced: true, health: valid, relations: fromVault }));

const hcpVaultSecretsApp = kind({
  group: GROUP,
  name: 'HCPVaultSecretsApp',
  plural: 'hcpvaultsecretsapps',
  namespaced: true,
  health: valid,
  relations: [namesQualified('SYNCS_FROM', 'spec.hcpAuthRef', HCPAuth), ...synced],
});

/** Credentials are looked up where the secret stands that uses them, which is mostly, not always, where the VaultAuth stands. */
const consumers = { confidence: 'naming', note: 'in the namespace of the secret that uses it' } as const;

const authentication: readonly Relation[] = [
  names('USES_TOKEN_OF', 'spec.{kubernetes,jwt}.serviceAccount', ServiceAccount, consumers),
  names('USES_TOKEN_OF', 'spec.aws.irsaServiceAccount', ServiceAccount, consumers),
  names('USES_TOKEN_OF', 'spec.gcp.workloadIdentityServiceAccount', ServiceAccount, consumers),
  names('USES_SECRET', 'spec.{jwt,appRole,aws}.secretRef', Secret, consumers),
  namesQualified('USES_CONFIG', 'spec.vaultConnectionRef', VaultConnection),
];

const vaultAuth = kind({
  group: GROUP,
  name: VaultAuth.kind,
  plural: 'vaultauths',
  namespaced: true,
  summary: columns({ method: 'spec.method' }),
  health: valid,
  relations: [
    ...authentication,
    names('USES_CONFIG', 'spec.vaultAuthGlobalRef', VaultAuthGlobal, { namespace: 'namespace' }),
  ],
});

const vaultAuthGlobal = kind({
  group: GROUP,
  name: VaultAuthGlobal.kind,
  plural: 'vaultauthglobals',
  namespaced: true,
  health: valid,
  relations: authentication,
});

const vaultConnection = kind({
  group: GROUP,
  name: VaultConnection.kind,
  plural: 'vaultconnections',
  namespaced: true,
  summary: columns({ address: 'spec.address' }),
  health: valid,
  relations: [names('TRUSTS', 'spec.caCertSecretRef', Secret)],
});

const hcpAuth = kind({
  group: GROUP,
  name: HCPAuth.kind,
  plural: 'hcpauths',
  namespaced: true,
  health: valid,
  relations: [names('USES_SECRET', 'spec.servicePrincipal.secretRef', Secret, consumers)],
});

const secretTransformation = kind({
  group: GROUP,
  name: SecretTransformation.kind,
  plural: 'secrettransformations',
  namespaced: true,
  health: valid,
});

export const vaultSecretsOperator: readonly Kind[] = [
  ...secretKinds,
  hcpVaultSecretsApp,
  vaultAuth,
  vaultAuthGlobal,
  vaultConnection,
  hcpAuth,
  secretTransformation,
];
