/** Vertical Pod Autoscaler: which workload's requests it recommends and sets. Source: autoscaling.k8s.io/v1. */
import type { Health, Scalar } from '../../model/resource.ts';
import { because, condition } from '../conditions.ts';
import type { Kind } from '../kind.ts';
import { kind } from '../kind.ts';
import { namespaced } from '../refs.ts';
import { names, refersTo, textAt, valueAt } from '../relations.ts';
import { columns } from './custom-resource.ts';

const GROUP = 'autoscaling.k8s.io';
const VerticalPodAutoscaler = namespaced(GROUP, 'VerticalPodAutoscaler');

/** kubectl shows what is recommended to the first container. */
const target =
  (resource: string) =>
  (object: unknown): Scalar | undefined => {
    const list = valueAt(object, 'status.recommendation.containerRecommendations');
    return Array.isArray(list) ? textAt(valueAt(list[0], 'target'), resource) : undefined;
  };

/** A recommendation takes a while to come: without one it is not well, but not broken either. */
function health(object: unknown): Health {
  const unsupported = condition(object, 'ConfigUnsupported');
  if (unsupported?.status === 'True') return because('critical', unsupported);
  const provided = condition(object, 'RecommendationProvided');
  if (provided?.status === 'True') return { status: 'healthy' };
  const none = condition(object, 'NoPodsMatched');
  if (none?.status === 'True') return because('warning', none);
  return provided ? because('warning', provided) : { status: 'unknown' };
}

const autoscaler = kind({
  group: GROUP,
  name: VerticalPodAutoscaler.kind,
  plural: 'verticalpodautoscalers',
  namespaced: true,
  summary: columns({
    mode: 'spec.updatePolicy.updateMode',
    cpu: target('cpu'),
    mem: target('memory'),
    provided: '@RecommendationProvided',
  }),
  health,
  relations: [refersTo('SCALES', 'spec.targetRef', 'a workload')],
});

const checkpoint = kind({
  group: GROUP,
  name: 'VerticalPodAutoscalerCheckpoint',
  plural: 'verticalpodautoscalercheckpoints',
  namespaced: true,
  relations: [names('BELONGS_TO', 'spec.vpaObjectName', VerticalPodAutoscaler)],
});

export const verticalPodAutoscaler: readonly Kind[] = [autoscaler, checkpoint];
