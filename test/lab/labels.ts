/** The truth about recordings, in `recordings/labels.json`, and whether an answer is it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case, Entity, Family } from './fault.ts';
import { splitOf } from './finish.ts';

export const RECORDINGS = join(import.meta.dirname, 'recordings');

export interface Labelled {
  readonly id: string;
  readonly split: 'development' | 'held-back';
  readonly family: Family;
  readonly row?: string;
  /** Absent: nothing is wrong. */
  readonly root?: Entity;
  readonly also: readonly Entity[];
  readonly reasons: readonly string[];
  readonly symptoms: readonly Entity[];
}

export function labelled({ id, family, row, label: { root, also = [], reasons = [], symptoms = [] } }: Case): Labelled {
  return {
    id,
    split: splitOf(id),
    family,
    ...(row !== undefined && { row }),
    ...(root !== undefined && { root }),
    also,
    reasons,
    symptoms,
  };
}

export function readLabels(): readonly Labelled[] {
  return JSON.parse(readFileSync(join(RECORDINGS, 'labels.json'), 'utf8'));
}

export function writeLabels(labels: readonly Labelled[]): void {
  const text = JSON.stringify(
    labels.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    undefined,
    2,
  );
  writeFileSync(join(RECORDINGS, 'labels.json'), `${text}\n`);
}

export function recordingOf({ id, split }: Pick<Labelled, 'id' | 'split'>): string {
  return join(RECORDINGS, split, `${id}.jsonl.zst`);
}

export interface Named {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Whether it is the root, or as good. */
export function isRoot({ root, also }: Labelled, named: Named): boolean {
  return [root, ...also].some((entity) => entity !== undefined && fits(entity, named));
}

export function fits(entity: Entity, { kind, namespace, name }: Named): boolean {
  const pattern = entity.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${pattern}$`).test(`${kind}/${namespace}/${name}`);
}

/** Whether a reason says what is wrong. Without words, any does. */
export function isReason({ reasons }: Labelled, reason: string): boolean {
  return reasons.length === 0 || reasons.some((word) => new RegExp(word, 'i').test(reason));
}
