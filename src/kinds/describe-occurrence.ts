/** Occurrence → Description: what happened and is no object is a resource of its own kind, about its subject. */
import { groupOf, type Occurrence } from '../model/change.ts';
import type { Description } from '../model/describe.ts';
import { DERIVED } from '../model/event-types.ts';
import { labelsOf, summaryOf } from '../model/occurrences.ts';
import type { Reference, Rule } from '../model/reference.ts';
import type { Time } from '../model/time.ts';
import type { Found } from './kind.ts';

export const aboutRule: Rule = { id: 'Occurrence/subject#ABOUT', edge: 'ABOUT', confidence: 'exact' };
/** Of changes that were seen in objects; what pipelines tell of their deployments is about them, and perhaps changed nothing. */
export const changedRule: Rule = { id: 'Occurrence/subject#CHANGED', edge: 'CHANGED', confidence: 'exact' };
const severityHealth = {
  debug: 'healthy',
  info: 'healthy',
  warning: 'warning',
  error: 'critical',
  critical: 'critical',
} as const;

/** An occurrence is a pseudo resource about its subject; a subject that is not (or not yet) known is kept as a reference. */
export function describeOccurrence(
  cluster: string,
  at: Time,
  occurrence: Occurrence,
  lookup: Found['lookup'],
): Description {
  const { source, subject, severity, reason = '', message = '' } = occurrence;
  const name = `${source}:${occurrence.id ?? `${at}:${subject.kind}/${subject.namespace ?? ''}/${subject.name}:${reason}:${message}`}`;
  const where = subject.cluster ?? cluster;
  const target = lookup(subject.apiVersion === undefined ? undefined : groupOf(subject.apiVersion), subject.kind);
  const namespace = target.namespaced ? (subject.namespace ?? '') : '';
  const named = { group: target.group, kind: target.kind, namespace, name: subject.name };
  const about: Reference = {
    rule: aboutRule,
    field: 'subject',
    optional: true,
    target: subject.uid ? { by: 'id', uid: subject.uid, ...named } : { by: 'name', ...named },
  };
  return {
    resource: {
      id: `${where}/~Occurrence/${namespace}/${name}`,
      cluster: where,
      group: '',
      kind: 'Occurrence',
      namespace,
      name,
      uid: '',
      pseudo: true,
      labels: labelsOf(occurrence.attributes),
      createdAt: occurrence.occurredAt ?? at,
      summary: summaryOf(occurrence, namespace),
      health: { status: severityHealth[severity] ?? 'unknown' },
    },
    seenAt: occurrence.occurredAt ?? at,
    references: occurrence.attributes?.[DERIVED] === 'change' ? [about, { ...about, rule: changedRule }] : [about],
  };
}
