/**
 * External Secrets Operator: which Secret comes from which store, and the credentials that open the store.
 * Source: external-secrets.io/v1 and v1alpha1, generators.external-secrets.io/v1alpha1 (external-secrets 1.3).
 */
import type { Found, Kind, Outcome, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { ConfigMap, clusterScoped, Namespace, namespaced, Secret } from '../refs.ts';
import { groupIn, names, refersTo, relation, selects, textAt, valueAt } from '../relations.ts';
import { columns, ready } from './custom-resource.ts';
import { accountsBelow, type DeepOptions, secretsBelow } from './deep-references.ts';

const GROUP = 'external-secrets.io';
const GENERATORS = 'generators.external-secrets.io';
const SecretStore = namespaced(GROUP, 'SecretStore');
const ClusterSecretStore = clusterScoped(GROUP, 'ClusterSecretStore');
const ExternalSecret = namespaced(GROUP, 'ExternalSecret');
const PushSecret = namespaced(GROUP, 'PushSecret');

const store = { defaultGroup: GROUP, defaultKind: 'SecretStore' } as const;
const STORES = 'SecretStore or ClusterSecretStore';
const generator = { defaultGroup: GENERATORS } as const;

/** What an ExternalSecret reads, wherever its spec stands. */
function sources(spec: string, only: { readonly kinds?: readonly string[] } = {}): readonly Relation[] {
  return [
    refersTo('SYNCS_FROM', `${spec}.secretStoreRef`, STORES, { ...store, ...only }),
    refersTo('SYNCS_FROM', `${spec}.{data,dataFrom}[*].sourceRef.storeRef`, STORES, { ...store, ...only }),
  ];
}

const externalSecret = kind({
  group: GROUP,
  name: 'ExternalSecret',
  plural: 'externalsecrets',
  namespaced: true,
  summary: columns({
    storeType: 'spec.secretStoreRef.kind',
    store: 'spec.secretStoreRef.name',
    refreshInterval: 'spec.refreshInterval',
    status: '@Ready.reason',
    ready: '@Ready',
  }),
  health: ready,
  relations: [
    ...sources('spec'),
    refersTo('SYNCS_FROM', 'spec.{data,dataFrom}[*].sourceRef.generatorRef', 'a generator', generator),
    names('USES_CONFIG', 'spec.target.template.templateFrom[*].configMap', ConfigMap),
    names('USES_SECRET', 'spec.target.template.templateFrom[*].secret', Secret),
    relation(
      'PRODUCES',
      'spec',
      'Secret, or the kind of target.manifest',
      { note: 'target.name, its own name by default; not with creationPolicy None' },
      target,
    ),
  ],
});

function target({ value, name, namespace }: Found): Outcome | undefined {
  const spec = valueAt(value, 'target');
  if (textAt(spec, 'creationPolicy') === 'None') return undefined;
  const manifest = valueAt(spec, 'manifest');
  return {
    target: {
      by: 'name',
      group: groupIn(manifest) ?? Secret.group,
      kind: textAt(manifest, 'kind') ?? Secret.kind,
      namespace,
      name: textAt(spec, 'name') ?? name,
    },
    suffix: '.target.name',
  };
}

/** The object of each namespace that a cluster-wide one has provisioned; it bears one name everywhere. */
function provisioned(of: typeof ExternalSecret, field: string): Relation {
  return relation(
    'PRODUCES',
    'status.provisionedNamespaces[*]',
    of.kind,
    { note: `named by ${field}, its own name by default` },
    ({ value, object, name }) => ({
      target: {
        by: 'name',
        group: of.group,
        kind: of.kind,
        namespace: String(value),
        name: textAt(object['status'], field) ?? textAt(object['spec'], field) ?? name,
      },
    }),
  );
}

const inNamespaces = [selects('DEPLOYS_TO', 'spec.namespaceSelectors[*]', Namespace, { empty: 'all' })];

const clusterExternalSecret = kind({
  group: GROUP,
  name: 'ClusterExternalSecret',
  plural: 'clusterexternalsecrets',
  namespaced: false,
  summary: columns({
    store: 'spec.externalSecretSpec.secretStoreRef.name',
    refreshInterval: 'spec.refreshTime',
    ready: '@Ready',
  }),
  health: ready,
  relations: [
    ...sources('spec.externalSecretSpec', { kinds: ['ClusterSecretStore'] }),
    provisioned(ExternalSecret, 'externalSecretName'),
    ...inNamespaces,
    selects('DEPLOYS_TO', 'spec.namespaceSelector', Namespace, { empty: 'all' }),
    names('DEPLOYS_TO', 'spec.namespaces[*]', Namespace),
  ],
});

const pushSecret = kind({
  group: GROUP,
  name: 'PushSecret',
  plural: 'pushsecrets',
  namespaced: true,
  summary: columns({ status: '@Ready.reason' }),
  health: ready,
  relations: [
    names('SYNCS_FROM', 'spec.selector.secret', Secret),
    selects('SYNCS_FROM', 'spec.selector.secret.selector', Secret, { empty: 'all' }),
    refersTo('SYNCS_FROM', 'spec.selector.generatorRef', 'a generator', generator),
    refersTo('DEPLOYS_TO', 'spec.secretStoreRefs[*]', STORES, store),
    selects('DEPLOYS_TO', 'spec.secretStoreRefs[*].labelSelector', SecretStore, {
      empty: 'all',
      when: ({ up }) => textAt(up(1), 'kind') !== 'ClusterSecretStore',
    }),
    selects('DEPLOYS_TO', 'spec.secretStoreRefs[*].labelSelector', ClusterSecretStore, {
      empty: 'all',
      when: ({ up }) => textAt(up(1), 'kind') === 'ClusterSecretStore',
      variant: ClusterSecretStore.kind,
    }),
    names('USES_CONFIG', 'spec.template.templateFrom[*].configMap', ConfigMap),
    names('USES_SECRET', 'spec.template.templateFrom[*].secret', Secret),
  ],
});

const clusterPushSecret = kind({
  group: GROUP,
  name: 'ClusterPushSecret',
  plural: 'clusterpushsecrets',
  namespaced: false,
  summary: columns({ status: '@Ready.reason' }),
  health: ready,
  relations: [
    refersTo('DEPLOYS_TO', 'spec.pushSecretSpec.secretStoreRefs[*]', STORES, {
      ...store,
      kinds: ['ClusterSecretStore'],
    }),
    provisioned(PushSecret, 'pushSecretName'),
    ...inNamespaces,
  ],
});

/**
 * What opens a store or a generator's source. A SecretStore's references stay in its namespace; a cluster-wide one must name theirs, and one
 * that does not uses the namespace of whoever reads through it.
 */
function credentials(path: string, scope: 'own' | 'named'): readonly Relation[] {
  const options: DeepOptions =
    scope === 'own' ? {} : { namespace: 'namespace', when: ({ value }) => textAt(value, 'namespace') !== undefined };
  return [
    secretsBelow(path, { field: /SecretRef$|^(authRef|apiKeyRef|userRef|passcodeRef|clientCert)$/, ...options }),
    accountsBelow(path, { field: /^serviceAccount(Ref)?$/, ...options }),
  ];
}

function trustAnchors(scope: 'own' | 'named'): readonly Relation[] {
  return [
    refersTo('TRUSTS', 'spec.provider.**.caProvider', 'Secret or ConfigMap', {
      kindField: 'type',
      kinds: ['Secret', 'ConfigMap'],
      defaultGroup: '',
      ...(scope === 'named' && {
        namespace: 'namespace',
        when: ({ value }: Found) => textAt(value, 'namespace') !== undefined,
      }),
    }),
  ];
}

const storeColumns = columns({
  status: '@Ready.reason',
  capabilities: 'status.capabilities',
  ready: '@Ready',
});

const secretStore = kind({
  group: GROUP,
  name: 'SecretStore',
  plural: 'secretstores',
  namespaced: true,
  summary: storeColumns,
  health: ready,
  relations: [...credentials('spec.provider', 'own'), ...trustAnchors('own')],
});

const clusterSecretStore = kind({
  group: GROUP,
  name: 'ClusterSecretStore',
  plural: 'clustersecretstores',
  namespaced: false,
  summary: storeColumns,
  health: ready,
  relations: [...credentials('spec.provider', 'named'), ...trustAnchors('named')],
});

/** Generators make values out of nothing or of another service's API. Those that sign in name Secrets, service accounts, or both. */
const generators = [
  ['ACRAccessToken', 'acraccesstokens', 'both'],
  ['CloudsmithAccessToken', 'cloudsmithaccesstokens', 'accounts'],
  ['ECRAuthorizationToken', 'ecrauthorizationtokens', 'both'],
  ['Fake', 'fakes', 'none'],
  ['GCRAccessToken', 'gcraccesstokens', 'both'],
  ['GithubAccessToken', 'githubaccesstokens', 'secrets'],
  ['Grafana', 'grafanas', 'secrets'],
  ['MFA', 'mfas', 'secrets'],
  ['Password', 'passwords', 'none'],
  ['QuayAccessToken', 'quayaccesstokens', 'accounts'],
  ['SSHKey', 'sshkeys', 'none'],
  ['STSSessionToken', 'stssessiontokens', 'both'],
  ['UUID', 'uuids', 'none'],
  ['VaultDynamicSecret', 'vaultdynamicsecrets', 'both'],
  ['Webhook', 'webhooks', 'secrets'],
] as const;

const generatorKinds = generators.map(([name, plural, needs]) => {
  const [secrets, accounts] = credentials('spec', 'own');
  const relations = [
    ...(secrets && (needs === 'both' || needs === 'secrets') ? [secrets] : []),
    ...(accounts && (needs === 'both' || needs === 'accounts') ? [accounts] : []),
  ];
  return kind({ group: GENERATORS, name, plural, namespaced: true, relations });
});

const clusterGenerator = kind({
  group: GENERATORS,
  name: 'ClusterGenerator',
  plural: 'clustergenerators',
  namespaced: false,
  relations: credentials('spec.generator', 'named'),
});

export const externalSecrets: readonly Kind[] = [
  externalSecret,
  clusterExternalSecret,
  pushSecret,
  clusterPushSecret,
  secretStore,
  clusterSecretStore,
  ...generatorKinds,
  clusterGenerator,
];
