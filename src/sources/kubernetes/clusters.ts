/** The configured clusters as sources, one each: what happens to one does not touch the others. */
import { type Problem, problemFrom } from '../../model/problem.ts';
import type { Source } from '../../model/source.ts';
import type { Redact } from '../redact.ts';
import { type Clock, systemClock } from './clock.ts';
import { type Cluster, connect } from './connect.ts';
import type { LogOptions } from './logs/log-follower.ts';
import { type KubernetesSource, type KubernetesSourceOptions, kubernetesSnapshot, kubernetesSource } from './source.ts';
import type { Environment } from './transport.ts';

/** The section `kubernetes` of the configuration. */
export interface KubernetesConfig {
  readonly kubeconfig?: string | undefined;
  /** Contexts to follow, one source each; the current one when empty. */
  readonly contexts: readonly string[];
  readonly namespaces: readonly string[];
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly streamingLists: 'auto' | 'always' | 'never';
  readonly pageSize: number;
}

/** What the sources of all clusters share. */
export interface ClusterOptions {
  readonly redact: Redact;
  /** For KUBECONFIG, the service account of a pod, and proxies. */
  readonly environment: Environment;
  /** Present where the logs of pods that look unwell are read. */
  readonly logs?: LogOptions | undefined;
}

/** Follows every configured cluster. Throws Problem `invalid-config` when none is configured right; contacts nobody yet. */
export function kubernetesSources(config: KubernetesConfig, more: ClusterOptions): readonly KubernetesSource[] {
  return sourcesOf(config, more, kubernetesSource);
}

/** One look at every configured cluster. Throws Problem `invalid-config` when none is configured right; contacts nobody yet. */
export function kubernetesSnapshots(config: KubernetesConfig, more: ClusterOptions): readonly Source[] {
  return sourcesOf(config, more, kubernetesSnapshot);
}

/** A source for each context. One that cannot be used becomes a source that says why and fails; the others are as they would be without it. */
function sourcesOf<S extends Source>(
  config: KubernetesConfig,
  { redact, environment, logs }: ClusterOptions,
  open: (options: KubernetesSourceOptions) => S,
): readonly (S | KubernetesSource)[] {
  const { kubeconfig, contexts } = config;
  const faults: Problem[] = [];
  const sources = (contexts.length > 0 ? contexts : [undefined]).map((context) => {
    const clock = systemClock();
    try {
      return open({
        ...optionsOf(config, connect({ kubeconfig, context, environment, clock }), clock, redact),
        ...(logs && { logs }),
      });
    } catch (error) {
      const problem = problemFrom(error);
      faults.push(problem);
      return unusableSource(context ?? 'default', problem, clock);
    }
  });
  const [first] = faults;
  if (first && faults.length === sources.length) throw first;
  return sources;
}

function unusableSource(cluster: string, problem: Problem, clock: Clock): KubernetesSource {
  const { message } = problem;
  return {
    name: `kubernetes/${cluster}`,
    cluster,
    async *changes() {
      const scope = { group: '*', kind: '*' };
      yield [{ type: 'observe', at: clock.time(), cluster, scope, coverage: 'broken', message }];
      throw problem;
    },
    refresh: async () => undefined,
    readLogs: async () => false,
    recallLogs: () => undefined,
    act: async () => ({ type: 'unreachable', message, tried: true }),
  };
}

function optionsOf(config: KubernetesConfig, cluster: Cluster, clock: Clock, redact: Redact): KubernetesSourceOptions {
  const { namespaces, include, exclude, streamingLists, pageSize } = config;
  return {
    cluster,
    clock,
    redact,
    random: Math.random,
    namespaces,
    include,
    exclude,
    streamingLists,
    pageSize,
  };
}
