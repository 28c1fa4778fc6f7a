/**
 * OPA Gatekeeper: templates, the constraints made from them, what they govern and what violates them; and mutations.
 * Sources: templates.gatekeeper.sh/v1, constraints.gatekeeper.sh/v1beta1, mutations.gatekeeper.sh/v1, status.gatekeeper.sh/v1beta1.
 */
import type { Health } from '../../model/resource.ts';
import { type Selector, selectorFrom } from '../../model/selector.ts';
import { definitionOf } from '../definition.ts';
import { dnsTargets } from '../dns.ts';
import type { Found, Kind, KindRef, Outcome, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { clusterScoped, Pod } from '../refs.ts';
import { names, relation, textAt, valueAt } from '../relations.ts';
import { texts } from '../resource-type.ts';
import { columns } from './custom-resource.ts';
import { inScope, namespaceNames } from './policy-scope.ts';

const TEMPLATES = 'templates.gatekeeper.sh';
const CONSTRAINTS = 'constraints.gatekeeper.sh';
const MUTATIONS = 'mutations.gatekeeper.sh';
const EXPANSION = 'expansion.gatekeeper.sh';
const STATUS = 'status.gatekeeper.sh';
const ConstraintTemplate = clusterScoped(TEMPLATES, 'ConstraintTemplate');
const Provider = clusterScoped('externaldata.gatekeeper.sh', 'Provider');

/** Pairs of `{apiGroups, kinds}` or `{groups, kinds}`; patterns of kinds are left out. */
function kindsFrom(list: unknown, lookup: Found['lookup']): readonly KindRef[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    const { apiGroups, groups, kinds } = entry as { apiGroups?: unknown; groups?: unknown; kinds?: unknown };
    const named = texts(kinds).filter((name) => name !== '*');
    return texts(apiGroups ?? groups).flatMap((group) =>
      named.map((name) => lookup(group === '*' ? undefined : group, name)),
    );
  });
}

/** `{kinds, scope, namespaces, excludedNamespaces, labelSelector, namespaceSelector}`; one that asks for a name, or for no kinds, is left out. */
function matchScope(match: unknown, kinds: readonly KindRef[]): readonly Outcome[] | undefined {
  const { scope, namespaces, excludedNamespaces, labelSelector, namespaceSelector, name } = (match ?? {}) as Readonly<
    Record<string, unknown>
  >;
  const objects = labelSelector == null ? [] : selectorFrom(labelSelector);
  const bySelector = namespaceSelector == null ? [] : selectorFrom(namespaceSelector);
  if (objects === undefined || bySelector === undefined || (name !== undefined && name !== '')) return undefined;
  const these = texts(namespaces);
  const others = texts(excludedNamespaces);
  const places: Selector = [
    ...(these.length > 0 ? [namespaceNames(these, 'these')] : []),
    ...(others.length > 0 ? [namespaceNames(others, 'others')] : []),
    ...bySelector,
  ];
  const wanted = kinds.filter((target) => {
    if (scope === 'Namespaced') return target.namespaced;
    return scope === 'Cluster' ? !target.namespaced : true;
  });
  return inScope({ kinds: wanted, objects, namespaces: places });
}

const MATCHED = 'objects of the kinds it matches';
const byMatch = {
  confidence: 'selector',
  note: 'by kinds, labels and namespaces; not by name, nor all kinds at once',
} as const;

/** What goes wrong in any of the pods that carry it out: `status.byPod[*].errors`. */
function podErrors(object: unknown): Health | undefined {
  const pods = valueAt(object, 'status.byPod');
  const errors = Array.isArray(pods) ? pods.flatMap((pod) => (Array.isArray(pod?.errors) ? pod.errors : [])) : [];
  if (errors.length === 0) return undefined;
  const message = textAt(errors[0], 'message');
  return {
    status: 'critical',
    reason: textAt(errors[0], 'type') ?? textAt(errors[0], 'code') ?? 'Error',
    ...(message && { message }),
  };
}

const health = (object: unknown): Health =>
  podErrors(object) ?? (valueAt(object, 'status.byPod') === undefined ? { status: 'unknown' } : { status: 'healthy' });

const constraintTemplate = kind({
  group: TEMPLATES,
  name: ConstraintTemplate.kind,
  plural: 'constrainttemplates',
  namespaced: false,
  health: (object: unknown) =>
    podErrors(object) ??
    (valueAt(object, 'status.created') === true ? { status: 'healthy' } : { status: 'warning', reason: 'NotCreated' }),
  relations: [
    relation(
      'DEFINES',
      'spec.crd.spec.names.kind',
      'CustomResourceDefinition',
      { confidence: 'selector', note: `the definition of the kind in ${CONSTRAINTS}` },
      ({ value }) => ({ target: definitionOf(CONSTRAINTS, String(value)), value: `${value}.${CONSTRAINTS}` }),
    ),
  ],
});

/** Every kind of the group is a constraint; its template bears its name in small letters, which Gatekeeper demands. */
const constraint = kind({
  group: CONSTRAINTS,
  name: '*',
  plural: '',
  namespaced: false,
  summary: columns({
    enforcementAction: 'spec.enforcementAction',
    totalViolations: 'status.totalViolations',
  }),
  health: (object: unknown) => {
    const violations = valueAt(object, 'status.totalViolations');
    const fault = podErrors(object);
    if (fault) return fault;
    if (typeof violations !== 'number') return { status: 'unknown' };
    return violations === 0
      ? { status: 'healthy' }
      : { status: 'warning', reason: 'Violations', message: `${violations} objects violate it` };
  },
  relations: [
    relation(
      'USES_TEMPLATE',
      'kind',
      ConstraintTemplate.kind,
      { note: 'called as the kind, in small letters' },
      ({ value }) => ({
        target: {
          by: 'name',
          group: TEMPLATES,
          kind: ConstraintTemplate.kind,
          namespace: '',
          name: String(value).toLowerCase(),
        },
      }),
    ),
    relation('GOVERNS', 'spec.match', MATCHED, byMatch, ({ value, lookup }) =>
      matchScope(value, kindsFrom((value as { kinds?: unknown }).kinds, lookup)),
    ),
    relation('REPORTS_ON', 'status.violations[*]', 'any', { note: 'what violates it' }, ({ value }) => {
      const name = textAt(value, 'name');
      const kindName = textAt(value, 'kind');
      if (name === undefined || kindName === undefined) return undefined;
      const action = textAt(value, 'enforcementAction');
      const namespace = textAt(value, 'namespace') ?? '';
      return {
        target: { by: 'name', group: textAt(value, 'group') ?? '', kind: kindName, namespace, name },
        suffix: '.name',
        optional: true,
        ...(action !== undefined && { attributes: { enforcementAction: action } }),
      };
    }),
  ],
});

/** A mutation concerns the kinds of `applyTo`, narrowed by `match`; AssignMetadata has only the latter. */
function mutates(applies: boolean): Relation {
  return relation('GOVERNS', 'spec', MATCHED, byMatch, ({ value, lookup }) => {
    const { applyTo, match } = value as { applyTo?: unknown; match?: { kinds?: unknown } };
    const matching = kindsFrom(match?.kinds, lookup);
    if (!applies) return matchScope(match, matching);
    const narrowed = kindsFrom(applyTo, lookup).filter(
      (target) =>
        match?.kinds === undefined ||
        matching.some(({ group, kind: name }) => group === target.group && name === target.kind),
    );
    return matchScope(match, narrowed);
  });
}

const mutation = (name: string, plural: string): Kind =>
  kind({
    group: MUTATIONS,
    name,
    plural,
    namespaced: false,
    health,
    relations: [
      mutates(name !== 'AssignMetadata'),
      ...(name === 'ModifySet' || name === 'AssignImage'
        ? []
        : [names('DEPENDS_ON', 'spec.parameters.assign.externalData.provider', Provider)]),
    ],
  });

const expansionTemplate = kind({
  group: EXPANSION,
  name: 'ExpansionTemplate',
  plural: 'expansiontemplate',
  namespaced: false,
  health,
  relations: [
    relation('GOVERNS', 'spec.applyTo', MATCHED, byMatch, ({ value, lookup }) =>
      inScope({ kinds: kindsFrom(value, lookup), objects: [], namespaces: [] }),
    ),
  ],
});

const provider = kind({
  group: Provider.group,
  name: Provider.kind,
  plural: 'providers',
  namespaced: false,
  relations: [relation('CALLS', 'spec.url', 'Service', { confidence: 'heuristic' }, dnsTargets)],
});

/** One pod's word on one object, by uid. */
const podStatus = (name: string, plural: string, field: string, about: (object: Found['object']) => KindRef): Kind =>
  kind({
    group: STATUS,
    name,
    plural,
    namespaced: true,
    relations: [
      names('REPORTED_FROM', 'status.id', Pod, { optional: true }),
      relation('REPORTS_ON', `status.${field}`, 'any', { note: 'by uid' }, ({ value, object }) => {
        const { group, kind: kindName } = about(object);
        return {
          target: { by: 'id', uid: String(value), group, kind: kindName, namespace: '', name: '' },
          optional: true,
        };
      }),
    ],
  });

const labelledKind = (group: string, label: string) => (object: Found['object']) =>
  clusterScoped(group, object.metadata.labels?.[`internal.gatekeeper.sh/${label}`] ?? '');

export const gatekeeper: readonly Kind[] = [
  constraintTemplate,
  constraint,
  mutation('Assign', 'assign'),
  mutation('AssignImage', 'assignimage'),
  mutation('AssignMetadata', 'assignmetadata'),
  mutation('ModifySet', 'modifyset'),
  expansionTemplate,
  provider,
  podStatus(
    'ConstraintPodStatus',
    'constraintpodstatuses',
    'constraintUID',
    labelledKind(CONSTRAINTS, 'constraint-kind'),
  ),
  podStatus('MutatorPodStatus', 'mutatorpodstatuses', 'mutatorUID', labelledKind(MUTATIONS, 'mutator-kind')),
  podStatus('ConstraintTemplatePodStatus', 'constrainttemplatepodstatuses', 'templateUID', () => ConstraintTemplate),
  podStatus('ExpansionTemplatePodStatus', 'expansiontemplatepodstatuses', 'templateUID', () =>
    clusterScoped(EXPANSION, 'ExpansionTemplate'),
  ),
  podStatus('ProviderPodStatus', 'providerpodstatuses', 'providerUID', () => Provider),
];
