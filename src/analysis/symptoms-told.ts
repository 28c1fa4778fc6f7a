/**
 * Symptoms that only logs, alerts, probes, traces and metrics tell: everything runs, and it does not work. An error alone is none: it must go on now,
 * and there must have been a time without it; where that cannot be seen it is `tentative`, and told only with its cause. One symptom for each
 * application, and none for who is known to suffer anyway.
 */
import type { Resource, ResourceId } from '../model/resource.ts';
import { type Alert, conditionOf, firing, isOfState } from './alerts.ts';
import { byTitle, type Case, milliseconds, push } from './case.ts';
import { cluesIn } from './clues.ts';
import { isComplaint, isFatal, peerOf, templateOf } from './complaints.ts';
import type { Told } from './estate.ts';
import { CHANCE, CHANCE_OF_FATAL, type Rise, riseOf } from './murmur.ts';
import { appOf } from './services.ts';
import { isStore } from './stores.ts';
import type { Symptom } from './symptoms.ts';

/** What was told of one application. */
interface Signs {
  readonly whole: Resource;
  readonly members: readonly Resource[];
}

export function* toldSymptoms(known: Case, suffering: ReadonlySet<ResourceId>): Iterable<Symptom> {
  const byApp = new Map<ResourceId, { readonly whole: Resource; readonly members: Resource[] }>();
  for (const resource of [...known.spokenOf.values()].sort(byTitle)) {
    const whole = appOf(known, resource);
    const signs = byApp.get(whole.id);
    if (signs) signs.members.push(resource);
    else byApp.set(whole.id, { whole, members: [resource] });
  }
  for (const signs of byApp.values()) {
    if (suffering.has(signs.whole.id) || signs.members.some(({ id }) => suffering.has(id))) continue;
    const symptom = symptomOf(known, signs);
    if (symptom) yield symptom;
  }
}

function symptomOf(known: Case, { whole, members }: Signs): Symptom | undefined {
  if (isStopped(known, whole)) return undefined;
  const alerts = members.flatMap((member) =>
    firing(known.told(member.id), known.now)
      .filter((alert) => !(isOfState(alert) && known.object(member.id) !== undefined))
      .map((alert) => ({ alert, member })),
  );
  const complaints = complaintsOf(known, whole, members);
  if (alerts.length === 0) return complaints && { ...complaints, whole };
  const telling = alerts.toSorted((a, b) => rank(a.alert) - rank(b.alert) || a.alert.since - b.alert.since)[0];
  if (telling === undefined) return undefined;
  const { alert, member } = telling;
  const condition = conditionOf(alert);
  const began = alerts.filter(({ alert: { chronic } }) => !chronic).map((one) => one.alert.since);
  const isRise = complaints !== undefined && complaints.tentative === undefined;
  return {
    resource: member,
    whole,
    reason: camelCase(alert.name),
    message: alert.text,
    // Alerts wait before they fire; errors do not.
    since: Math.min(...began, isRise ? complaints.since : known.now, ...(began.length === 0 ? [alert.since] : [])),
    severity: alerts.some((one) => one.alert.critical) ? 'critical' : 'warning',
    alike: members.filter(({ id, kind }) => id !== member.id && kind === 'Pod'),
    isTold: true,
    ...(condition !== undefined && { condition }),
    ...(began.length === 0 && !isRise && { tentative: true as const }),
  };
}

/** What it is itself says more than errors, errors say more than slowness, and slowness more than use. */
function rank(alert: Alert): number {
  const said = `${alert.name} ${alert.text}`;
  const isError = /error|fail|5xx|down|unavail|absent/i.test(said);
  const isSlow = /latency|slow|duration|p9\d/i.test(said);
  const order = conditionOf(alert) !== undefined ? 0 : isError ? 1 : isSlow ? 2 : 3;
  return order + (alert.chronic ? 4 : 0);
}

/** Who was scaled to nothing says nothing any more. */
function isStopped(known: Case, whole: Resource): boolean {
  return (known.object(whole.id)?.['spec'] as { replicas?: unknown } | undefined)?.replicas === 0;
}

/** A store that tells whom it does not let in does its work. */
function turnsAway(known: Case, whole: Resource, { occurrence: { source, message = '' } }: Told): boolean {
  return source === 'log' && isStore(known, whole) && cluesIn(message).some(({ type }) => type === 'unauthenticated');
}

type Heard = Omit<Symptom, 'whole'>;

/** What is complained of now, and how. */
function complaintsOf(known: Case, whole: Resource, members: readonly Resource[]): Heard | undefined {
  const complaints: { readonly told: Told; readonly member: Resource; readonly at: number }[] = [];
  let lines = 0;
  for (const member of members)
    for (const told of current(known.told(member.id))) {
      lines += told.occurrence.source === 'log' ? 1 : 0;
      if (isComplaint(told) && !turnsAway(known, whole, told))
        complaints.push({ told, member, at: milliseconds(told.at) });
    }
  if (complaints.length === 0) return undefined;
  complaints.sort((a, b) => a.at - b.at);
  const templates = new Map<string, typeof complaints>();
  for (const complaint of complaints) push(templates, templateOf(complaint.told), complaint);
  const groups = [complaints, ...[...templates.values()].sort((a, b) => b.length - a.length).slice(0, TEMPLATES_MAX)];
  const begins = beginning(known, whole);
  const heard = groups
    .map((group) => {
      const improbable = group.every(({ told }) => isFatal(told)) ? CHANCE_OF_FATAL : CHANCE;
      return { group, onset: riseOf(group.flatMap(timesOf), begins, known.now, improbable) };
    })
    .filter((one): one is { group: typeof complaints; onset: Rise } => one.onset !== undefined);
  // The earliest of those that clearly began.
  const chosen = heard.filter(({ onset }) => onset.isRise).sort((a, b) => a.onset.since - b.onset.since)[0] ?? heard[0];
  if (chosen === undefined) return undefined;
  const { group, onset } = chosen;
  const lately = group.filter(({ at }) => at >= onset.since);
  const speaker = lately.findLast(({ told }) => saysWhy(told)) ?? lately.at(-1);
  if (speaker === undefined) return undefined;
  return {
    resource: speaker.member,
    reason: reasonOf(speaker.told),
    message: speaker.told.occurrence.message ?? '',
    since: onset.since,
    severity: 'warning',
    alike: [...new Set(lately.map(({ member }) => member))].filter(({ id }) => id !== speaker.member.id),
    isTold: true,
    ...(!onset.isRise &&
      !(whole.pseudo && isDense(onset, lines, complaints.length, known.now)) && { tentative: true as const }),
  };
}

const TEMPLATES_MAX = 20;
const DENSE_MIN = 8;
const DENSE_GAP_MS = 30_000;

/** From the first line on nothing but errors, close together: enough where nothing else is known of who errs. */
function isDense({ count, since }: Rise, lines: number, complaints: number, now: number): boolean {
  return count >= DENSE_MIN && (now - since) / count <= DENSE_GAP_MS && complaints >= lines / 2;
}

/** Since when complaints would have been heard: since the first of anybody was, and the application is there. */
function beginning(known: Case, whole: Resource): number {
  const first = known.estate.occurrences.find(
    ({ occurrence: { source } }) => source !== 'alert' && source !== 'change',
  );
  const heard = Math.min(known.begins, first ? milliseconds(first.at) : known.begins);
  return Math.max(heard, milliseconds(whole.createdAt));
}

/** Of tests of one thing only those since the last that went well; of the rest everything. */
function current(told: readonly Told[]): readonly Told[] {
  const wentWell = new Map<string, number>();
  for (const [index, one] of told.entries()) if (isTest(one) && !isComplaint(one)) wentWell.set(testOf(one), index);
  return wentWell.size === 0
    ? told
    : told.filter((one, index) => !isTest(one) || index > (wentWell.get(testOf(one)) ?? -1));
}

function isTest({ occurrence: { source } }: Told): boolean {
  return source === 'probe' || source === 'metric' || source === 'node-service';
}

function testOf(told: Told): string {
  const { source, reason = '' } = told.occurrence;
  return source === 'probe' ? `probe ${peerOf(told) ?? ''}` : `${source} ${reason}`;
}

/** Collectors that count tell once and say how often. */
function timesOf({ told, at }: { readonly told: Told; readonly at: number }): readonly number[] {
  const { attributes } = told.occurrence;
  const first = milliseconds(attributes?.['firstAt'] ?? attributes?.['first'] ?? attributes?.['firstSeen']);
  const count = Math.min(Number(attributes?.['count'] ?? 1), TIMES_MAX);
  if (first <= 0 || first >= at || !(count > 1)) return [at];
  return Array.from({ length: count }, (_, index) => first + ((at - first) * index) / (count - 1));
}

const TIMES_MAX = 30;

function saysWhy(told: Told): boolean {
  return peerOf(told) !== undefined || cluesIn(told.occurrence.message ?? '').length > 0;
}

const REASONS: Readonly<Record<string, string>> = {
  log: 'ErrorLogs',
  trace: 'FailedCalls',
  probe: 'ProbeFailed',
  'node-service': 'NodeServiceErrors',
  metric: 'Anomaly',
};

function reasonOf({ occurrence: { source, reason = '' } }: Told): string {
  const named = /^[A-Z][A-Za-z0-9]{3,}$/.test(reason) && source !== 'log' ? reason : undefined;
  return named ?? REASONS[source] ?? 'Errors';
}

function camelCase(name: string): string {
  return name.replaceAll(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase()) || 'Alert';
}
