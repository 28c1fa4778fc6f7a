/**
 * cert-manager and trust-manager: who issues which certificate into which Secret, and with which credentials.
 * Sources: cert-manager.io/v1, acme.cert-manager.io/v1 (cert-manager 1.21), trust.cert-manager.io/v1alpha1, trust-manager.io/v1alpha2.
 */
import type { Found, Kind, Outcome, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { labelled } from '../pod-peers.ts';
import { ConfigMap, Ingress, IngressClass, namespaced, Secret } from '../refs.ts';
import { groupIn, names, refersTo, relation, type SelectOptions, selects, textAt, valueAt } from '../relations.ts';
import { columns, healthBy, healthByPhase, ready } from './custom-resource.ts';
import { accountsBelow, type DeepOptions, fieldOf, secretsBelow } from './deep-references.ts';

const GROUP = 'cert-manager.io';
const ACME = 'acme.cert-manager.io';
const Certificate = namespaced(GROUP, 'Certificate');

/** Where cluster-scoped objects keep their Secrets unless the controllers are told otherwise (`--cluster-resource-namespace`). */
const HOME = 'cert-manager';
const home = {
  namespace: () => HOME,
  confidence: 'naming',
  note: `in ${HOME}, the default cluster resource namespace`,
} as const;

/** `issuerRef`: kind Issuer and group cert-manager.io by default. An external issuer may live in a namespace or not: both are tried. */
const issuedBy = relation(
  'ISSUED_BY',
  'spec.issuerRef',
  'Issuer, ClusterIssuer or an external issuer',
  { note: 'kind Issuer by default' },
  ({ value, namespace }): Outcome | readonly Outcome[] | undefined => {
    const name = textAt(value, 'name');
    if (name === undefined) return undefined;
    const group = groupIn(value) || GROUP;
    const kindName = textAt(value, 'kind') ?? 'Issuer';
    const at = (where: string): Outcome => ({
      target: { by: 'name', group, kind: kindName, namespace: where, name },
      suffix: '.name',
      ...(group !== GROUP && { optional: true }),
    });
    if (group !== GROUP) return [at(namespace), at('')];
    return at(kindName === 'ClusterIssuer' ? '' : namespace);
  },
);

const named = names('BELONGS_TO', `metadata.annotations["${GROUP}/certificate-name"]`, Certificate, {
  confidence: 'naming',
});

const certificate = kind({
  group: GROUP,
  name: 'Certificate',
  plural: 'certificates',
  namespaced: true,
  summary: columns({ ready: '@Ready', secret: 'spec.secretName' }),
  health: healthBy({ good: ['Ready'], progressing: ['Issuing'] }),
  relations: [
    issuedBy,
    names('PRODUCES', 'spec.secretName', Secret),
    names('PRODUCES', 'status.nextPrivateKeySecretName', Secret, {
      optional: true,
      note: 'only while it is being issued',
    }),
    names('USES_SECRET', 'spec.keystores.{jks,pkcs12}.passwordSecretRef', Secret),
  ],
});

const certificateRequest = kind({
  group: GROUP,
  name: 'CertificateRequest',
  plural: 'certificaterequests',
  namespaced: true,
  summary: columns({
    approved: '@Approved',
    denied: '@Denied',
    ready: '@Ready',
    issuer: 'spec.issuerRef.name',
    requester: 'spec.username',
  }),
  health: healthBy({ good: ['Ready'], bad: ['Denied', 'InvalidRequest'], progressingReasons: ['Pending'] }),
  relations: [issuedBy, named],
});

const acmePhases = {
  valid: 'healthy',
  pending: 'warning',
  ready: 'warning',
  processing: 'warning',
  invalid: 'critical',
  expired: 'critical',
  errored: 'critical',
} as const;

const order = kind({
  group: ACME,
  name: 'Order',
  plural: 'orders',
  namespaced: true,
  summary: columns({ state: 'status.state' }),
  health: healthByPhase('status.state', acmePhases, 'status.reason'),
  relations: [issuedBy, named],
});

/** The solver is copied from the issuer: a ClusterIssuer's keeps its Secrets elsewhere. */
const ofIssuer = ({ object }: Found): boolean => valueAt(object, 'spec.issuerRef.kind') !== 'ClusterIssuer';

const challenge = kind({
  group: ACME,
  name: 'Challenge',
  plural: 'challenges',
  namespaced: true,
  summary: columns({ state: 'status.state', domain: 'spec.dnsName' }),
  health: healthByPhase('status.state', acmePhases, 'status.reason'),
  relations: [
    issuedBy,
    secretsBelow('spec.solver', { field: /SecretRef$/, when: ofIssuer }),
    accountsBelow('spec.solver', { when: ofIssuer }),
    ...solverRoutes('spec.solver'),
  ],
});

/** What an ACME solver routes its answer through. */
function solverRoutes(path: string): readonly Relation[] {
  return [
    names('USES_CLASS', `${path}.http01.ingress.ingressClassName`, IngressClass),
    names('DEPENDS_ON', `${path}.http01.ingress.name`, Ingress, { note: 'edited to route the challenge' }),
    refersTo('DEPENDS_ON', `${path}.http01.gatewayHTTPRoute.parentRefs[*]`, 'Gateway', {
      defaultGroup: 'gateway.networking.k8s.io',
      defaultKind: 'Gateway',
      namespace: 'namespace',
    }),
  ];
}

const notAccountKey = (found: Found): boolean => fieldOf(found) !== 'privateKeySecretRef';

function issuerSecrets(options: Pick<DeepOptions, 'namespace' | 'confidence'>): readonly Relation[] {
  return [
    names('USES_SECRET', 'spec.ca.secretName', Secret, options),
    names('USES_SECRET', 'spec.vault.auth.clientCertificate.secretName', Secret, options),
    names('PRODUCES', 'spec.acme.privateKeySecretRef', Secret, {
      ...options,
      note: 'the ACME account key, made if missing',
    }),
    secretsBelow('spec', { field: /([sS]ecretRef|credentialsRef)$/, when: notAccountKey, ...options }),
    accountsBelow('spec', options),
  ];
}

const SOLVERS = 'spec.acme.solvers[*]';

const issuer = kind({
  group: GROUP,
  name: 'Issuer',
  plural: 'issuers',
  namespaced: true,
  summary: columns({ ready: '@Ready' }),
  health: ready,
  relations: [...issuerSecrets({}), ...solverRoutes(SOLVERS)],
});

const clusterIssuer = kind({
  group: GROUP,
  name: 'ClusterIssuer',
  plural: 'clusterissuers',
  namespaced: false,
  summary: columns({ ready: '@Ready' }),
  health: ready,
  relations: [
    ...issuerSecrets(home),
    names('USES_CLASS', `${SOLVERS}.http01.ingress.ingressClassName`, IngressClass),
    refersTo('DEPENDS_ON', `${SOLVERS}.http01.gatewayHTTPRoute.parentRefs[*]`, 'Gateway', {
      defaultGroup: 'gateway.networking.k8s.io',
      defaultKind: 'Gateway',
      namespace: 'namespace',
      when: ({ value }) => textAt(value, 'namespace') !== undefined,
      note: 'without a namespace it is that of the certificate',
    }),
  ],
});

/** A bundle's copies carry its name in a label; they are made in every namespace that the target selects. */
function copies(path: string, target: typeof Secret, label: string): Relation {
  return relation(
    'PRODUCES',
    path,
    target.kind,
    { confidence: 'selector', note: `those labelled ${label}` },
    ({ name }) => labelled(target, [{ key: label, operator: 'In', values: [name] }], { type: 'all' }),
  );
}

const inHome: SelectOptions = {
  empty: 'all',
  namespaces: () => ({ type: 'names', names: [HOME] }),
  confidence: 'naming',
};
const synced = healthBy({ good: ['Synced'] });

const bundle = kind({
  group: 'trust.cert-manager.io',
  name: 'Bundle',
  plural: 'bundles',
  namespaced: false,
  summary: columns({
    configMapTarget: 'spec.target.configMap.key',
    secretTarget: 'spec.target.secret.key',
    synced: '@Synced',
    reason: '@Synced.reason',
  }),
  health: synced,
  relations: [
    names('SYNCS_FROM', 'spec.sources[*].configMap', ConfigMap, home),
    names('SYNCS_FROM', 'spec.sources[*].secret', Secret, home),
    selects('SYNCS_FROM', 'spec.sources[*].configMap.selector', ConfigMap, inHome),
    selects('SYNCS_FROM', 'spec.sources[*].secret.selector', Secret, inHome),
    copies('spec.target.configMap', ConfigMap, 'trust.cert-manager.io/bundle'),
    copies('spec.target.secret', Secret, 'trust.cert-manager.io/bundle'),
  ],
});

const clusterBundle = kind({
  group: 'trust-manager.io',
  name: 'ClusterBundle',
  plural: 'clusterbundles',
  namespaced: false,
  summary: columns({ synced: '@Synced', reason: '@Synced.reason' }),
  health: synced,
  relations: [
    refersTo('SYNCS_FROM', 'spec.sourceRefs[*]', 'ConfigMap or Secret', { ...home, defaultGroup: '' }),
    ...[ConfigMap, Secret].map((target) =>
      selects('SYNCS_FROM', 'spec.sourceRefs[*].selector', target, {
        ...inHome,
        when: ({ up }) => textAt(up(1), 'kind') === target.kind,
        variant: target.kind,
      }),
    ),
    copies('spec.target.configMap', ConfigMap, 'trust-manager.io/bundle'),
    copies('spec.target.secret', Secret, 'trust-manager.io/bundle'),
  ],
});

export const certManager: readonly Kind[] = [
  certificate,
  certificateRequest,
  order,
  challenge,
  issuer,
  clusterIssuer,
  bundle,
  clusterBundle,
];
