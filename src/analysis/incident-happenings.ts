/** What belongs to an incident besides what `explain` says of it: by what it is known again, and what happened to those concerned. */
import type { Resource, ResourceId } from '../model/resource.ts';
import type { View } from '../model/view.ts';
import { milliseconds } from './case.ts';
import { WINDOW_MS } from './correlations.ts';
import { RANKS } from './episodes.ts';
import type { Incident } from './explain.ts';
import { titleOf } from './hypothesis.ts';
import type { Explained, ToldIncident } from './incidents.ts';

const HAPPENINGS_MAX = 50;
/** Resources of which it is asked what happened. */
const CONCERNED_MAX = 50;

/** `told`: the same incident as people are told. */
export function explainedFrom(view: View, incident: Incident, told: ToldIncident): Explained {
  const { symptoms, causes } = incident;
  const [cause] = causes;
  const wholes = [...new Set(symptoms.map(({ whole }) => titleOf(whole)))].sort();
  const concerned = new Set<ResourceId>();
  for (const { resource, whole, alike } of symptoms)
    for (const { id } of [resource, whole, ...alike]) concerned.add(id);
  for (const { subject } of causes.slice(0, 2)) if ('id' in subject) concerned.add(subject.id);
  return {
    told,
    wholes,
    root: cause && titleOf(cause.subject),
    happenings: happeningsOf(view, [...concerned].slice(0, CONCERNED_MAX), milliseconds(told.startedAt) - WINDOW_MS),
  };
}

/** The latest that matter, without the name of their cluster. */
function happeningsOf(view: View, concerned: readonly ResourceId[], since: number): readonly string[] {
  const found: { readonly id: string; readonly at: number }[] = [];
  for (const id of concerned) {
    let count = 0;
    view.scan(
      id,
      'in',
      (_, one) => {
        const at = milliseconds(one.summary['lastSeen'] ?? one.createdAt);
        if (at >= since && matters(one)) found.push({ id: one.id.slice(one.cluster.length + 1), at });
        return ++count < 200;
      },
      (type) => type === 'ABOUT',
    );
  }
  const latest = found.sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1)).slice(0, HAPPENINGS_MAX);
  return [...new Set(latest.map(({ id }) => id))].sort();
}

function matters({ summary }: Resource): boolean {
  const rank = RANKS[String(summary['severity']) as keyof typeof RANKS] ?? 0;
  return rank >= RANKS.warning || /_(?:changed|deleted)$/.test(String(summary['type']));
}
