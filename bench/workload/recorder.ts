/** Turns objects into changes as a watch delivers them: resource versions and times only go up, never read from a clock. */
import { type Change, groupOf, type KubeObject } from '../../src/model/change.ts';
import { censusTime, timestamp, uidFor } from './names.ts';
import type { Body } from './object.ts';

const firstVersion = 600_000_000;

/** Milliseconds between two changes. */
const stepMs = 5;

export class Recorder {
  readonly #cluster: string;
  readonly #seed: number;
  #changes: Change[] = [];
  #count = 0;

  constructor(cluster: string, seed: number) {
    this.#cluster = cluster;
    this.#seed = seed;
  }

  /** Milliseconds since 1970. */
  get now(): number {
    return censusTime + this.#count * stepMs;
  }

  /** How many changes there were so far; unique per change. */
  get count(): number {
    return this.#count;
  }

  /** A new version of an object; `created`: it was not there before. */
  apply(object: KubeObject, created = false): void {
    const at = this.#tick();
    const metadata = {
      ...object.metadata,
      resourceVersion: String(firstVersion + this.#count),
      ...(created ? { creationTimestamp: timestamp(this.now) } : {}),
    };
    this.#changes.push({ type: 'apply', at, cluster: this.#cluster, object: { ...object, metadata } });
  }

  remove({ apiVersion, kind, metadata }: KubeObject): void {
    const { name, namespace, uid } = metadata;
    const named = { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) };
    this.#changes.push({
      type: 'delete',
      at: this.#tick(),
      cluster: this.#cluster,
      object: { apiVersion, kind, metadata: named },
    });
  }

  /** A Kubernetes Event about an object. */
  event(about: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string, count = 1): void {
    const { name, namespace = 'default', uid } = about.metadata;
    const eventName = `${name}.${(0x1860_0000_0000 + this.#count).toString(16)}`;
    const involvedObject: Body = { kind: about.kind, apiVersion: about.apiVersion, namespace, name, uid };
    const times = { firstTimestamp: timestamp(this.now), lastTimestamp: timestamp(this.now) };
    const component = groupOf(about.apiVersion) === '' ? 'kubelet' : 'controllermanager';
    this.apply(
      {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: eventName, namespace, uid: uidFor(this.#seed, `Event/${eventName}/${this.#count}`) },
        involvedObject,
        reason,
        message,
        source: { component },
        ...times,
        count,
        type,
        eventTime: null,
        reportingComponent: component,
        reportingInstance: '',
      },
      true,
    );
  }

  /** What was recorded since the last call. */
  take(): readonly Change[] {
    const taken = this.#changes;
    this.#changes = [];
    return taken;
  }

  #tick(): string {
    this.#count++;
    return new Date(this.now).toISOString();
  }
}
