/** JobSet: several Jobs that are one piece of work. Source: jobset.x-k8s.io/v1alpha2 (jobset 0.8). */
import type { Health } from '../../model/resource.ts';
import { because, condition } from '../conditions.ts';
import type { Kind } from '../kind.ts';
import { kind } from '../kind.ts';
import { podSpecRelations } from '../pod-template.ts';
import { Service } from '../refs.ts';
import { relation, textAt, valueAt } from '../relations.ts';
import { columns } from './custom-resource.ts';

function health(object: unknown): Health {
  const failed = condition(object, 'Failed');
  if (failed?.status === 'True') return because('critical', failed);
  if (condition(object, 'Completed')?.status === 'True') return { status: 'healthy', reason: 'Completed' };
  const suspended = condition(object, 'Suspended');
  if (suspended?.status === 'True') return because('warning', suspended);
  return { status: 'healthy' };
}

const jobSetKind = kind({
  group: 'jobset.x-k8s.io',
  name: 'JobSet',
  plural: 'jobsets',
  namespaced: true,
  summary: columns({
    terminalState: 'status.terminalState',
    restarts: 'status.restarts',
    completed: '@Completed',
    suspended: 'spec.suspend',
  }),
  health,
  idle: (object: unknown) => valueAt(object, 'status.terminalState') !== undefined,
  relations: [
    ...podSpecRelations('spec.replicatedJobs[*].template.spec.template.spec', 'template'),
    relation(
      'GOVERNED_BY',
      'spec.network',
      'Service',
      { note: 'subdomain, its own name by default; not with enableDNSHostnames: false' },
      ({ value, name, namespace }) => {
        if ((value as { enableDNSHostnames?: unknown }).enableDNSHostnames === false) return undefined;
        const { group, kind: kindName } = Service;
        return {
          target: { by: 'name', group, kind: kindName, namespace, name: textAt(value, 'subdomain') ?? name },
          suffix: '.subdomain',
        };
      },
    ),
  ],
});

export const jobSet: readonly Kind[] = [jobSetKind];
