/**
 * Load balancers of clouds: what GKE's and AWS's controllers read besides Ingress and Service.
 * Sources: cloud.google.com/v1, networking.gke.io (ingress-gce 1.34); elbv2.k8s.aws/v1beta1 (aws-load-balancer-controller 2).
 */
import type { Kind, Outcome, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { Namespace, Node, namespaced, Secret, Service } from '../refs.ts';
import { names, relation, selects } from '../relations.ts';
import { carries } from './attributes.ts';
import { columns } from './custom-resource.ts';

const BackendConfig = namespaced('cloud.google.com', 'BackendConfig');
const FrontendConfig = namespaced('networking.gke.io', 'FrontendConfig');
const ManagedCertificate = namespaced('networking.gke.io', 'ManagedCertificate');

/** `{"default": "a", "ports": {"http": "b"}}` */
function backendConfigs(text: unknown): readonly (readonly [string, string])[] {
  let parsed: { default?: unknown; ports?: unknown } | null;
  try {
    parsed = JSON.parse(String(text));
  } catch {
    return [];
  }
  const entries = Object.entries({ ...(parsed?.ports as object | undefined), default: parsed?.default });
  return entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '');
}

/** What GKE reads of a Service. */
export const gkeService: readonly Relation[] = ['cloud.google.com', 'beta.cloud.google.com'].map((prefix) =>
  relation(
    'CONFIGURED_BY',
    `metadata.annotations["${prefix}/backend-config"]`,
    BackendConfig.kind,
    { note: 'by port, or for all' },
    ({ value, namespace }) =>
      backendConfigs(value).map(([port, name]): Outcome => {
        const { group, kind: kindName } = BackendConfig;
        return { target: { by: 'name', group, kind: kindName, namespace, name }, attributes: { port } };
      }),
  ),
);

/** What GKE reads of an Ingress. */
export const gkeIngress: readonly Relation[] = [
  names('CONFIGURED_BY', 'metadata.annotations["networking.gke.io/v1beta1.FrontendConfig"]', FrontendConfig),
  relation(
    'SERVES_CERTIFICATE',
    'metadata.annotations["networking.gke.io/managed-certificates"]',
    ManagedCertificate.kind,
    {},
    ({ value, namespace }) =>
      String(value)
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '')
        .map((name): Outcome => {
          const { group, kind: kindName } = ManagedCertificate;
          return { target: { by: 'name', group, kind: kindName, namespace, name } };
        }),
  ),
];

const backendConfig = kind({
  group: BackendConfig.group,
  name: BackendConfig.kind,
  plural: 'backendconfigs',
  namespaced: true,
  relations: [
    names('USES_SECRET', 'spec.iap.oauthclientCredentials', Secret, { name: 'secretName' }),
    names('USES_SECRET', 'spec.cdn.signedUrlKeys[*]', Secret, { name: 'secretName' }),
  ],
});

const managedCertificate = kind({
  group: ManagedCertificate.group,
  name: ManagedCertificate.kind,
  plural: 'managedcertificates',
  namespaced: true,
  summary: columns({ status: 'status.certificateStatus' }),
  health: (object: unknown) => {
    const { certificateStatus } = (object as { status?: { certificateStatus?: string } }).status ?? {};
    if (certificateStatus === undefined) return { status: 'unknown' };
    if (certificateStatus === 'Active') return { status: 'healthy' };
    return { status: certificateStatus.includes('Failed') ? 'critical' : 'warning', reason: certificateStatus };
  },
});

const targetGroupBinding = kind({
  group: 'elbv2.k8s.aws',
  name: 'TargetGroupBinding',
  plural: 'targetgroupbindings',
  namespaced: true,
  summary: columns({
    serviceName: 'spec.serviceRef.name',
    servicePort: 'spec.serviceRef.port',
    targetType: 'spec.targetType',
  }),
  relations: [
    names('ROUTES_TO', 'spec.serviceRef', Service, { attributes: carries(['port']) }),
    selects('ROUTES_TO', 'spec.nodeSelector', Node, {
      empty: 'none',
      note: 'only with target type instance: the nodes that are registered',
    }),
  ],
});

const ingressClassParams = kind({
  group: 'elbv2.k8s.aws',
  name: 'IngressClassParams',
  plural: 'ingressclassparams',
  namespaced: false,
  summary: columns({ groupName: 'spec.group.name', scheme: 'spec.scheme', ipAddressType: 'spec.ipAddressType' }),
  relations: [selects('ADMITS', 'spec.namespaceSelector', Namespace, { empty: 'all' })],
});

export const cloudLoadBalancers: readonly Kind[] = [
  backendConfig,
  kind({ ...FrontendConfig, name: FrontendConfig.kind, plural: 'frontendconfigs' }),
  managedCertificate,
  targetGroupBinding,
  ingressClassParams,
];
