/** The table of what may run out, and what is to be expected: the soonest first. */
import type { Case } from '../case.ts';
import { certificates } from './certificates.ts';
import { memory } from './memory.ts';
import { nodes } from './nodes.ts';
import { isPrediction, type Prediction, type PredictionKind, predictionOf, type Reader } from './prediction.ts';
import { quotas } from './quotas.ts';
import { replicas } from './replicas.ts';
import { volumes } from './volumes.ts';

export const readers: Readonly<Record<PredictionKind, Reader>> = {
  volume: volumes,
  quota: quotas,
  certificate: certificates,
  memory,
  replicas,
  allocatable: nodes,
};

export interface Outlook {
  readonly predictions: readonly Prediction[];
  /** How many of each were measured, whatever is to be expected of them. */
  readonly looked: Readonly<Record<PredictionKind, number>>;
}

/** What will be used up within a time, or is. */
export function predict(known: Case, horizonMs: number): Outlook {
  const looked: Record<PredictionKind, number> = {
    volume: 0,
    quota: 0,
    certificate: 0,
    memory: 0,
    replicas: 0,
    allocatable: 0,
  };
  const predictions: Prediction[] = [];
  for (const reader of Object.values(readers))
    for (const one of reader(known)) {
      looked[one.kind]++;
      const prediction = isPrediction(one) ? one : predictionOf(one, known.now);
      if (prediction && prediction.at - known.now <= horizonMs) predictions.push(prediction);
    }
  return { looked, predictions: predictions.sort((a, b) => a.at - b.at || (a.subject.id < b.subject.id ? -1 : 1)) };
}
