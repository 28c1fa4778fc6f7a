/** Namespace. Everything in it refers to it, so it says little itself. Source: core/v1. */
import type { V1Namespace } from '@kubernetes/client-node';
import type { Health } from '../model/resource.ts';
import { because, conditionsOf } from './conditions.ts';
import { kind, type Raw } from './kind.ts';

export const namespace = kind<V1Namespace>({
  group: '',
  name: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  namespaced: false,
  summary: ({ status }) => ({ status: status?.phase }),
  health,
});

/** Conditions of a namespace tell what its deletion waits for, all of it together; those called …Failure stop it. */
function health(n: Raw<V1Namespace>): Health {
  const waiting = conditionsOf(n).filter(({ status }) => status === 'True');
  const stopped = waiting.find(({ type }) => type.endsWith('Failure'));
  if (stopped) return { ...because('critical', stopped), reason: stopped.type };
  const message = waiting.map((each) => each.message ?? each.type).join('; ');
  if (n.status?.phase === 'Terminating' || message !== '')
    return { status: 'warning', reason: 'Terminating', ...(message && { message }) };
  return n.status?.phase === 'Active' ? { status: 'healthy' } : { status: 'unknown' };
}
