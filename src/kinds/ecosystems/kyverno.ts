/**
 * Kyverno: what policies govern, exempt, generate and clean up, and what they read to decide.
 * Sources: kyverno.io/v1 and v2, policies.kyverno.io/v1, reports.kyverno.io/v1 (kyverno 1.19).
 */
import { dnsTargets } from '../dns.ts';
import { intercepts } from '../interception.ts';
import type { Found, Kind, Outcome, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { qualifiedName } from '../qualified-name.ts';
import { ConfigMap, clusterScoped, Namespace, namespaced, Secret } from '../refs.ts';
import { names, refersTo, relation, textAt, valueAt } from '../relations.ts';
import { resourceType } from '../resource-type.ts';
import { columns, healthByPhase, ready } from './custom-resource.ts';
import { governed, isPlain } from './kyverno-match.ts';

const GROUP = 'kyverno.io';
const POLICIES = 'policies.kyverno.io';
const REPORTS = 'reports.kyverno.io';
const ClusterPolicy = clusterScoped(GROUP, 'ClusterPolicy');
const Policy = namespaced(GROUP, 'Policy');
const GlobalContextEntry = clusterScoped(GROUP, 'GlobalContextEntry');

/** Kyverno's own namespace unless it is installed elsewhere. */
const home = {
  namespace: () => 'kyverno',
  confidence: 'naming',
  note: 'in Kyverno’s own namespace, by default kyverno',
} as const;

/** What the match and exclude of the rules at `path` cover, as two rows: exactly, or with exceptions that no selector can say. */
function covers(edge: 'GOVERNS' | 'EXEMPTS', path: string): readonly Relation[] {
  const row = (approximate: boolean): Relation =>
    relation(
      edge,
      path,
      'objects of the kinds it matches',
      approximate
        ? {
            confidence: 'heuristic',
            note: 'where it also asks for names, annotations or users, or excepts by several conditions',
            variant: 'approximate',
          }
        : { confidence: 'selector', note: 'match and exclude by kinds, labels and namespaces; not by wildcard kinds' },
      ({ value, namespace, lookup }) => {
        const found = governed(value, namespace, lookup);
        return found && found.approximate === approximate ? found.outcomes : undefined;
      },
    );
  return [row(false), row(true)];
}

/** What rules read: ConfigMaps, cached lists, keys that verify images. Names with variables are known at run time only. */
function reads(path: string): readonly Relation[] {
  return [
    names('USES_CONFIG', `${path}.**.context[*].configMap`, ConfigMap, {
      namespace: 'namespace',
      when: ({ value }) => textAt(value, 'namespace') !== undefined && isPlain(value, 'name', 'namespace'),
    }),
    names('USES_CONFIG', `${path}.**.context[*].globalReference`, GlobalContextEntry),
    names('PULLS_WITH', `${path}.**.imageRegistryCredentials.secrets[*]`, Secret, home),
  ];
}

const target = { defaultGroup: '', namespace: 'namespace', optional: true } as const;
const plainTarget = ({ value }: Found): boolean => isPlain(value, 'kind', 'name', 'namespace');

const rules: readonly Relation[] = [
  ...covers('GOVERNS', 'spec.rules[*]'),
  ...reads('spec.rules[*]'),
  names('USES_SECRET', 'spec.rules[*].**.keys.secret', Secret, {
    namespace: 'namespace',
    when: ({ value }) => textAt(value, 'namespace') !== undefined,
    note: 'keys that verify signatures',
  }),
  refersTo('PRODUCES', 'spec.rules[*].generate', 'any', { ...target, when: plainTarget }),
  relation('SYNCS_FROM', 'spec.rules[*].generate.clone', 'any', { note: 'of the kind that is generated' }, cloned),
  refersTo('MANAGES', 'spec.rules[*].mutate.targets[*]', 'any', { ...target, when: plainTarget }),
];

function cloned(found: Found): Outcome | undefined {
  const { value, up, lookup } = found;
  const name = textAt(value, 'name');
  const kindName = textAt(up(1), 'kind');
  if (name === undefined || kindName === undefined || !isPlain(value, 'name', 'namespace')) return undefined;
  const apiVersion = textAt(up(1), 'apiVersion') ?? 'v1';
  const group = apiVersion.includes('/') ? (apiVersion.split('/', 1)[0] ?? '') : '';
  const { kind: targetKind, namespaced: local } = lookup(group, kindName);
  const namespace = local ? (textAt(value, 'namespace') ?? found.namespace) : '';
  return { target: { by: 'name', group, kind: targetKind, namespace, name }, suffix: '.name' };
}

const policyCells = columns({
  admission: 'spec.admission',
  background: 'spec.background',
  ready: '@Ready',
  message: '@Ready.message',
});

const policy = (of: typeof Policy, plural: string): Kind =>
  kind({
    group: GROUP,
    name: of.kind,
    plural,
    namespaced: of.namespaced,
    summary: policyCells,
    health: ready,
    relations: rules,
  });

/** `namespace/name` is a Policy, a bare name a ClusterPolicy. */
function policyNamed({ value }: Found): Outcome | undefined {
  const at = String(value).includes('*') ? undefined : qualifiedName(value, '');
  if (at === undefined) return undefined;
  const of = at.namespace === '' ? ClusterPolicy : Policy;
  return { target: { by: 'name', group: GROUP, kind: of.kind, ...at } };
}

const EITHER = 'ClusterPolicy or Policy';

const policyException = kind({
  group: GROUP,
  name: 'PolicyException',
  plural: 'policyexceptions',
  namespaced: true,
  relations: [
    relation('APPLIES_TO', 'spec.exceptions[*].policyName', EITHER, { note: 'name, or namespace/name' }, policyNamed),
    ...covers('EXEMPTS', 'spec').map(unbound),
  ],
});

/** An exception holds wherever its match says, not only in its own namespace. */
function unbound(row: Relation): Relation {
  return { ...row, resolve: (found) => row.resolve(elsewhere(found)) };
}

function elsewhere({ value, object, name, steps, up, lookup, resource }: Found): Found {
  return { value, object, name, steps, up, lookup, resource, namespace: '' };
}

const cleanup = (name: string, plural: string, isNamespaced: boolean): Kind =>
  kind({
    group: GROUP,
    name,
    plural,
    namespaced: isNamespaced,
    summary: columns({ schedule: 'spec.schedule' }),
    relations: [...covers('GOVERNS', 'spec'), ...reads('spec')],
  });

const updateRequest = kind({
  group: GROUP,
  name: 'UpdateRequest',
  plural: 'updaterequests',
  namespaced: true,
  summary: columns({
    policy: 'spec.policy',
    ruleType: 'spec.requestType',
    resourceKind: 'spec.resource.kind',
    resourceName: 'spec.resource.name',
    resourceNamespace: 'spec.resource.namespace',
    status: 'status.state',
  }),
  health: healthByPhase('status.state', {
    Pending: 'warning',
    Completed: 'healthy',
    Skip: 'healthy',
    Failed: 'critical',
  }),
  relations: [
    relation('BELONGS_TO', 'spec.policy', EITHER, { note: 'name, or namespace/name' }, policyNamed),
    refersTo('ABOUT', 'spec.resource', 'any', { ...target, namespace: ({ value }) => textAt(value, 'namespace') }),
  ],
});

const globalContextEntry = kind({
  group: GROUP,
  name: GlobalContextEntry.kind,
  plural: 'globalcontextentries',
  namespaced: false,
  summary: columns({ refreshInterval: 'spec.apiCall.refreshInterval', lastRefresh: 'status.lastRefreshTime' }),
  health: ready,
  relations: [
    relation('SYNCS_FROM', 'spec.kubernetesResource', 'ResourceType (pseudo)', {}, ({ value }) => {
      const plural = textAt(value, 'resource');
      return plural === undefined ? undefined : resourceType(textAt(value, 'group') ?? '', plural);
    }),
    relation('CALLS', 'spec.apiCall.service.url', 'Service', { confidence: 'heuristic' }, dnsTargets),
  ],
});

const matched = intercepts({ path: 'spec.matchConstraints', rules: 'resourceRules', empty: 'none' });

/** A namespaced policy looks at the same types of resources, in its own namespace only. */
const matchedAtHome: readonly Relation[] = [
  ...matched.slice(0, 1),
  names('INTERCEPTS', 'metadata.namespace', Namespace, { optional: true, note: 'what lives in its own namespace' }),
];

/** Policies in CEL, cluster-wide and, as Namespaced…, in one namespace. */
const celPolicies = (
  [
    ['ValidatingPolicy', 'validatingpolicies'],
    ['MutatingPolicy', 'mutatingpolicies'],
    ['GeneratingPolicy', 'generatingpolicies'],
    ['DeletingPolicy', 'deletingpolicies'],
    ['ImageValidatingPolicy', 'imagevalidatingpolicies'],
  ] as const
).flatMap(([name, plural]) =>
  ['', 'Namespaced'].map((prefix) =>
    kind({
      group: POLICIES,
      name: `${prefix}${name}`,
      plural: `${prefix.toLowerCase()}${plural}`,
      namespaced: prefix !== '',
      summary: columns({ ready: 'status.conditionStatus.ready' }),
      health: (object: unknown) => {
        const isReady = valueAt(object, 'status.conditionStatus.ready');
        if (isReady === undefined) return { status: 'unknown' };
        return isReady === true ? { status: 'healthy' } : { status: 'critical', reason: 'NotReady' };
      },
      relations: [
        ...(prefix === '' ? matched : matchedAtHome),
        ...(name === 'ImageValidatingPolicy' ? [names('PULLS_WITH', 'spec.credentials.secrets[*]', Secret, home)] : []),
      ],
    }),
  ),
);

const celException = kind({
  group: POLICIES,
  name: 'PolicyException',
  plural: 'policyexceptions',
  namespaced: true,
  relations: [refersTo('APPLIES_TO', 'spec.policyRefs[*]', 'a policy', { defaultGroup: POLICIES })],
});

/** Reports in the making say by label which object they are about. */
const aboutLabelled = relation(
  'REPORTS_ON',
  'metadata.labels["audit.kyverno.io/resource.uid"]',
  'any',
  { note: 'by uid' },
  ({ value, object, namespace, lookup }) => {
    const { labels = {}, annotations = {} } = object.metadata;
    const found = lookup(
      labels['audit.kyverno.io/resource.group'] ?? '',
      labels['audit.kyverno.io/resource.kind'] ?? '',
    );
    return {
      target: {
        by: 'id',
        uid: String(value),
        group: found.group,
        kind: found.kind,
        namespace,
        name: annotations['audit.kyverno.io/resource.name'] ?? '',
      },
      optional: true,
    };
  },
);

const ephemeral = (name: string, plural: string, isNamespaced: boolean): Kind =>
  kind({
    group: REPORTS,
    name,
    plural,
    namespaced: isNamespaced,
    summary: columns({
      pass: 'spec.summary.pass',
      fail: 'spec.summary.fail',
      warn: 'spec.summary.warn',
      error: 'spec.summary.error',
      skip: 'spec.summary.skip',
    }),
    relations: [aboutLabelled],
  });

export const kyverno: readonly Kind[] = [
  policy(ClusterPolicy, 'clusterpolicies'),
  policy(Policy, 'policies'),
  policyException,
  cleanup('CleanupPolicy', 'cleanuppolicies', true),
  cleanup('ClusterCleanupPolicy', 'clustercleanuppolicies', false),
  updateRequest,
  globalContextEntry,
  ...celPolicies,
  celException,
  ephemeral('EphemeralReport', 'ephemeralreports', true),
  ephemeral('ClusterEphemeralReport', 'clusterephemeralreports', false),
];
