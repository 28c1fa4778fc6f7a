/** Nodes that kwok plays: they take pods and say that these run. */

export interface PlayedNode {
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly object[];
  readonly cpu?: string;
}

export function playedNode(name: string, { labels = {}, taints = [], cpu = '4' }: PlayedNode = {}): object {
  const room = { cpu, memory: '8Gi', pods: '110' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      annotations: { 'kwok.x-k8s.io/node': 'fake', 'node.alpha.kubernetes.io/ttl': '0' },
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        ...labels,
      },
    },
    spec: { taints },
    status: { allocatable: room, capacity: room },
  };
}

/** Nodes of a pool of their own, which only those take who ask for it. */
export function pool(name: string, count: number, more: PlayedNode = {}): readonly object[] {
  return Array.from({ length: count }, (_, index) =>
    playedNode(`${name}-${index + 1}`, {
      ...more,
      labels: { pool: name, ...more.labels },
      taints: [{ key: 'pool', value: name, effect: 'NoSchedule' }, ...(more.taints ?? [])],
    }),
  );
}

/** The part of a pod's spec that asks for a pool. */
export function inPool(name: string): Readonly<Record<string, unknown>> {
  return {
    nodeSelector: { pool: name },
    tolerations: [{ key: 'pool', operator: 'Equal', value: name, effect: 'NoSchedule' }],
  };
}
