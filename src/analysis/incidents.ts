/**
 * What is explained → incidents that last. An incident keeps its name while its cause or some of who suffers stay the same; two whose cause turns out to be
 * one are merged into the older; one whose symptoms are gone for a while is resolved, and reopened when they come back soon.
 * No clock: time comes in with each look. Invariant: a look that says the same as the last changes nothing.
 */
import type { KubeObject } from '../model/change.ts';
import type { Time } from '../model/time.ts';
import { milliseconds } from './case.ts';

export type IncidentState = 'open' | 'acknowledged' | 'resolved';

/** Names a resource, or what is missing. */
export interface ToldSubject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly group: string;
  readonly cluster: string;
  readonly id?: string | undefined;
}

/** An incident as `explain` tells it, of which this needs no more. */
export interface ToldIncident {
  readonly severity: 'critical' | 'warning';
  readonly startedAt: string;
  readonly title: string;
  readonly symptoms: readonly { readonly resource: ToldSubject; readonly reason: string; readonly since: string }[];
  readonly causes: readonly { readonly resource: ToldSubject; readonly reason: string; readonly confidence: number }[];
}

export interface Explained {
  readonly told: ToldIncident;
  /** Names of the workloads and others that suffer: what stays when pods are replaced. */
  readonly wholes: readonly string[];
  /** Name of the first cause, when one is believed. */
  readonly root: string | undefined;
  /** Ids of what happened to them. */
  readonly happenings: readonly string[];
}

export interface IncidentStatus {
  readonly state: IncidentState;
  readonly acknowledgedAt?: Time;
  readonly acknowledgedBy?: string;
  readonly note?: string;
  readonly endedAt?: Time;
  /** Who resolved it; absent when its symptoms went. */
  readonly resolvedBy?: string;
  /** Name of the incident that it turned out to be part of. */
  readonly mergedInto?: string;
  /** How often its symptoms came back soon after it was resolved. */
  readonly reopened?: number;
}

/** What `explain` said, with what tells one incident from another. */
export interface IncidentSpec extends ToldIncident {
  readonly wholes: readonly string[];
  readonly root?: string;
  readonly happenings: readonly string[];
  readonly symptomCount: number;
}

export interface IncidentObject extends KubeObject {
  readonly spec: IncidentSpec;
  readonly status: IncidentStatus;
}

/** An incident with the cluster that it is of. */
export interface Filed {
  readonly cluster: string;
  readonly object: IncidentObject;
}

export interface IncidentOptions {
  /** Without symptoms for so long it is resolved. */
  readonly resolveAfterMs: number;
  /** What comes back within this is the same. */
  readonly reopenWithinMs: number;
  /** Resolved ones that are kept; history has all. */
  readonly keptMax: number;
}

export const incidentDefaults: IncidentOptions = { resolveAfterMs: 60_000, reopenWithinMs: 600_000, keptMax: 200 };

export const INCIDENT = { apiVersion: 'kube-kg.dev/v1', kind: 'Incident' } as const;

const SYMPTOMS_MAX = 100;
const CAUSES_MAX = 5;

/** What a look changed: incidents as they are now, and those that need no longer be kept. */
export interface Outcome {
  readonly changed: readonly Filed[];
  readonly dropped: readonly Filed[];
}

export class IncidentBook {
  readonly #options: IncidentOptions;
  /** By name. */
  readonly #known = new Map<string, Filed>();
  /** Since when symptoms of open ones are gone, by name. */
  readonly #quiet = new Map<string, Time>();

  constructor(known: Iterable<Filed> = [], options: IncidentOptions = incidentDefaults) {
    this.#options = options;
    for (const filed of known) this.#known.set(filed.object.metadata.name, filed);
  }

  get(name: string): Filed | undefined {
    return this.#known.get(name);
  }

  all(): Iterable<Filed> {
    return this.#known.values();
  }

  /** When the next one may be resolved, if nothing happens; undefined when none is quiet. */
  get due(): number | undefined {
    const since = Math.min(...Array.from(this.#quiet.values(), milliseconds));
    return Number.isFinite(since) ? since + this.#options.resolveAfterMs : undefined;
  }

  /** Takes over what is explained at an instant. */
  take(explained: readonly Explained[], at: Time): Outcome {
    const changed: Filed[] = [];
    const keep = (filed: Filed): void => {
      this.#known.set(filed.object.metadata.name, filed);
      changed.push(filed);
    };
    const { taken, others } = assigned(
      [...this.#known.values()].filter((filed) => this.#mayMatch(filed, at)),
      explained,
    );
    for (const one of explained) {
      const before = taken.get(one);
      const now = before ? continued(before, one) : opened(one, at);
      if (before) this.#quiet.delete(before.object.metadata.name);
      if (now !== before) keep(now);
      for (const other of others.get(one) ?? []) keep(merged(other, now.object.metadata.name, at));
    }
    const present = new Set([...taken.values()].map(({ object }) => object.metadata.name));
    for (const filed of this.#known.values())
      if (isActive(filed) && !present.has(filed.object.metadata.name) && !changed.includes(filed))
        this.#quieten(filed, at, keep);
    for (const { object } of changed) if (object.status.state === 'resolved') this.#quiet.delete(object.metadata.name);
    return { changed, dropped: this.#forget() };
  }

  /** What people say of it. Undefined when there is none of that name. */
  change(
    name: string,
    { state, by, note }: { readonly state: IncidentState; readonly by?: string; readonly note?: string },
    at: Time,
  ): Filed | undefined {
    const filed = this.#known.get(name);
    if (filed === undefined) return undefined;
    const {
      acknowledgedAt: _,
      acknowledgedBy: __,
      endedAt: ___,
      resolvedBy: ____,
      mergedInto: _____,
      ...rest
    } = filed.object.status;
    const said =
      state === 'acknowledged'
        ? { acknowledgedAt: at, ...(by && { acknowledgedBy: by }) }
        : state === 'resolved'
          ? { endedAt: at, resolvedBy: by || 'somebody' }
          : {};
    const now = withStatus(filed, {
      ...(state === 'resolved' ? filed.object.status : rest),
      ...said,
      ...(note && { note }),
      state,
    });
    this.#known.set(name, now);
    this.#quiet.delete(name);
    return now;
  }

  #mayMatch(filed: Filed, at: Time): boolean {
    const { state, endedAt, mergedInto } = filed.object.status;
    if (state !== 'resolved') return true;
    return mergedInto === undefined && milliseconds(at) - milliseconds(endedAt) <= this.#options.reopenWithinMs;
  }

  #quieten(filed: Filed, at: Time, keep: (filed: Filed) => void): void {
    const { name } = filed.object.metadata;
    const since = this.#quiet.get(name);
    if (since === undefined) this.#quiet.set(name, at);
    else if (milliseconds(at) - milliseconds(since) >= this.#options.resolveAfterMs)
      keep(withStatus(filed, { ...filed.object.status, state: 'resolved', endedAt: since }));
  }

  #forget(): readonly Filed[] {
    const ended = [...this.#known.values()].filter((filed) => !isActive(filed));
    if (ended.length <= this.#options.keptMax) return [];
    const endOf = ({ object }: Filed): number => milliseconds(object.status.endedAt);
    const dropped = ended.sort((a, b) => endOf(a) - endOf(b)).slice(0, ended.length - this.#options.keptMax);
    for (const { object } of dropped) this.#known.delete(object.metadata.name);
    return dropped;
  }
}

export function isActive({ object }: Filed): boolean {
  return object.status.state !== 'resolved';
}

/** Which known incident each explained one is, one each, the surest first; and who else would be the same. */
function assigned(
  known: readonly Filed[],
  explained: readonly Explained[],
): { readonly taken: Map<Explained, Filed>; readonly others: Map<Explained, Filed[]> } {
  const pairs = explained.flatMap((one) =>
    known.flatMap((filed) => {
      const alike = likeness(filed, one);
      return alike > 0 ? [{ one, filed, alike: alike + (isActive(filed) ? 1 : 0) }] : [];
    }),
  );
  const started = ({ object }: Filed): string => object.spec.startedAt;
  pairs.sort(
    (a, b) =>
      b.alike - a.alike || (started(a.filed) < started(b.filed) ? -1 : started(a.filed) > started(b.filed) ? 1 : 0),
  );
  const taken = new Map<Explained, Filed>();
  const used = new Set<Filed>();
  for (const { one, filed } of pairs) {
    if (taken.has(one) || used.has(filed)) continue;
    taken.set(one, filed);
    used.add(filed);
  }
  const others = new Map<Explained, Filed[]>();
  for (const { one, filed } of pairs) {
    if (used.has(filed) || !isActive(filed)) continue;
    used.add(filed);
    others.set(one, [...(others.get(one) ?? []), filed]);
  }
  return { taken, others };
}

/** 0 when they have nothing in common. The same cause counts more than the same victims. */
function likeness({ cluster, object: { spec } }: Filed, { told, wholes, root }: Explained): number {
  if (clusterOf(told) !== cluster) return 0;
  const shared = wholes.filter((whole) => spec.wholes.includes(whole)).length / Math.max(1, wholes.length);
  return (root !== undefined && spec.root === root ? 4 : 0) + 2 * shared;
}

function clusterOf({ symptoms: [first] }: ToldIncident): string {
  return first?.resource.cluster ?? '';
}

function opened(one: Explained, at: Time): Filed {
  const cluster = clusterOf(one.told);
  const [cause] = one.told.causes;
  const [symptom] = one.told.symptoms;
  const { name, kind } = cause?.resource ?? symptom?.resource ?? { name: 'incident', kind: '' };
  const reason = cause?.reason ?? symptom?.reason ?? '';
  const words = `${kind}-${name}-${reason}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 50)
    .replaceAll(/^-+|-+$/g, '');
  const mark = markOf(`${cluster} ${one.wholes.join(' ')} ${one.root} ${at}`);
  const object: IncidentObject = {
    ...INCIDENT,
    metadata: { name: `${words}-${mark}`, creationTimestamp: at },
    spec: specOf(one, one.told.startedAt),
    status: { state: 'open' },
  };
  return { cluster, object };
}

/** Six letters that differ with the text. */
function markOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(36).padStart(6, '0').slice(-6);
}

/** The same incident, as it is explained now; the same object when that says nothing new. */
function continued(filed: Filed, one: Explained): Filed {
  const { spec, status } = filed.object;
  const [began = ''] = [spec.startedAt, one.told.startedAt].sort();
  const back: IncidentStatus | undefined =
    status.state === 'resolved' ? { state: 'open', reopened: (status.reopened ?? 0) + 1 } : undefined;
  const now = specOf(one, back ? spec.startedAt : began);
  if (back === undefined && essence(now) === essence(spec)) return filed;
  return { ...filed, object: { ...filed.object, spec: now, status: back ?? status } };
}

/** What makes a difference to people: not the evidence of a second more, nor a hundredth of probability. */
function essence({ severity, symptoms, causes, wholes }: IncidentSpec): string {
  const keyOf = ({ kind, namespace, name }: ToldSubject): string => `${kind}/${namespace}/${name}`;
  return JSON.stringify([
    severity,
    wholes,
    symptoms.map(({ resource, reason }) => `${keyOf(resource)} ${reason}`).sort(),
    causes.map(({ resource, reason, confidence }) => [keyOf(resource), reason, Math.round(confidence * 10)]),
  ]);
}

function specOf({ told, wholes, root, happenings }: Explained, startedAt: string): IncidentSpec {
  const withUid = <T extends { readonly resource: ToldSubject }>(one: T): T => ({
    ...one,
    resource: named(one.resource),
  });
  return {
    ...told,
    startedAt,
    symptoms: told.symptoms.slice(0, SYMPTOMS_MAX).map(withUid),
    symptomCount: told.symptoms.length,
    causes: told.causes.slice(0, CAUSES_MAX).map(withUid),
    wholes,
    ...(root !== undefined && { root }),
    happenings,
  };
}

/** With the uid, by which relations find it. */
function named(subject: ToldSubject): ToldSubject & { readonly uid?: string } {
  const rest = subject.id?.slice(subject.cluster.length + 1) ?? '';
  return rest === '' || /^[~=]/.test(rest) ? subject : { ...subject, uid: rest };
}

function merged(filed: Filed, into: string, at: Time): Filed {
  return withStatus(filed, { ...filed.object.status, state: 'resolved', endedAt: at, mergedInto: into });
}

function withStatus(filed: Filed, status: IncidentStatus): Filed {
  return { ...filed, object: { ...filed.object, status } };
}
