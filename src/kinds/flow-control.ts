/** FlowSchema and PriorityLevelConfiguration: whose requests the API server serves first. Source: flowcontrol.apiserver.k8s.io/v1. */
import type { V1FlowSchema, V1PriorityLevelConfiguration } from '@kubernetes/client-node';
import { condition, holds } from './conditions.ts';
import { type Found, kind, type Outcome } from './kind.ts';
import { userOutcome } from './rbac.ts';
import { clusterScoped, ServiceAccount } from './refs.ts';
import { names, namesPseudo, relation, textAt } from './relations.ts';

const GROUP = 'flowcontrol.apiserver.k8s.io';
const PriorityLevelConfiguration = clusterScoped(GROUP, 'PriorityLevelConfiguration');

/** `*` means every account of the namespace. The bootstrap schemas name accounts that a cluster need not have. */
function accounts({ value }: Found): Outcome | undefined {
  const { group, kind: kindName } = ServiceAccount;
  const name = textAt(value, 'name');
  const namespace = textAt(value, 'namespace');
  if (name === undefined || namespace === undefined) return undefined;
  if (name !== '*') return { target: { by: 'name', group, kind: kindName, namespace, name }, optional: true };
  return {
    target: { by: 'labels', group, kind: kindName, selector: [], namespaces: { type: 'names', names: [namespace] } },
    value: `${namespace}/*`,
  };
}

/** `*` is everybody, and names nobody. */
function user({ value }: Found): Outcome | undefined {
  const name = textAt(value, 'name');
  return name === undefined || name === '*' ? undefined : userOutcome(name);
}

export const flowSchema = kind<V1FlowSchema>({
  group: GROUP,
  name: 'FlowSchema',
  plural: 'flowschemas',
  namespaced: false,
  summary: (f) => ({
    priorityLevel: f.spec?.priorityLevelConfiguration.name,
    matchingPrecedence: f.spec?.matchingPrecedence,
    distinguisherMethod: f.spec?.distinguisherMethod?.type,
    missingPl: condition(f, 'Dangling')?.status,
  }),
  health: (f) =>
    holds(f, 'Dangling') ? { status: 'critical', reason: 'MissingPriorityLevel' } : { status: 'healthy' },
  relations: [
    names('HAS_PRIORITY', 'spec.priorityLevelConfiguration', PriorityLevelConfiguration),
    relation('PRIORITIZES', 'spec.rules[*].subjects[*].serviceAccount', 'ServiceAccount', {}, accounts),
    relation('PRIORITIZES', 'spec.rules[*].subjects[*].user', 'User (pseudo) or ServiceAccount', {}, user),
    namesPseudo('PRIORITIZES', 'spec.rules[*].subjects[*].group', 'Group', {
      read: ({ value }) => textAt(value, 'name'),
      when: ({ value }) => textAt(value, 'name') !== '*',
    }),
  ],
});

export const priorityLevelConfiguration = kind<V1PriorityLevelConfiguration>({
  group: GROUP,
  name: 'PriorityLevelConfiguration',
  plural: 'prioritylevelconfigurations',
  namespaced: false,
  summary: ({ spec }) => ({
    type: spec?.type,
    nominalConcurrencyShares: spec?.limited?.nominalConcurrencyShares,
    queues: spec?.limited?.limitResponse?.queuing?.queues,
    handSize: spec?.limited?.limitResponse?.queuing?.handSize,
    queueLengthLimit: spec?.limited?.limitResponse?.queuing?.queueLengthLimit,
  }),
});
