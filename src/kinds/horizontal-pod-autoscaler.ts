/** HorizontalPodAutoscaler: sets the replicas of a workload by metrics. Source: autoscaling/v2; v1 has the same target. */
import type { V2HorizontalPodAutoscaler, V2MetricSpec, V2MetricStatus, V2MetricTarget } from '@kubernetes/client-node';
import type { Health } from '../model/resource.ts';
import { because, condition } from './conditions.ts';
import { kind, type Raw } from './kind.ts';
import { refersTo, textAt, valueAt } from './relations.ts';

type Autoscaler = Raw<V2HorizontalPodAutoscaler>;

export const horizontalPodAutoscaler = kind<V2HorizontalPodAutoscaler>({
  group: 'autoscaling',
  name: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  shortNames: ['hpa'],
  namespaced: true,
  summary: ({ spec, status }) => ({
    reference: spec?.scaleTargetRef && `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
    targets: targets(spec?.metrics ?? [], status?.currentMetrics ?? []),
    minPods: spec?.minReplicas,
    maxPods: spec?.maxReplicas,
    replicas: status?.currentReplicas ?? 0,
  }),
  health,
  relations: [
    refersTo('SCALES', 'spec.scaleTargetRef', 'anything with a scale subresource', { defaultGroup: '' }),
    refersTo('MEASURES', 'spec.metrics[*].object.describedObject', 'any', {
      defaultGroup: '',
      attributes: ({ up }) => {
        const metric = textAt(valueAt(up(1), 'metric'), 'name');
        return metric === undefined ? undefined : { metric };
      },
    }),
  ],
});

/** Being held at the upper limit deserves a look; being held at the lower one is every quiet night. */
function health(a: Autoscaler): Health {
  const able = condition(a, 'AbleToScale');
  if (able?.status === 'False') return because('critical', able);
  const active = condition(a, 'ScalingActive');
  if (active?.status === 'False')
    return active.reason === 'ScalingDisabled' ? because('healthy', active) : because('critical', active);
  const limited = condition(a, 'ScalingLimited');
  if (limited?.status === 'True' && limited.reason === 'TooManyReplicas') return because('warning', limited);
  return able === undefined && active === undefined ? { status: 'unknown' } : { status: 'healthy' };
}

const SHOWN_MAX = 2;

/** The TARGETS column: current against wanted of the first two metrics. */
function targets(specs: readonly Raw<V2MetricSpec>[], statuses: readonly Raw<V2MetricStatus>[]): string | undefined {
  if (specs.length === 0) return undefined;
  const cells = specs.map((spec, index) => metricCell(spec, statuses[index]));
  const shown = cells.slice(0, SHOWN_MAX).join(', ');
  return cells.length > SHOWN_MAX ? `${shown} + ${cells.length - SHOWN_MAX} more...` : shown;
}

function metricCell(spec: Raw<V2MetricSpec>, status: Raw<V2MetricStatus> | undefined): string {
  const resource = spec.resource ?? spec.containerResource;
  const source = resource ?? spec.external ?? spec.object ?? spec.pods;
  if (source === undefined) return '<unknown type>';
  const seen = status?.resource ?? status?.containerResource ?? status?.external ?? status?.object ?? status?.pods;
  const { target } = source;
  const average = target.averageValue !== undefined && !spec.pods && !resource ? ' (avg)' : '';
  const cell = `${valueText(target, seen?.current) ?? '<unknown>'}/${valueText(target, target) ?? '<auto>'}${average}`;
  return resource ? `${resource.name}: ${cell}` : cell;
}

type Amount = Partial<Pick<Raw<V2MetricTarget>, 'averageUtilization' | 'averageValue' | 'value'>>;

/** The amount in the form in which the target is given. */
function valueText(form: Amount, amount: Amount | undefined): string | undefined {
  if (form.averageValue !== undefined) return amount?.averageValue;
  if (form.value !== undefined) return amount?.value;
  return amount?.averageUtilization === undefined ? undefined : `${amount.averageUtilization}%`;
}
