/**
 * Everything that the product's own source says about the lab's cluster, as one list; a case's recording is cut from it. So many cases are watched at
 * once as if each had `kube-kg record` to itself: first what there is, then every change, up to the end.
 */
import { randomBytes } from 'node:crypto';
import { describer } from '../../src/kinds/index.ts';
import type { Change, KubeObject, ObjectRef } from '../../src/model/change.ts';
import { kubernetesSources } from '../../src/sources/kubernetes/clusters.ts';
import { redaction } from '../../src/sources/redact.ts';
import type { Cluster } from '../stack/components/kubernetes.ts';
import { waitFor } from '../stack/runner.ts';

export const lab = redaction(randomBytes(32), describer.referencesIn);

/** What belongs to a recording. */
export type Wanted = (object: KubeObject | ObjectRef) => boolean;

export class Journal implements AsyncDisposable {
  /** As they are now. */
  readonly #objects = new Map<string, KubeObject>();
  readonly #coverage = new Map<string, Extract<Change, { type: 'observe' }>>();
  readonly #changes: Change[] = [];
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  /** Follows a cluster and returns when everything has been listed. */
  static async open(cluster: Cluster): Promise<Journal> {
    const journal = new Journal();
    const [source] = kubernetesSources(
      {
        kubeconfig: cluster.kubeconfig,
        contexts: [cluster.name],
        namespaces: [],
        include: [],
        exclude: [],
        streamingLists: 'auto',
        pageSize: 500,
      },
      { redact: lab.object, environment: process.env },
    );
    journal.#running = journal.#follow(source!.changes(journal.#stop.signal));
    await waitFor('everything to be listed', () => {
      const scopes = [...journal.#coverage.values()];
      return scopes.length > 20 && scopes.every(({ coverage }) => coverage !== 'loading');
    });
    return journal;
  }

  async #follow(batches: AsyncIterable<readonly Change[]>): Promise<void> {
    for await (const batch of batches) for (const change of batch) this.#take(change);
  }

  #take(change: Change): void {
    this.#changes.push(change);
    switch (change.type) {
      case 'apply':
        this.#objects.set(keyOf(change.object), change.object);
        break;
      case 'delete':
        this.#objects.delete(keyOf(change.object));
        break;
      case 'observe':
        this.#coverage.set(`${change.scope.group}/${change.scope.kind}`, change);
        break;
      case 'reset': {
        const { group, kind } = change.scope;
        for (const [key, { apiVersion, kind: one }] of this.#objects)
          if (one === kind && groupIn(apiVersion) === group) this.#objects.delete(key);
        for (const object of change.objects) this.#objects.set(keyOf(object), object);
        break;
      }
      default:
    }
  }

  /** The objects that are wanted, as they are now. */
  now(wanted: Wanted): readonly KubeObject[] {
    return [...this.#objects.values()].filter(wanted);
  }

  /** Begins a recording now; the returned function gives what was recorded until it is called. */
  record(wanted: Wanted): () => readonly Change[] {
    const begin = this.#changes.length;
    const at = new Date().toISOString();
    const cluster = 'main';
    const first: Change[] = this.now(wanted).map((object) => ({ type: 'apply', at, cluster, object }));
    const kinds = [...this.#coverage.values()].map((change) => ({ ...change, at, cluster }));
    return () => [...first, ...kinds, ...this.#changes.slice(begin).flatMap((change) => cut(change, wanted))];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running?.catch(() => undefined);
  }
}

/** The part of a change that is wanted, if any. */
function cut(change: Change, wanted: Wanted): readonly Change[] {
  const cluster = 'main';
  switch (change.type) {
    case 'apply':
    case 'delete':
      return wanted(change.object) ? [{ ...change, cluster }] : [];
    case 'reset':
      return [{ ...change, cluster, objects: change.objects.filter(wanted) }];
    default:
      return [{ ...change, cluster }];
  }
}

function keyOf({ apiVersion, kind, metadata: { namespace = '', name } }: KubeObject | ObjectRef): string {
  return `${groupIn(apiVersion)}/${kind}/${namespace}/${name}`;
}

function groupIn(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}
