/**
 * Random objects of real kinds, from a universe so small that names collide, targets are missing, uids change and labels flip all the time.
 * Not every object would pass the API server's validation: the graph must take what it is given.
 */

import type { KubeObject } from '../../src/model/change.ts';
import type { Random } from '../support/random.ts';

export const SPACES = ['red', 'green', 'blue'];
const NAMES = ['a', 'b', 'c'];
const GATEWAY = 'gateway.networking.k8s.io';
const RBAC = 'rbac.authorization.k8s.io';

/** Makes parts of one object: all its choices come from one random sequence. */
class Maker {
  readonly random: Random;
  constructor(random: Random) {
    this.random = random;
  }

  readonly name = (): string => this.random.pick(NAMES);
  readonly space = (): string => this.random.pick(SPACES);
  uid(kind: string, namespace: string, name: string): string {
    return `${kind}-${namespace}-${name}-${this.random.int(2)}`;
  }

  /** Zero to `max` of something. */
  some<T>(max: number, make: () => T): T[] {
    return Array.from({ length: this.random.int(max + 1) }, make);
  }

  maybe<T>(make: () => T, chance = 0.4): T | undefined {
    return this.random.chance(chance) ? make() : undefined;
  }

  readonly labels = (): Record<string, string> =>
    Object.fromEntries(this.some(3, () => [this.random.pick(['app', 'tier', 'zone']), this.random.pick(['1', '2'])]));

  readonly selector = (): object => ({
    ...this.maybe(() => ({ matchLabels: this.labels() }), 0.6),
    ...this.maybe(() => ({
      matchExpressions: this.some(2, () => ({
        key: this.random.pick(['app', 'tier', 'zone']),
        operator: this.random.pick(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: this.some(2, () => this.random.pick(['1', '2'])),
      })),
    })),
  });

  readonly namespaceSelector = (): object =>
    this.random.chance(0.3) ? { matchLabels: { 'kubernetes.io/metadata.name': this.space() } } : this.selector();

  readonly named = (): object => ({ name: this.name(), ...this.maybe(() => ({ optional: true }), 0.3) });
  readonly placed = (): object => ({ name: this.name(), ...this.maybe(() => ({ namespace: this.space() }), 0.6) });
  readonly reference = (): object => {
    const [apiVersion, kind] = this.random.pick([
      ['apps/v1', 'Deployment'],
      ['apps/v1', 'ReplicaSet'],
      ['v1', 'Pod'],
      ['v1', 'Service'],
      ['example.com/v1', 'Widget'],
    ] as const);
    return { apiVersion, kind, name: this.name() };
  };

  readonly container = (): object => ({
    name: 'main',
    image: this.random.pick(['web:1', 'web:2']),
    env: this.some(2, () => ({
      name: 'X',
      valueFrom: this.random.chance(0.5)
        ? { configMapKeyRef: { ...this.named(), key: 'k' } }
        : { secretKeyRef: { ...this.named(), key: 'k' } },
    })),
    envFrom: this.some(1, () => ({ configMapRef: this.named() })),
  });

  readonly podTerm = (): object => ({
    labelSelector: this.selector(),
    topologyKey: 'zone',
    ...this.maybe(() => ({ namespaceSelector: this.namespaceSelector() }), 0.3),
    ...this.maybe(() => ({ namespaces: this.some(2, this.space) }), 0.3),
  });

  readonly podSpec = (): object => ({
    containers: this.some(2, this.container),
    nodeName: this.maybe(this.name),
    serviceAccountName: this.maybe(this.name),
    imagePullSecrets: this.some(1, this.named),
    nodeSelector: this.maybe(this.labels, 0.2),
    priorityClassName: this.maybe(this.name, 0.2),
    volumes: this.some(3, () =>
      this.random.pick<() => object>([
        () => ({ name: 'v', configMap: this.named() }),
        () => ({ name: 'v', secret: { secretName: this.name() } }),
        () => ({ name: 'v', persistentVolumeClaim: { claimName: this.name() } }),
        () => ({ name: this.name(), ephemeral: { volumeClaimTemplate: { spec: { storageClassName: this.name() } } } }),
        () => ({ name: 'v', projected: { sources: this.some(2, () => ({ secret: this.named() })) } }),
      ])(),
    ),
    tolerations: this.some(2, () => ({
      key: this.maybe(() => this.random.pick(['k1', 'k2']), 0.7),
      operator: this.random.pick(['Exists', 'Equal']),
      value: this.random.pick(['', '1']),
      effect: this.maybe(() => this.random.pick(['NoSchedule', 'NoExecute'])),
    })),
    affinity: this.maybe(() => ({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: this.some(2, this.selector) },
      },
      podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: this.some(2, this.podTerm) },
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: this.some(1, () => ({ podAffinityTerm: this.podTerm() })),
      },
    })),
    topologySpreadConstraints: this.some(1, () => ({ topologyKey: 'zone', labelSelector: this.selector() })),
  });

  readonly template = (): object => ({ metadata: { labels: this.labels() }, spec: this.podSpec() });
  readonly workload = (): object => ({ spec: { selector: this.selector(), template: this.template() } });
  readonly peer = (): object => ({
    ...this.maybe(() => ({ podSelector: this.selector() }), 0.6),
    ...this.maybe(() => ({ namespaceSelector: this.namespaceSelector() }), 0.6),
  });

  readonly subject = (): object =>
    this.random.pick([
      { kind: 'ServiceAccount', name: this.name(), namespace: this.space() },
      { kind: 'User', apiGroup: RBAC, name: this.name() },
      { kind: 'Group', apiGroup: RBAC, name: `system:serviceaccounts:${this.space()}` },
    ]);

  readonly rule = (): object => ({
    apiGroups: [''],
    resources: [this.random.pick(['secrets', 'pods', 'nodes'])],
    verbs: ['get'],
    resourceNames: this.maybe(() => this.some(2, this.name)),
  });
}

interface Form {
  readonly apiVersion: string;
  readonly kind: string;
  readonly wide?: true;
  /** How often, beside the others; 1 by default. */
  readonly weight?: number;
  make(maker: Maker, namespace: string): object;
}

const forms: readonly Form[] = [
  {
    apiVersion: 'v1',
    kind: 'Pod',
    weight: 6,
    make: (m) => ({
      spec: m.podSpec(),
      status: { phase: m.random.pick(['Running', 'Pending', 'Succeeded', 'Failed']) },
    }),
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    weight: 3,
    make: (m) => ({
      spec: {
        selector: m.maybe(m.labels, 0.8),
        externalName: m.maybe(() => `${m.name()}.${m.space()}.svc.cluster.local`, 0.1),
      },
    }),
  },
  { apiVersion: 'v1', kind: 'ConfigMap', weight: 2, make: () => ({ data: { a: 'b' } }) },
  {
    apiVersion: 'v1',
    kind: 'Secret',
    weight: 2,
    make: (m, namespace) => {
      const account = m.name();
      const annotations = {
        'kubernetes.io/service-account.name': account,
        'kubernetes.io/service-account.uid': m.uid('ServiceAccount', namespace, account),
      };
      return { type: 'kubernetes.io/service-account-token', ...m.maybe(() => ({ metadata: { annotations } })) };
    },
  },
  {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    make: (m) => ({ secrets: m.some(1, m.named), imagePullSecrets: m.some(1, m.named) }),
  },
  { apiVersion: 'v1', kind: 'Namespace', wide: true, weight: 3, make: () => ({ status: { phase: 'Active' } }) },
  {
    apiVersion: 'v1',
    kind: 'Node',
    wide: true,
    weight: 2,
    make: (m) => ({
      spec: {
        taints: m.some(2, () => ({
          key: m.random.pick(['k1', 'k2']),
          value: m.random.pick(['', '1']),
          effect: m.random.pick(['NoSchedule', 'NoExecute']),
        })),
      },
    }),
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    weight: 2,
    make: (m) => ({
      spec: {
        volumeName: m.maybe(m.name),
        storageClassName: m.maybe(() => m.random.pick(['', ...NAMES])),
        dataSource: m.maybe(() => ({ kind: 'PersistentVolumeClaim', name: m.name() })),
      },
    }),
  },
  {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    wide: true,
    weight: 2,
    make: (m) => {
      const [namespace, name] = [m.space(), m.name()];
      const uid = m.maybe(() => m.uid('PersistentVolumeClaim', namespace, name));
      return {
        spec: {
          storageClassName: m.name(),
          claimRef: m.maybe(() => ({ kind: 'PersistentVolumeClaim', namespace, name, ...(uid && { uid }) }), 0.7),
        },
      };
    },
  },
  {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    wide: true,
    make: (m) => ({ provisioner: m.name(), parameters: {} }),
  },
  { apiVersion: 'apps/v1', kind: 'Deployment', weight: 2, make: (m) => m.workload() },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet', weight: 2, make: (m) => m.workload() },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    weight: 3,
    make: (m) => ({
      spec: {
        podSelector: m.selector(),
        ingress: m.some(2, () => ({ from: m.some(2, m.peer) })),
        egress: m.some(1, () => ({ to: m.some(2, m.peer) })),
      },
    }),
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    make: (m) => ({
      spec: {
        ingressClassName: m.maybe(m.name),
        tls: m.some(1, () => ({ secretName: m.name(), hosts: ['h'] })),
        rules: m.some(2, () => ({
          host: m.name(),
          http: {
            paths: m.some(2, () => ({ path: '/', backend: { service: { name: m.name(), port: { number: 80 } } } })),
          },
        })),
      },
    }),
  },
  { apiVersion: `${RBAC}/v1`, kind: 'Role', make: (m) => ({ rules: m.some(2, m.rule) }) },
  {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    wide: true,
    make: (m) => ({
      rules: m.some(1, m.rule),
      aggregationRule: m.maybe(() => ({ clusterRoleSelectors: m.some(2, m.selector) })),
    }),
  },
  ...[undefined, true as const].map(
    (wide): Form => ({
      apiVersion: `${RBAC}/v1`,
      kind: wide ? 'ClusterRoleBinding' : 'RoleBinding',
      ...(wide && { wide }),
      make: (m) => ({
        roleRef: { apiGroup: RBAC, kind: m.random.pick(['Role', 'ClusterRole']), name: m.name() },
        subjects: m.some(3, m.subject),
      }),
    }),
  ),
  {
    apiVersion: `${GATEWAY}/v1`,
    kind: 'Gateway',
    weight: 3,
    make: (m) => ({
      spec: {
        gatewayClassName: m.name(),
        listeners: m.some(2, () => ({
          name: m.name(),
          port: m.random.pick([80, 443]),
          protocol: m.random.pick(['HTTP', 'TLS']),
          tls: m.maybe(() => ({ certificateRefs: m.some(2, m.placed) })),
          allowedRoutes: m.maybe(
            () => ({
              namespaces: { from: m.random.pick(['Same', 'All', 'Selector']), selector: m.namespaceSelector() },
            }),
            0.7,
          ),
        })),
      },
    }),
  },
  {
    apiVersion: `${GATEWAY}/v1`,
    kind: 'HTTPRoute',
    weight: 3,
    make: (m) => ({
      spec: {
        parentRefs: m.some(2, () => ({ ...m.placed(), sectionName: m.maybe(m.name), port: m.maybe(() => 80, 0.2) })),
        rules: m.some(2, () => ({
          backendRefs: m.some(2, () => ({ ...m.placed(), port: 80, weight: m.random.int(3) })),
        })),
      },
    }),
  },
  {
    apiVersion: `${GATEWAY}/v1beta1`,
    kind: 'ReferenceGrant',
    weight: 3,
    make: (m) => ({
      spec: {
        from: m.some(2, () => ({
          group: GATEWAY,
          kind: m.random.pick(['HTTPRoute', 'Gateway']),
          namespace: m.space(),
        })),
        to: m.some(2, () => ({
          group: '',
          kind: m.random.pick(['Service', 'Secret']),
          ...m.maybe(() => ({ name: m.name() })),
        })),
      },
    }),
  },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    make: (m) => ({ spec: { scaleTargetRef: m.reference() } }),
  },
  {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    weight: 2,
    make: (m) => ({ spec: { selector: m.maybe(m.selector, 0.8) } }),
  },
  {
    apiVersion: 'v1',
    kind: 'Event',
    weight: 3,
    make: (m, namespace) => {
      const about = m.reference() as { kind: string; name: string };
      const uid = m.maybe(() => m.uid(about.kind, namespace, about.name), 0.7);
      return {
        lastTimestamp: `2026-01-01T00:00:${10 + m.random.int(50)}Z`,
        involvedObject: { ...about, namespace, ...(uid && { uid }) },
      };
    },
  },
  {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    weight: 2,
    make: (m) => ({
      spec: {
        secretRef: m.maybe(m.placed),
        podSelector: m.maybe(m.selector),
        targetRef: m.maybe(m.reference),
        host: m.maybe(() => `${m.name()}.${m.space()}.svc`),
      },
    }),
  },
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    wide: true,
    make: (m) => ({
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { kind: m.random.pick(['Widget', 'Gadget']), plural: 'widgets' },
      },
    }),
  },
];

const urn = forms.flatMap((form) => Array.from({ length: form.weight ?? 1 }, () => form));

/** A random object; its uid is one of two that its name may have, or missing. */
export function realObject(random: Random): KubeObject {
  const maker = new Maker(random);
  const { apiVersion, kind, wide, make } = random.pick(urn);
  const namespace = wide ? '' : maker.space();
  const name = kind === 'Namespace' ? maker.space() : maker.name();
  const made = make(maker, namespace) as { metadata?: object };
  const owner = maker.maybe(maker.reference, 0.3) as { kind: string; name: string } | undefined;
  const object: KubeObject = {
    ...made,
    apiVersion,
    kind,
    metadata: {
      ...made.metadata,
      ...(!wide && { namespace }),
      name,
      ...maker.maybe(() => ({ uid: maker.uid(kind, namespace, name) }), 0.95),
      labels: maker.labels(),
      ...(owner && {
        ownerReferences: [
          {
            ...owner,
            uid: maker.uid(owner.kind, maker.random.chance(0.8) ? namespace : maker.space(), owner.name),
            controller: true,
          } as never,
        ],
      }),
    },
  };
  return JSON.parse(JSON.stringify(object)) as KubeObject;
}
