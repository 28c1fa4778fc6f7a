/**
 * Incident: what this program found to be wrong, as an object of its own: who suffers, why, since when, and whether somebody takes care of it. Its state is
 * changed by the analyst and by people; everything else is what `explain` said.
 */
import type { Target } from '../model/reference.ts';
import type { Health } from '../model/resource.ts';
import { type Found, kind, type Outcome } from './kind.ts';
import { relation, textAt } from './relations.ts';

interface Named {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly id?: string;
}

/** `spec` and `status` of an incident, as far as its resource shows them. */
interface Incident {
  readonly spec?: {
    readonly title?: string;
    readonly severity?: string;
    readonly startedAt?: string;
    readonly symptoms?: readonly { readonly resource?: Named; readonly reason?: string }[];
    readonly causes?: readonly { readonly resource?: Named; readonly reason?: string; readonly confidence?: number }[];
  };
  readonly status?: {
    readonly state?: string;
    readonly endedAt?: string;
    readonly acknowledgedBy?: string;
    readonly mergedInto?: string;
  };
}

export const incident = kind<Incident>({
  group: '',
  name: 'Incident',
  plural: 'incidents',
  namespaced: false,
  pseudo: true,
  summary: ({ spec = {}, status = {} }) => {
    const [cause] = spec.causes ?? [];
    return {
      state: status.state ?? 'open',
      severity: spec.severity,
      title: spec.title,
      startedAt: spec.startedAt,
      endedAt: status.endedAt,
      symptoms: spec.symptoms?.length ?? 0,
      cause: cause && [cause.resource?.kind, cause.resource?.namespace, cause.resource?.name].filter(Boolean).join('/'),
      reason: cause?.reason,
      confidence: cause?.confidence,
      acknowledgedBy: status.acknowledgedBy,
      mergedInto: status.mergedInto,
    };
  },
  health: ({ spec, status }): Health => {
    if (status?.state === 'resolved') return { status: 'healthy', reason: 'Resolved' };
    if (status?.state === 'acknowledged') return { status: 'warning', reason: 'Acknowledged' };
    return { status: spec?.severity === 'critical' ? 'critical' : 'warning', reason: 'Open' };
  },
  relations: [
    relation('AFFECTS', 'spec.symptoms[*].resource', 'any', { confidence: 'heuristic' }, objectOf),
    relation('CAUSED_BY', 'spec.causes[*].resource', 'any', { confidence: 'heuristic' }, (found) => {
      const outcome = objectOf(found);
      const cause = found.up(1) as { readonly reason?: string; readonly confidence?: number };
      const { reason = '', confidence = 0 } = cause;
      return outcome && { ...outcome, attributes: { reason, probability: confidence } };
    }),
    relation(
      'PART_OF',
      'spec.happenings[*]',
      'Event, Occurrence (pseudo)',
      { reverse: true, confidence: 'heuristic' },
      ({ value }) => (typeof value === 'string' ? { target: windowed(value), optional: true } : undefined),
    ),
    relation('PART_OF', 'status.mergedInto', 'Incident (pseudo)', { confidence: 'heuristic' }, ({ value }) =>
      typeof value === 'string'
        ? { target: { by: 'pseudo', kind: 'Incident', namespace: '', name: value, existing: true }, optional: true }
        : undefined,
    ),
  ],
});

/** Whom a symptom or a cause is about; it may be missing, or gone by now. */
function objectOf({ value }: Found): Outcome | undefined {
  const [name, kindName] = [textAt(value, 'name'), textAt(value, 'kind')];
  if (name === undefined || kindName === undefined) return undefined;
  const named = {
    group: textAt(value, 'group') ?? '',
    kind: kindName,
    namespace: textAt(value, 'namespace') ?? '',
    name,
  };
  const uid = textAt(value, 'uid');
  return { target: uid === undefined ? { by: 'name', ...named } : { by: 'id', uid, ...named }, optional: true };
}

/** What happened, by the part of its id behind the cluster. */
function windowed(id: string): Target {
  const [kindName = '', namespace = '', ...name] = id.slice(1).split('/');
  if (id.startsWith('~')) return { by: 'pseudo', kind: kindName, namespace, name: name.join('/'), existing: true };
  return { by: 'id', uid: id, group: '', kind: 'Event', namespace: '', name: '' };
}
