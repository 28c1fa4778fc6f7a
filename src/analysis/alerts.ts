/**
 * Alerts as Prometheus, Alertmanager and their like tell them: which are about something, which fire now, since when. Sources: Alertmanager webhook
 * and API v2, kubernetes-mixin and prometheus-operator rules (names of alerts).
 */
import type { Json } from '../model/change.ts';
import { milliseconds } from './case.ts';
import type { Told } from './estate.ts';
import { labelsOf } from './subjects.ts';

/** Alerts of one name and set of labels: the last that was told of them. */
export interface Alert {
  readonly name: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly critical: boolean;
  /** It stands for so long that it says nothing of today. */
  readonly chronic: boolean;
}

/** Made to fire always, or about the monitoring, or true of every small cluster. */
const MEANINGLESS =
  /^(?:Watchdog|InfoInhibitor|Dead.?Man.*|AlwaysFiring|Heartbeat|Kube(?:CPU|Memory)(?:Quota)?Overcommit|KubeVersionMismatch|Kube(?:Scheduler|ControllerManager|Proxy)Down|KubeClientCertificateExpiration|etcd\w+|CPUThrottlingHigh|Node(?:ClockNotSynchronising|ClockSkewDetected|RAIDDegraded|TextFileCollectorScrapeError|SystemdServiceFailed)|Prometheus\w+|Alertmanager\w+|ConfigReloader\w+|Thanos\w+|Grafana\w*|Loki\w+|TargetDown|KubeStateMetrics\w+|KubeletTooManyPods|KubeQuotaAlmostFull|KubeAPITerminatedRequests)$/i;
/** What these say, the objects say better: where those are known and well, the alert is late. */
const OF_STATE =
  /^Kube(?:Pod|Deployment|StatefulSet|DaemonSet|Container|Job|Node|Kubelet)|^(?:Kube)?(?:Node(?:NotReady|Unreachable|Down)|Pod(?:CrashLooping|NotReady|NotHealthy|Restart\w*|Pending)|Container(?:Waiting|Restarting|OOM\w*|Killed)|\w*(?:CrashLoop\w*|OOMKilled|ReplicasMismatch))/i;
/** What an alert says of the state of its subject itself, rather than of how others fare with it. */
const CONDITIONS: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/crash.?loop|restart/i, 'CrashLoopBackOff'],
  [/OOM|[Oo]om.?[Kk]ill|[Oo]ut.?[Oo]f.?[Mm]emory/, 'OOMKilled'],
  [/fill|volume.*(?:full|usage|space)|disk|out.?of.?space|storage.?full/i, 'VolumeFillingUp'],
  [/maxed|max.?replicas|at.?max/i, 'AtMaximumReplicas'],
  [/node.*(?:notready|unreachable|down)|kubelet/i, 'NodeNotReady'],
  [/certificate|tls|cert.*expir/i, 'CertificateExpires'],
  [/throttl|high.?cpu|cpu.*(?:high|usage)/i, 'CpuExhausted'],
  [/imagepull/i, 'ImagePullFailed'],
  [/webhook.*fail/i, 'WebhookFailing'],
  [/replicas.?mismatch|notready|not.?ready|unavailable|(?:zero|no).?(?:available)?.?replicas/i, 'NotReady'],
  [/(?:down|offline|absent|missing|unreachable|HACritical|NotRunning)$/i, 'Down'],
];
const OVER = /^(?:resolved|inactive|ok|normal|cleared|closed|pending|healthy|suppressed|expired|info)$/i;
const FIRES = /^(?:firing|active|open|triggered|alerting|problem)$/i;
const QUIET = /^(?:none|info|informational|debug|ok)$/i;

const MINUTE = 60_000;
const CHRONIC_MS = 12 * 60 * MINUTE;

/** Alerts among what was told of one subject that fire now, those that began first in front. */
export function firing(told: readonly Told[], now: number): readonly Alert[] {
  const byKey = new Map<string, Told[]>();
  for (const one of told) {
    if (one.occurrence.source !== 'alert') continue;
    const key = keyOf(one);
    byKey.set(key, [...(byKey.get(key) ?? []), one]);
  }
  return [...byKey.values()]
    .map((tellings) => standing(tellings, now))
    .filter((alert) => alert !== undefined)
    .sort((a, b) => a.since - b.since);
}

/** Whether the state of objects decides about what an alert says. */
export function isOfState({ name }: Alert): boolean {
  return OF_STATE.test(name);
}

/** What is wrong with the subject itself, of an alert that tells; errors, slowness and queues may have their reason elsewhere. */
export function conditionOf({ name }: Alert): string | undefined {
  return EFFECTS.test(name) ? undefined : CONDITIONS.find(([pattern]) => pattern.test(name))?.[1];
}

const EFFECTS = /error|5xx|latency|slow|duration|burn|slo|lag\b|consumer|backlog|queue|probe/i;

/** The name of an alert. */
export function nameOfAlert({ occurrence: { reason, attributes, subject } }: Told): string {
  const labels = labelsOf(attributes);
  const own = labels['alertname'] ?? labels['alert'] ?? labels['rule'];
  return own ?? (reason || (subject.kind === 'Alert' ? subject.name : 'Alert'));
}

function keyOf(told: Told): string {
  const { attributes } = told.occurrence;
  const fingerprint = attributes?.['fingerprint'];
  if (typeof fingerprint === 'string') return fingerprint;
  const { status: _, state: __, value: ___, startsAt: _a, endsAt: _b, activeAt: _c, ...labels } = labelsOf(attributes);
  const told_ = Object.entries(labels).filter(([key]) => !/time|summary|description|message|count/i.test(key));
  return `${nameOfAlert(told)} ${JSON.stringify(told_.sort())}`;
}

function standing(tellings: readonly Told[], now: number): Alert | undefined {
  const last = tellings.at(-1);
  if (last === undefined) return undefined;
  const name = nameOfAlert(last);
  const { attributes, severity, message = '' } = last.occurrence;
  const labelled = labelsOf(attributes)['severity'] ?? '';
  if (MEANINGLESS.test(name) || QUIET.test(labelled) || severity === 'info' || severity === 'debug') return undefined;
  if (!fires(last, now) || isForgotten(tellings, now)) return undefined;
  const begin = tellings.findLastIndex((one) => !fires(one, milliseconds(one.at))) + 1;
  const at = milliseconds(tellings[begin]?.at ?? last.at);
  const claimed = milliseconds(attributes?.['startsAt'] ?? attributes?.['activeAt']);
  const since = claimed > MINUTE && claimed <= at ? claimed : at;
  return {
    name,
    text: message === '' ? described(attributes) : message,
    since,
    critical: severity === 'critical' || /critical|page/i.test(labelled),
    chronic: now - since > CHRONIC_MS,
  };
}

function fires({ at, occurrence: { attributes, reason = '', message = '' } }: Told, now: number): boolean {
  const state = statusOf(attributes);
  if (OVER.test(state) || /^\W*resolved\b/i.test(message) || /^resolved$/i.test(reason)) return false;
  if (FIRES.test(state)) return true;
  // The year 1 is how Go writes no time.
  const ends = milliseconds(attributes?.['endsAt']);
  return ends <= 0 || ends > now || ends > milliseconds(at) + 5 * MINUTE;
}

function statusOf(attributes: Readonly<Record<string, Json>> | undefined): string {
  const status = attributes?.['status'] ?? attributes?.['state'];
  if (typeof status === 'string') return status;
  return labelsOf({ resource: status ?? null })['state'] ?? '';
}

/** Alerts that were told again and again, and are not any more: those who only list what fires never say that it ended. */
function isForgotten(tellings: readonly Told[], now: number): boolean {
  const times = tellings.map(({ at }) => milliseconds(at));
  const [begin = 0] = times;
  const end = times.at(-1) ?? 0;
  if (tellings.length < 4 || end === begin) return false;
  const every = (end - begin) / (tellings.length - 1);
  return now - end > Math.max(10 * MINUTE, 5 * every);
}

function described(attributes: Readonly<Record<string, Json>> | undefined): string {
  const annotations = attributes?.['annotations'];
  const labels = { ...labelsOf(attributes), ...labelsOf({ resource: annotations ?? null }) };
  return labels['description'] ?? labels['summary'] ?? labels['message'] ?? '';
}
