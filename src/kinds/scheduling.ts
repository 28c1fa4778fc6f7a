/** PriorityClass, PodGroup and Workload: which pods go first, and which go together. Source: scheduling.k8s.io/v1 and v1alpha2. */
import type { V1alpha2PodGroup, V1alpha2Workload, V1PriorityClass } from '@kubernetes/client-node';
import type { Health } from '../model/resource.ts';
import { because, condition } from './conditions.ts';
import { kind, type Raw } from './kind.ts';
import { FIELD_NAME } from './placement.ts';
import { namespaced, PodGroup, PriorityClass, ResourceClaim, ResourceClaimTemplate } from './refs.ts';
import { names, refersTo } from './relations.ts';

const { group } = PodGroup;
const Workload = namespaced(group, 'Workload');

export const priorityClass = kind<V1PriorityClass>({
  group,
  name: 'PriorityClass',
  plural: 'priorityclasses',
  shortNames: ['pc'],
  namespaced: false,
  summary: ({ value, globalDefault, preemptionPolicy }) => ({
    value,
    globalDefault: globalDefault ?? false,
    preemptionPolicy,
  }),
  selectable: ({ metadata }) => ({ [FIELD_NAME]: metadata?.name ?? '' }),
});

export const podGroup = kind<V1alpha2PodGroup>({
  group,
  name: PodGroup.kind,
  plural: 'podgroups',
  namespaced: true,
  summary: (g) => ({
    policy: g.spec?.schedulingPolicy?.gang === undefined ? 'Basic' : 'Gang',
    workload: g.spec?.podGroupTemplateRef?.workload?.workloadName,
    status: podGroupStatus(g),
  }),
  health: podGroupHealth,
  relations: [
    names('BELONGS_TO', 'spec.podGroupTemplateRef.workload', Workload, { name: 'workloadName' }),
    names('HAS_PRIORITY', 'spec.priorityClassName', PriorityClass),
    names('USES_DEVICE', 'spec.resourceClaims[*].resourceClaimName', ResourceClaim),
    names('USES_DEVICE', 'spec.resourceClaims[*].resourceClaimTemplateName', ResourceClaimTemplate),
    names('USES_DEVICE', 'status.resourceClaimStatuses[*]', ResourceClaim, { name: 'resourceClaimName' }),
  ],
});

export const workload = kind<V1alpha2Workload>({
  group,
  name: Workload.kind,
  plural: 'workloads',
  namespaced: true,
  relations: [
    refersTo('BELONGS_TO', 'spec.controllerRef', 'the controller it describes', { defaultGroup: '' }),
    names('HAS_PRIORITY', 'spec.podGroupTemplates[*].priorityClassName', PriorityClass, { via: 'template' }),
    names('USES_DEVICE', 'spec.podGroupTemplates[*].resourceClaims[*].resourceClaimName', ResourceClaim, {
      via: 'template',
    }),
    names(
      'USES_DEVICE',
      'spec.podGroupTemplates[*].resourceClaims[*].resourceClaimTemplateName',
      ResourceClaimTemplate,
      { via: 'template' },
    ),
  ],
});

/** The STATUS column of `kubectl get podgroups`. */
function podGroupStatus(g: Raw<V1alpha2PodGroup>): string {
  const disrupted = condition(g, 'DisruptionTarget');
  if (disrupted) return disrupted.reason ?? 'DisruptionTarget';
  const scheduled = condition(g, 'PodGroupScheduled');
  if (scheduled === undefined) return 'Pending';
  return scheduled.status === 'True' ? 'Scheduled' : 'Unschedulable';
}

function podGroupHealth(g: Raw<V1alpha2PodGroup>): Health {
  const scheduled = condition(g, 'PodGroupScheduled');
  if (scheduled?.status === 'False') return because('critical', scheduled);
  const status = podGroupStatus(g);
  return status === 'Scheduled' ? { status: 'healthy' } : { status: 'warning', reason: status };
}
