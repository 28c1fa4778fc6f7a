/**
 * The logs of one cluster's pods that look unwell: who is read, for how long, and what is told of it. It sees pods as they go by, and tells occurrences.
 * Invariants: no more than so many pods are read at a time, those that wait take turns; a pod that is well again is read for a little and then left; where
 * reading is forbidden that is said once and asked again rarely; what is held is bounded, and of a pod that comes again nothing is read twice.
 */
import { TokenBucket } from '../../../lib/token-bucket.ts';
import type { Change, KubeObject, Occurrence } from '../../../model/change.ts';
import type { HealthStatus } from '../../../model/resource.ts';
import { compareTime } from '../../../model/time.ts';
import type { RedactText } from '../../logs/entry.ts';
import type { KubeClient } from '../client.ts';
import type { Clock } from '../clock.ts';
import { BURST_SECONDS, type LogLimits, type LogTimes, TOLD_MAX } from './limits.ts';
import { Patient } from './patient.ts';
import { type PodState, podStateOf, troubleOf } from './pods.ts';

/** What whoever wants logs says. */
export interface LogOptions {
  readonly limits: LogLimits;
  readonly redact: RedactText;
  /** How well an object is, as people see it. */
  readonly healthOf: (cluster: string, object: KubeObject) => HealthStatus;
  /** Told what somebody should do something about. */
  readonly warn: (message: string) => unknown;
  /** How long a single look may take. */
  readonly lookMs: number;
}

export interface LogFollowerOptions extends Omit<LogOptions, 'lookMs'> {
  readonly cluster: string;
  readonly client: Pick<KubeClient, 'get' | 'stream'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly times: LogTimes;
  /** What was told before of what a pod wrote, by its uid. */
  readonly known?: (uid: string) => readonly Occurrence[];
  /** Takes what is to be told, and lets it wait. */
  readonly emit: (changes: readonly Change[]) => Promise<void>;
}

/** Pods of which it is known how far they were read. */
const PATIENTS_MAX = 5_000;

export class LogFollower {
  readonly #options: LogFollowerOptions;
  /** By uid. Those of whom something waits to be told come first. */
  readonly #patients = new Map<string, Patient>();
  readonly #bytes: TokenBucket;
  readonly #lines: TokenBucket;
  /** Namespaces where logs may not be read, until when. */
  readonly #forbidden = new Map<string, number>();
  readonly #tasks = new Set<Promise<void>>();
  #hasWarned = false;

  constructor(options: LogFollowerOptions) {
    this.#options = options;
    const { limits, clock } = options;
    this.#bytes = new TokenBucket(limits.bytes, limits.bytes * BURST_SECONDS, clock.now());
    this.#lines = new TokenBucket(limits.lines, limits.lines * BURST_SECONDS, clock.now());
  }

  /** Told of everything that is observed of pods. */
  noticed(changes: readonly Change[]): void {
    for (const change of changes) {
      if (change.type === 'apply') this.#see(change.object);
      else if (change.type === 'reset') for (const object of change.objects) this.#see(object);
      else if (change.type === 'delete') this.#patients.get(change.object.metadata.uid ?? '')?.end();
    }
  }

  /** Reads who is unwell until `stop` fires. */
  async run(stop: AbortSignal): Promise<void> {
    const { clock, times } = this.#options;
    while (!stop.aborted) {
      await clock.sleep(times.tickMs, stop).catch(() => undefined);
      this.#giveTurns(stop);
      await this.#tell(TOLD_MAX, times.retellMs);
      this.#letGo();
    }
    await Promise.all(this.#tasks);
  }

  /** Reads everybody who is unwell once, the worst first, for no longer than that. */
  async readOnce(timeMs: number, stop: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([stop, AbortSignal.timeout(timeMs)]);
    const unwell = [...this.#patients.values()].filter(({ isInTrouble }) => isInTrouble);
    const queue = unwell.sort((a, b) => a.compare(b)).values();
    const places = Array.from({ length: this.#options.limits.pods }, async () => {
      for (const patient of queue) await this.#readNow(patient, signal);
    });
    await Promise.all(places);
    await this.#tell(Number.POSITIVE_INFINITY, 0);
  }

  /** Reads a pod now, however well it is, and follows it for so long. Resolves when what it wrote has been told; false when there is no such pod. */
  async ask(namespace: string, name: string, forMs: number, stop: AbortSignal): Promise<boolean> {
    const { clock } = this.#options;
    const isMeant = ({ state }: Patient): boolean => state.namespace === namespace && state.name === name;
    let patient = this.#patients.values().find((one) => !one.isGone && isMeant(one));
    if (patient === undefined) {
      const state = await this.#find(namespace, name, stop);
      if (state === undefined) return false;
      patient = this.#welcome(state);
    }
    patient.askedUntil = clock.now() + forMs;
    if (!patient.isRead) await this.#readNow(patient, stop);
    await this.#tell(Number.POSITIVE_INFINITY, 0);
    return true;
  }

  async #find(namespace: string, name: string, stop: AbortSignal): Promise<PodState | undefined> {
    const query = new URLSearchParams({ fieldSelector: `metadata.name=${name}` });
    const answer = await this.#options.client.get(`/api/v1/namespaces/${namespace}/pods?${query}`, { stop });
    const { items = [] } = (answer.type === 'ok' ? answer.body : {}) as { readonly items?: readonly KubeObject[] };
    return items[0] && podStateOf(items[0]);
  }

  #see(object: KubeObject): void {
    const { cluster, healthOf, times, clock } = this.#options;
    const state = podStateOf(object);
    if (state === undefined) return;
    const trouble = troubleOf(object, healthOf(cluster, object), times.recentMs);
    const isUnwell = trouble !== undefined && trouble.until > Date.parse(clock.time());
    const patient = this.#patients.get(state.uid) ?? (isUnwell ? this.#welcome(state) : undefined);
    patient?.see(state, trouble);
  }

  #welcome(state: PodState): Patient {
    const patient = new Patient(state, {
      known: () => [],
      ...this.#options,
      bytes: this.#bytes,
      lines: this.#lines,
      onForbidden: (namespace, { message }) => this.#refused(namespace, message),
    });
    this.#patients.set(state.uid, patient);
    return patient;
  }

  /** Ends the turns of those who are well, or have had theirs while others wait; begins those of the next. */
  #giveTurns(stop: AbortSignal): void {
    const { clock, limits, times } = this.#options;
    const patients = [...this.#patients.values()];
    const wanted = new Set(patients.filter((patient) => patient.isWanted() && !this.#isForbidden(patient)));
    const read = patients.filter(({ isRead }) => isRead);
    for (const patient of read) if (!wanted.has(patient)) patient.endTurn();
    const waiting = [...wanted].filter((patient) => !patient.isRead && patient.hasWork());
    const free = Math.max(0, limits.pods - read.length);
    if (waiting.length > free)
      for (const patient of read) if (clock.now() - patient.turnAt > times.turnMs) patient.endTurn();
    const next = waiting.sort((a, b) => a.compare(b)).slice(0, free);
    for (const patient of [...read, ...next])
      for (const task of patient.goOn(stop)) {
        const tracked = this.#caught(task).finally(() => this.#tasks.delete(tracked));
        this.#tasks.add(tracked);
      }
  }

  async #readNow(patient: Patient, signal: AbortSignal): Promise<void> {
    if (!this.#isForbidden(patient)) await this.#caught(patient.readNow(signal));
  }

  /** A fault of ours in reading what somebody wrote is told, and costs no more than that. */
  #caught(task: Promise<void>): Promise<void> {
    return task.catch((error: unknown) => {
      const { warn, cluster } = this.#options;
      warn(`reading a log of cluster "${cluster}" failed: ${error instanceof Error ? error.stack : String(error)}`);
    });
  }

  #isForbidden({ state: { namespace } }: Patient): boolean {
    return (this.#forbidden.get(namespace) ?? Number.NEGATIVE_INFINITY) > this.#options.clock.now();
  }

  #refused(namespace: string, message: string): void {
    const { clock, cluster, times, warn } = this.#options;
    this.#forbidden.set(namespace, clock.now() + times.forbiddenMs);
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    warn(
      `logs of cluster "${cluster}" may not be read, at least in namespace ${namespace}: grant the verb "get" on "pods/log" (deploy/kubernetes/cluster-role.yaml has it), or set logs.enabled to false. ${message}`,
    );
  }

  /** Tells what is new, at most `max`, each no sooner than so long after the last time. */
  async #tell(max: number, everyMs: number): Promise<void> {
    const { clock, cluster, emit } = this.#options;
    const changes: Change[] = [];
    for (const [uid, patient] of [...this.#patients]) {
      if (changes.length >= max) break;
      for (const log of patient.logs) {
        const at = clock.time();
        log.settle(Date.parse(at));
        for (const told of log.due(clock.now(), everyMs, max - changes.length, patient.isRead)) {
          const occurredAt = compareTime(told.at, at) > 0 ? at : told.at;
          changes.push({ type: 'occur', at, cluster, occurrence: { ...told.occurrence, occurredAt } });
        }
      }
      // Those who had no say come first next time.
      this.#patients.delete(uid);
      this.#patients.set(uid, patient);
    }
    if (changes.length > 0) await emit(changes);
  }

  /** Keeps what is held within bounds: who is gone and was told is forgotten, then, of who is read no more, who was read longest ago. */
  #letGo(): void {
    const { limits } = this.#options;
    let templates = 0;
    const idle: [uid: string, patient: Patient][] = [];
    for (const [uid, patient] of this.#patients) {
      const isTold = !patient.logs.some(({ hasNews }) => hasNews);
      if (patient.isGone && !patient.isRead && isTold) this.#patients.delete(uid);
      else templates += sizeOf(patient);
      if (!patient.isRead && !patient.isWanted()) idle.push([uid, patient]);
    }
    if (templates <= limits.templatesInAll && this.#patients.size <= PATIENTS_MAX) return;
    for (const [uid, patient] of idle.sort(([, a], [, b]) => a.turnAt - b.turnAt)) {
      if (templates <= limits.templatesInAll && this.#patients.size <= PATIENTS_MAX) break;
      if (this.#patients.delete(uid)) templates -= sizeOf(patient);
    }
  }
}

function sizeOf({ logs }: Patient): number {
  return logs.reduce((sum, { size }) => sum + size, 0);
}
