/** Crossplane's usages: what must not be deleted, and what needs it. Sources: apiextensions.crossplane.io/v1beta1, protection.crossplane.io/v1beta1. */
import { selectorFrom } from '../../model/selector.ts';
import type { Found, Kind, Outcome, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { labelled } from '../pod-peers.ts';
import { groupIn, relation, textAt, valueAt } from '../relations.ts';
import { EXTENSIONS } from './crossplane-refs.ts';
import { columns, healthBy } from './custom-resource.ts';

/** `{apiVersion, kind, resourceRef: {name, namespace?}}`, or a selector until it is resolved to one. */
function used(found: Found): Outcome | undefined {
  const { value, namespace: own } = found;
  const kindName = textAt(value, 'kind');
  const reference = valueAt(value, 'resourceRef');
  const name = textAt(reference, 'name');
  if (kindName === undefined) return undefined;
  const { group, kind: known, namespaced } = found.lookup(groupIn(value), kindName);
  const said = textAt(reference, 'namespace') ?? textAt(valueAt(value, 'resourceSelector'), 'namespace');
  const where = own !== '' && namespaced ? (said ?? own) : '';
  if (name !== undefined) {
    return { target: { by: 'name', group, kind: known, namespace: where, name }, suffix: '.resourceRef.name' };
  }
  const selector = selectorFrom(valueAt(value, 'resourceSelector'));
  if (selector === undefined || selector.length === 0) return undefined;
  const spaces = where === '' ? ({ type: 'all' } as const) : ({ type: 'names', names: [where] } as const);
  return labelled({ group, kind: known, namespaced }, selector, spaces);
}

const relations: readonly Relation[] = [
  relation('PROTECTS', 'spec.of', 'any', {}, used),
  relation('DEPENDS_ON', 'spec.by', 'any', { note: 'who needs it' }, used),
];

const usage = (group: string, name: string, plural: string, namespaced: boolean): Kind =>
  kind({
    group,
    name,
    plural,
    namespaced,
    summary: columns({
      details: (object) =>
        textAt(
          (object as { metadata?: { annotations?: unknown } }).metadata?.annotations,
          'crossplane.io/usage-details',
        ),
      ready: '@Ready',
    }),
    health: healthBy({ good: ['Ready'] }),
    relations,
  });

export const crossplaneUsages: readonly Kind[] = [
  usage(EXTENSIONS, 'Usage', 'usages', false),
  usage('protection.crossplane.io', 'Usage', 'usages', true),
  usage('protection.crossplane.io', 'ClusterUsage', 'clusterusages', false),
];
