/** What is answered about a recording, and how good that is. */
import type { Estate } from '../../../src/analysis/estate.ts';
import { explanationOf } from '../../../src/operations/explain.ts';
import { isReason, isRoot, type Labelled, type Named } from '../labels.ts';

export interface Answer extends Named {
  readonly reason: string;
  readonly confidence: number;
}

/** Every answer of an incident, the best first; the incidents in the order in which they are told. */
export type Answers = readonly (readonly Answer[])[];

export type Answerer = (estate: Estate) => Answers;

/** The product's own. */
export const explained: Answerer = (estate) =>
  explanationOf(estate).incidents.map(({ causes }) =>
    causes.map(({ resource: { kind, namespace, name }, reason, confidence }) => ({
      kind,
      namespace,
      name,
      reason,
      confidence,
    })),
  );

export interface Score {
  readonly case: Labelled;
  readonly answers: Answers;
  /** Place of the root in what is answered, all incidents one after the other; 0: not there. */
  readonly rank: number;
  readonly isReasonRight: boolean;
  /** Something was said to be wrong, and no cause was given for anything. */
  readonly abstains: boolean;
  /** First causes of incidents that are not the root: of a case in which nothing is wrong, every one. */
  readonly accused: readonly Answer[];
  readonly incidents: number;
}

export function scored(one: Labelled, answers: Answers): Score {
  const flat = inOrder(answers);
  const rank = 1 + flat.findIndex((answer) => isRoot(one, answer));
  const right = flat[rank - 1];
  return {
    case: one,
    answers,
    rank,
    isReasonRight: rank === 1 && right !== undefined && isReason(one, right.reason),
    abstains: flat.length === 0,
    accused: answers.flatMap(([first]) => (first && !isRoot(one, first) ? [first] : [])),
    incidents: answers.length,
  };
}

/** One list of all: incident by incident, each resource once. */
function inOrder(answers: Answers): readonly Answer[] {
  const seen = new Set<string>();
  return answers.flat().filter(({ kind, namespace, name }) => {
    const key = `${kind}/${namespace}/${name}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}
