/** The product beside a real cluster, in this process: a pipeline fed by the Kubernetes source, and the truth to hold it against. */
import { describer } from '../../src/kinds/index.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import type { Change } from '../../src/model/change.ts';
import type { View } from '../../src/model/view.ts';
import { graphDocument } from '../../src/operations/shared/graph-document.ts';
import { openPipeline, type Pipeline } from '../../src/program/pipeline.ts';
import { kubernetesSources } from '../../src/sources/kubernetes/clusters.ts';
import type { KubernetesSource } from '../../src/sources/kubernetes/source.ts';
import { redactor } from '../../src/sources/redact.ts';
import { freshList } from './client.ts';
import type { Cluster } from './components/kubernetes.ts';
import { waitFor } from './runner.ts';

/** Of the fingerprints that stand for secrets: one key for both sides of a comparison. */
export const comparisonKey = 'one key for both sides of a comparison';
const comparisonRedact = redactor(comparisonKey, describer.referencesIn);
const AT = '2026-01-01T00:00:00Z';

export interface Observer extends AsyncDisposable {
  readonly pipeline: Pipeline;
  readonly view: View;
  readonly sources: readonly KubernetesSource[];
  /** Changes seen so far, all of them. */
  readonly changes: readonly Change[];
}

export interface ObserverOptions {
  /** kubeconfig contexts; the cluster's admin by default. */
  readonly contexts?: readonly string[];
  readonly kubeconfig?: string;
  readonly exclude?: readonly string[];
  readonly namespaces?: readonly string[];
  readonly streamingLists?: 'auto' | 'always' | 'never';
}

/** Starts to observe; `await using` ends it. */
export function observe(cluster: Cluster, options: ObserverOptions = {}): Observer {
  const stop = new AbortController();
  const pipeline = openPipeline({ describer, epoch: 'test', log: silentLogger, now: () => performance.now() });
  const {
    contexts = [cluster.name],
    kubeconfig = cluster.kubeconfig,
    exclude = [],
    namespaces = [],
    streamingLists = 'auto',
  } = options;
  const sources = kubernetesSources(
    { kubeconfig, contexts, namespaces, include: [], exclude, streamingLists, pageSize: 500 },
    { redact: comparisonRedact, environment: process.env },
  );
  const changes: Change[] = [];
  pipeline.feed.subscribe((commit) => {
    for (const change of commit.changes) changes.push(change);
  });
  const running = sources.map((source) => pipeline.run(source, stop.signal));
  return {
    pipeline,
    view: pipeline.view,
    sources,
    changes,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.allSettled(running);
    },
  };
}

/** Waits until every kind that may be read has been listed. */
export async function ready({ view }: Pick<Observer, 'view'>, clusters = 1): Promise<void> {
  await waitFor(
    'every kind listed',
    async () => {
      const scopes = view.coverage();
      const complete = new Set(scopes.filter(({ coverage }) => coverage === 'ready').map(({ cluster }) => cluster));
      return (
        complete.size >= clusters && scopes.every(({ coverage }) => coverage !== 'loading' && coverage !== 'broken')
      );
    },
    120_000,
  );
}

/** The graph document of everything the API server lists now, built from scratch by a client of the test's own. */
export async function truth(cluster: Cluster): Promise<string> {
  const pipeline = openPipeline({ describer, epoch: 'truth', log: silentLogger, now: () => performance.now() });
  for (const { group, objects } of await freshList(cluster.login())) {
    // The same Events, seen through their second API.
    if (group === 'events.k8s.io') continue;
    pipeline.take(
      objects.map((object) => ({ type: 'apply', at: AT, cluster: cluster.name, object: comparisonRedact(object) })),
    );
  }
  return documentOf(pipeline.view);
}

export function documentOf(view: View): string {
  return [...graphDocument(view, { computed: true })].join('');
}

/** Waits until the observed graph is, byte for byte, what a fresh list gives; otherwise says where they differ. */
export async function equalsTruth(
  observer: Pick<Observer, 'view'>,
  cluster: Cluster,
  patienceMs = 60_000,
): Promise<void> {
  let difference = '';
  const equal = async (): Promise<boolean> => {
    const expected = await truth(cluster);
    const actual = documentOf(observer.view);
    difference = actual === expected ? '' : differenceOf(actual, expected);
    return difference === '';
  };
  await waitFor('the graph to equal a fresh list', equal, patienceMs, 1_000).catch((cause: unknown) => {
    throw new Error(`the graph differs from a fresh list:\n${difference}`, { cause });
  });
}

const SHOWN_MAX = 20;

/** Lines that only one of two documents has, some of them. */
export function differenceOf(actual: string, expected: string): string {
  const lines = (text: string): Set<string> => new Set(text.split('\n').map((line) => line.replace(/,$/, '')));
  const [ours, theirs] = [lines(actual), lines(expected)];
  const extra = [...ours].filter((line) => !theirs.has(line)).slice(0, SHOWN_MAX);
  const missing = [...theirs].filter((line) => !ours.has(line)).slice(0, SHOWN_MAX);
  return [...missing.map((line) => `missing ${line}`), ...extra.map((line) => `extra ${line}`)].join('\n');
}
