/**
 * What Crossplane's composites, claims and managed resources say in any API group, for kinds that no file describes. A composite or claim
 * is known by fields that only Crossplane's schemas have. Sources: crossplane 1.x and 2.0 (internal/xcrd), crossplane-runtime apis/common.
 */
import { groupOf } from '../../model/change.ts';
import type { Found, Outcome, Relation } from '../kind.ts';
import { Secret } from '../refs.ts';
import { groupIn, names, relation, selects, textAt, valueAt } from '../relations.ts';
import { Composition, CompositionRevision } from './crossplane-refs.ts';

/** Fields of composites and claims: v1 has them in the spec, v2 below `spec.crossplane`. */
const isComposite = ({ object }: Found): boolean =>
  ['crossplane', 'compositionUpdatePolicy', 'compositionRef', 'compositionRevisionRef', 'compositeDeletePolicy'].some(
    (field) => valueAt(object['spec'], field) !== undefined,
  );

/** A reference of a composite: the target lives where it says, else where the composite does; a claim's composite has no namespace. */
const composed =
  (where: (found: Found) => string) =>
  (found: Found): Outcome | undefined => {
    const kindName = textAt(found.value, 'kind');
    const name = textAt(found.value, 'name');
    if (kindName === undefined || name === undefined || !isComposite(found)) return undefined;
    const { group, kind } = found.lookup(groupIn(found.value), kindName);
    const namespace = textAt(found.value, 'namespace') ?? where(found);
    return { target: { by: 'name', group, kind, namespace, name }, suffix: '.name' };
  };

/** `ec2.aws.upbound.io` is configured by a ProviderConfig of `aws.upbound.io`, `kubernetes.crossplane.io` by one of its own group. */
function configured({ value, object, namespace }: Found): readonly Outcome[] | undefined {
  const name = textAt(value, 'name');
  if (name === undefined) return undefined;
  const said = textAt(value, 'kind');
  const kindName = said ?? (namespace === '' ? 'ProviderConfig' : 'ClusterProviderConfig');
  const where = kindName === 'ProviderConfig' ? namespace : '';
  const own = groupOf(object.apiVersion);
  return [own, own.slice(own.indexOf('.') + 1)].map((group) => ({
    target: { by: 'name', group, kind: kindName, namespace: where, name },
    suffix: '.name',
  }));
}

const PROVIDER_CONFIGS = /^(?:Cluster)?ProviderConfig$/;

export const crossplaneResources: readonly Relation[] = [
  relation(
    'MANAGES',
    'spec.{resourceRefs,crossplane.resourceRefs}[*]',
    'any',
    { note: 'of a Crossplane composite' },
    composed(({ namespace }) => namespace),
  ),
  relation(
    'BOUND_TO',
    'spec.resourceRef',
    'a composite',
    { note: 'of a Crossplane claim' },
    composed(() => ''),
  ),
  relation(
    'BOUND_TO',
    'spec.claimRef',
    'a claim',
    { note: 'of a Crossplane composite' },
    composed(() => ''),
  ),
  names('CONFIGURED_BY', 'spec.{compositionRef,crossplane.compositionRef}', Composition, { when: isComposite }),
  selects('CONFIGURED_BY', 'spec.{compositionSelector,crossplane.compositionSelector}', Composition, {
    empty: 'none',
    when: ({ up }) => textAt(valueAt(up(1), 'compositionRef'), 'name') === undefined,
    note: 'those it may choose from, until it has chosen',
  }),
  names('USES_REVISION', 'spec.{compositionRevisionRef,crossplane.compositionRevisionRef}', CompositionRevision),
  relation(
    'CONFIGURED_BY',
    'spec.providerConfigRef',
    'ProviderConfig or ClusterProviderConfig',
    { confidence: 'naming', note: 'of the own API group, or the one that it is a part of' },
    configured,
  ),
  names('PRODUCES', 'spec.writeConnectionSecretToRef', Secret, {
    namespace: 'namespace',
    when: ({ value, namespace }) => namespace !== '' || textAt(value, 'namespace') !== undefined,
  }),
  names('USES_SECRET', 'spec.credentials.secretRef', Secret, {
    namespace: 'namespace',
    when: ({ object, value, namespace }) =>
      PROVIDER_CONFIGS.test(object.kind) && (namespace !== '' || textAt(value, 'namespace') !== undefined),
    note: 'of a ProviderConfig or ClusterProviderConfig',
  }),
];
