/** How the other pods of a workload fare: those made from the same template, and those of the one before. */
import type { Resource } from '../../model/resource.ts';
import { type Case, milliseconds, treeAt } from '../case.ts';
import { containersIn } from '../containers.ts';
import { podFault } from '../pods.ts';
import { isReady } from '../services.ts';
import type { Symptom } from '../symptoms.ts';

export interface Siblings {
  /** Pods of the same template that are ready. */
  readonly sameWell: readonly Resource[];
  /** Pods of an older template that are ready. */
  readonly olderWell: readonly Resource[];
  /** Pods of an older template that fail, too. */
  readonly olderIll: readonly Resource[];
}

const TEMPLATE = ['pod-template-hash', 'controller-revision-hash'];

const known = new WeakMap<Symptom, Siblings>();

export function siblingsOf(of: Case, symptom: Symptom): Siblings {
  let siblings = known.get(symptom);
  if (siblings === undefined) {
    siblings = find(of, symptom);
    known.set(symptom, siblings);
  }
  return siblings;
}

function find(of: Case, { resource, whole }: Symptom): Siblings {
  const key = TEMPLATE.find((label) => resource.labels[label] !== undefined);
  const own = key && resource.labels[key];
  const made = (pod: Resource): number => milliseconds(of.object(pod.id)?.metadata.creationTimestamp);
  const others = resource.kind === 'Pod' ? of.pods(whole).filter(({ id }) => id !== resource.id) : [];
  const older = others.filter((pod) => key && pod.labels[key] !== own && made(pod) <= made(resource));
  return {
    sameWell: others.filter((pod) => key && pod.labels[key] === own && isReady(of, pod)),
    olderWell: older.filter((pod) => isReady(of, pod)),
    olderIll: older.filter((pod) => !isReady(of, pod) && podFault(of, pod) !== undefined),
  };
}

/** Whether a pod's containers were all begun after an instant, and it is ready. */
export function isWellSince(of: Case, pod: Resource, at: number): boolean {
  const containers = containersIn(treeAt(of.object(pod.id), 'status'), undefined).filter(({ init }) => !init);
  return isReady(of, pod) && containers.length > 0 && containers.every(({ startedAt = 0 }) => startedAt > at);
}
