/** Autoscalers that come to their maximum, by the versions of HorizontalPodAutoscalers. */
import { milliseconds, treeAt } from '../case.ts';
import { conditionOf, numberAt } from '../states/state.ts';
import type { Reader } from './prediction.ts';

export const replicas: Reader = function* (known) {
  for (const scaler of known.view.resources({ group: 'autoscaling', kind: 'HorizontalPodAutoscaler' })) {
    const object = known.object(scaler.id);
    const limit = numberAt(treeAt(object, 'spec'), 'maxReplicas', 0);
    const least = numberAt(treeAt(object, 'spec'), 'minReplicas', 1);
    // Where both are the same, the number is meant.
    if (limit <= least) continue;
    const points = known.estate.versions(scaler.id).map((version) => {
      const status = treeAt(version.object, 'status');
      const value = Math.max(numberAt(status, 'desiredReplicas', 0), numberAt(status, 'currentReplicas', 0));
      return { at: milliseconds(version.at), value };
    });
    const limited = conditionOf(object, 'ScalingLimited');
    const isHeld = limited?.status === 'True' && limited.reason === 'TooManyReplicas';
    yield {
      kind: 'replicas',
      subject: scaler,
      what: 'replicas',
      unit: 'count',
      limit,
      points,
      isSteps: true,
      ...(isHeld && limited.at > 0 && { exhaustedSince: limited.at }),
    };
  }
};
