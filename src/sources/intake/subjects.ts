/** Whom labels name: alerts, metrics and logs say it in labels. What is named at the first place of the table, or nothing. */
import type { Occurrence } from '../../model/change.ts';
import { EXPORTERS, NAMESPACE_LABELS, SUBJECT_LABELS } from '../../model/subject-labels.ts';

type Labels = Readonly<Record<string, string>>;
type Subject = Occurrence['subject'];

/** A program that logs is known by its pod before anything that the pod belongs to. */
const POD_FIRST = [...SUBJECT_LABELS].sort((a, b) => Number(b[0] === 'Pod') - Number(a[0] === 'Pod'));

/** The subject that labels name; `podFirst` where they are those of a program itself, not of what it measures. */
export function subjectIn(labels: Labels, { podFirst = false } = {}): Subject | undefined {
  const namespace = first(labels, NAMESPACE_LABELS);
  for (const [kind, keys] of podFirst ? POD_FIRST : SUBJECT_LABELS) {
    const name = first(labels, keys);
    if (name === undefined || EXPORTERS.test(name)) continue;
    const uid = labels[`k8s.${kind.toLowerCase()}.uid`] || (kind === 'Pod' ? labels['uid'] || labels['pod_uid'] : '');
    return {
      kind,
      name,
      ...(namespace !== undefined && kind !== 'Node' && { namespace }),
      ...(uid && { uid }),
    };
  }
  return undefined;
}

function first(labels: Labels, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = labels[key];
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}

/** A subject as people write it: `Pod/shop/web-1`, `Node/worker-1`; undefined for what is none. */
export function subjectFromTitle(text: string): Subject | undefined {
  const parts = text.replace(/^\//, '').split('/');
  const [kind = '', ...names] = parts;
  if (!/^[A-Z][A-Za-z]*$/.test(kind) || names.some((name) => name === '')) return undefined;
  if (names.length === 1) return { kind, name: names[0] ?? '' };
  return names.length === 2 ? { kind, namespace: names[0] ?? '', name: names[1] ?? '' } : undefined;
}
