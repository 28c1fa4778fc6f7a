/** The configured clusters as sources, one each: what happens to one does not touch the others. */
import type { Source } from '../../model/source.ts';
import { redactor } from '../redact.ts';
import { type Clock, systemClock } from './clock.ts';
import { type Cluster, connect } from './connect.ts';
import { type KubernetesSource, type KubernetesSourceOptions, kubernetesSnapshot, kubernetesSource } from './source.ts';

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

/** Follows every configured cluster. Throws Problem `invalid-config`; contacts nobody yet. */
export function kubernetesSources(config: KubernetesConfig, redactionKey: string): readonly KubernetesSource[] {
  return clustersOf(config).map(({ cluster, clock }) =>
    kubernetesSource(optionsOf(config, cluster, clock, redactionKey)),
  );
}

/** One look at every configured cluster. Throws Problem `invalid-config`; contacts nobody yet. */
export function kubernetesSnapshots(config: KubernetesConfig, redactionKey: string): readonly Source[] {
  return clustersOf(config).map(({ cluster, clock }) =>
    kubernetesSnapshot(optionsOf(config, cluster, clock, redactionKey)),
  );
}

/** The configured clusters with a clock each. */
export function clustersOf(
  { kubeconfig, contexts }: Pick<KubernetesConfig, 'kubeconfig' | 'contexts'>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): readonly { readonly cluster: Cluster; readonly clock: Clock }[] {
  const wanted = contexts.length > 0 ? contexts : [undefined];
  return wanted.map((context) => {
    const clock = systemClock();
    return { cluster: connect({ kubeconfig, context, environment, clock }), clock };
  });
}

function optionsOf(config: KubernetesConfig, cluster: Cluster, clock: Clock, key: string): KubernetesSourceOptions {
  const { namespaces, include, exclude, streamingLists, pageSize } = config;
  return {
    cluster,
    clock,
    redact: redactor(key),
    random: Math.random,
    namespaces,
    include,
    exclude,
    streamingLists,
    pageSize,
  };
}
