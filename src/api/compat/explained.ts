/**
 * What `explain` says about a resource, for answers that have room for a cause, suggestions and a recommendation. Asked once a request and instant.
 * Invariant: where nobody can explain (no objects are kept), there is no explanation and the reason is said.
 */

import { compareText } from '../../model/order.ts';
import { Problem } from '../../model/problem.ts';
import type { Resource, ResourceId } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { type Explanation, explainOperation } from '../../operations/explain.ts';
import { type Context, perform } from '../../operations/operation.ts';
import { type IncidentRow, rowOf } from '../../operations/shared/incidents.ts';

export type Incident = Explanation['incidents'][number];
export type Cause = Incident['causes'][number];

/** The incident that is kept of what happened to a resource: the one that an event is part of, else one that affects it, open ones first, the latest. */
export function filedIncident(view: View, event: ResourceId, subject: ResourceId): IncidentRow | undefined {
  const found = [event, ...relatives(view, subject)].map((id, place) => {
    const rows: IncidentRow[] = [];
    const visit = (_: string, other: Resource): void => {
      if (other.kind === 'Incident' && other.pseudo) rows.push(rowOf(other));
    };
    if (place === 0) view.scan(id, 'out', visit, (type) => type === 'PART_OF');
    else view.scan(id, 'in', visit, (type) => type === 'AFFECTS');
    return rows.filter(({ mergedInto }) => mergedInto === undefined).sort(byState)[0];
  });
  return found.find((row) => row !== undefined);
}

function byState(a: IncidentRow, b: IncidentRow): number {
  const isOver = ({ state }: IncidentRow): number => (state === 'resolved' ? 1 : 0);
  return isOver(a) - isOver(b) || compareText(b.startedAt, a.startedAt);
}

/** Incidents of an instant (now, when none is given), or why there is no telling. */
export type Explained = { readonly incidents: readonly Incident[] } | { readonly unknown: string };

export class Explanations {
  readonly #context: Context;
  readonly #asked = new Map<string, Promise<Explained>>();

  constructor(context: Context) {
    this.#context = context;
  }

  at(instant?: string): Promise<Explained> {
    const key = instant ?? '';
    let asked = this.#asked.get(key);
    if (asked === undefined) {
      asked = explain(this.#context, instant);
      this.#asked.set(key, asked);
    }
    return asked;
  }

  /** The incident that a resource is in: as who suffers, else as who is why. As things are now, or, when it is well again, as they were at an instant. */
  async about(id: ResourceId, then?: string): Promise<{ readonly incident?: Incident; readonly note?: string }> {
    const now = await this.at();
    if ('unknown' in now) return { note: now.unknown };
    const incident = incidentOf(now.incidents, relatives(this.#context.view, id));
    if (incident || then === undefined || this.#context.past === undefined) return incident ? { incident } : {};
    const before = await this.at(then);
    const past = 'unknown' in before ? undefined : incidentOf(before.incidents, relatives(this.#context.view, id));
    return past ? { incident: past } : {};
  }
}

async function explain(context: Context, at: string | undefined): Promise<Explained> {
  try {
    const input = { limit: 1_000, ...(at !== undefined && { at }) };
    const { incidents } = (await perform(explainOperation, context, input)) as Explanation;
    return { incidents };
  } catch (error) {
    if (error instanceof Problem && (error.code === 'unsupported' || error.code === 'not-found'))
      return { unknown: error.message };
    throw error;
  }
}

/** A resource, and nearer the end what it is a part of and what is a part of it. */
function relatives(view: View, id: ResourceId): readonly ResourceId[] {
  const all = new Set([id]);
  for (const direction of ['in', 'out'] as const) {
    let rim: readonly ResourceId[] = [id];
    for (let step = 0; step < STEPS && rim.length > 0; step++) {
      const next: ResourceId[] = [];
      for (const from of rim)
        view.scan(
          from,
          direction,
          (_, other) => {
            if (!all.has(other.id)) next.push(other.id);
            all.add(other.id);
          },
          (type) => type === 'OWNS',
        );
      rim = next;
    }
  }
  return [...all];
}

const STEPS = 3;

function incidentOf(incidents: readonly Incident[], ids: readonly ResourceId[]): Incident | undefined {
  const [own] = ids;
  const has = (
    wanted: readonly (ResourceId | undefined)[],
    resources: readonly { readonly id?: string | undefined }[],
  ): boolean => resources.some(({ id }) => id !== undefined && wanted.includes(id));
  return (
    incidents.find(({ symptoms }) =>
      has(
        [own],
        symptoms.map(({ resource }) => resource),
      ),
    ) ??
    incidents.find(({ symptoms }) =>
      has(
        ids,
        symptoms.map(({ resource }) => resource),
      ),
    ) ??
    incidents.find(({ causes }) =>
      has(
        [own],
        causes.slice(0, 1).map(({ resource }) => resource),
      ),
    ) ??
    incidents.find(({ blastRadius }) => has([own], blastRadius.resources))
  );
}
