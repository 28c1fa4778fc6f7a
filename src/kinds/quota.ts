/** ResourceQuota and LimitRange: what a namespace may use. Source: core/v1. */
import type { V1LimitRange, V1ResourceQuota } from '@kubernetes/client-node';
import { quantity } from '../model/quantity.ts';
import type { Health } from '../model/resource.ts';
import { requirementsFrom } from '../model/selector.ts';
import { kind, type Raw } from './kind.ts';
import { FIELD_NAME } from './placement.ts';
import { Namespace, PriorityClass } from './refs.ts';
import { names, relation, selectorText, textAt } from './relations.ts';

type Quota = Raw<V1ResourceQuota>;

const limitsNamespace = names('LIMITS', 'metadata.namespace', Namespace, { optional: true });

/** DoesNotExist means pods without any class, so it points at none. */
const limitsPriority = relation(
  'LIMITS',
  'spec.scopeSelector.matchExpressions[*]',
  'PriorityClass',
  { confidence: 'selector', note: 'only scopeName PriorityClass; pods of these classes count' },
  ({ value }) => {
    if (textAt(value, 'scopeName') !== 'PriorityClass' || textAt(value, 'operator') === 'DoesNotExist')
      return undefined;
    const selector = requirementsFrom([{ ...(value as object), key: FIELD_NAME }]);
    if (selector === undefined) return undefined;
    const { group, kind: kindName } = PriorityClass;
    return {
      target: { by: 'labels', group, kind: kindName, selector, namespaces: { type: 'all' } },
      value: selectorText(selector),
    };
  },
);

export const resourceQuota = kind<V1ResourceQuota>({
  group: '',
  name: 'ResourceQuota',
  plural: 'resourcequotas',
  shortNames: ['quota'],
  namespaced: true,
  summary: (q) => ({
    request: usage(q, (name) => !name.startsWith('limits.')),
    limit: usage(q, (name) => name.startsWith('limits.')),
  }),
  health,
  relations: [limitsNamespace, limitsPriority],
});

export const limitRange = kind<V1LimitRange>({
  group: '',
  name: 'LimitRange',
  plural: 'limitranges',
  shortNames: ['limits'],
  namespaced: true,
  relations: [limitsNamespace],
});

function usage({ status }: Quota, wanted: (name: string) => boolean): string | undefined {
  const rows = Object.entries(status?.hard ?? {})
    .filter(([name]) => wanted(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, hard]) => `${name}: ${status?.used?.[name] ?? '0'}/${hard}`);
  return rows.length === 0 ? undefined : rows.join(', ');
}

/** A quota that is used up refuses the next object. A limit of zero forbids, which is meant. */
function health({ status }: Quota): Health {
  if (status?.hard === undefined) return { status: 'unknown' };
  const exhausted = Object.entries(status.hard).filter(([name, hard]) => {
    const limit = quantity(hard);
    const used = quantity(status.used?.[name]);
    return limit !== undefined && used !== undefined && limit > 0 && used >= limit;
  });
  if (exhausted.length === 0) return { status: 'healthy' };
  return {
    status: 'warning',
    reason: 'QuotaExhausted',
    message: exhausted.map(([name, hard]) => `${name}: ${status.used?.[name]}/${hard}`).join(', '),
  };
}
