/**
 * A hypothesis: that one thing is why another is not well, what speaks for and against it, and how much. Weights are log-odds: they add up, and
 * what they come to is a probability (`confidenceOf`).
 */
import type { Resource } from '../model/resource.ts';
import { resourceTitle } from '../model/resource.ts';

/** Something that is not there, named as it would be. */
export interface Absent {
  readonly absent: true;
  readonly cluster: string;
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export type Subject = Resource | Absent;

export interface Evidence {
  readonly kind: 'change' | 'state' | 'event' | 'log' | 'edge' | 'alert';
  /** Milliseconds since 1970. */
  readonly at?: number;
  readonly text: string;
  readonly resource?: Subject;
  /** How much it says, in log-odds; negative for what speaks against. */
  readonly weight: number;
}

export interface Remedy {
  readonly summary: string;
  /** Ready to be copied; none of them is ever run by us. */
  readonly commands: readonly string[];
}

export interface Hypothesis {
  readonly subject: Subject;
  /** CamelCase: what is wrong with it. */
  readonly reason: string;
  /** One sentence. */
  readonly summary: string;
  readonly evidence: readonly Evidence[];
  /** From the cause to who suffers: titles, and the types of edges between them. */
  readonly path: readonly string[];
  readonly remedy: Remedy;
  /** The subject suffers itself, and what explains that explains this. */
  readonly because?: Resource;
}

/** How much kinds of evidence say, in log-odds. Fitted on labelled recordings (`docs/root-cause.md`). */
export const weights = {
  /** The sufferer, or who speaks for it, names the subject. */
  named: 3,
  /** It is not there, and is needed. */
  missing: 2.5,
  /** Its state is wrong as the mechanism wants it. */
  state: 2,
  /** It was changed in what matters, shortly before. */
  changed: 2.5,
  /** It was written to shortly before; what changed is not known. */
  written: 1.5,
  /** A mechanism that is common, and no other. */
  usual: 1,
  /** A connection, and nothing else. */
  edge: 0.3,
  /** Others use the same and are well. */
  othersWell: -2,
} as const;

/** What is needed before anything is believed. */
const DOUBT = -2;

/** Log-odds of a hypothesis. */
export function weightOf({ evidence }: Pick<Hypothesis, 'evidence'>): number {
  return evidence.reduce((sum, { weight }) => sum + weight, DOUBT);
}

/** A probability in (0, 1). */
export function confidenceOf(weight: number): number {
  return 1 / (1 + Math.exp(-weight));
}

/** `Kind/namespace/name`. */
export function titleOf(subject: Pick<Subject, 'kind' | 'namespace' | 'name'>): string {
  return resourceTitle(subject);
}

export function keyOf(subject: Subject): string {
  return `${subject.cluster} ${titleOf(subject)}`;
}

export function absent(
  beside: { readonly cluster: string },
  target: { readonly group: string; readonly kind: string; readonly namespace: string; readonly name: string },
): Absent {
  const { group, kind, namespace, name } = target;
  return { absent: true, cluster: beside.cluster, group, kind, namespace, name };
}
