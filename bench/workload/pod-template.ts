/**
 * The pod template of an application: one to three containers with environment, probes, resources and volumes.
 * A function of the application alone; a revision changes only the image, so Deployment, ReplicaSets and Pods agree.
 */
import type { Random } from '../../test/support/random.ts';
import type { App } from './apps.ts';
import { randomFor, timestamp } from './names.ts';
import type { Body } from './object.ts';

const registries = ['registry.example.com', '123456789012.dkr.ecr.eu-central-1.amazonaws.com', 'ghcr.io/example'];

export interface PodTemplate {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
}

export interface PodSpec extends Body {
  readonly containers: readonly Container[];
  readonly volumes: readonly Body[];
  readonly serviceAccountName: string;
}

export interface Container extends Body {
  readonly name: string;
  readonly image: string;
}

export interface TemplateOptions {
  /** Counts up with each rollout; decides the image tag. */
  readonly revision: number;
  readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never';
  /** Set by `kubectl rollout restart`, milliseconds since 1970. */
  readonly restartedAt?: number;
  /** Name of a volume filled by `volumeClaimTemplates`. */
  readonly dataVolume?: string;
  readonly tolerateAll?: boolean;
}

export function podTemplate(seed: number, app: App, options: TemplateOptions): PodTemplate {
  const random = randomFor(seed, `${app.key}/template`);
  const volumes = volumesOf(app, random);
  const mounts = volumes.map((volume, index) => ({
    name: String(volume['name']),
    mountPath: `/etc/app/${index}`,
    readOnly: true,
  }));
  const data = options.dataVolume === undefined ? [] : [{ name: options.dataVolume, mountPath: '/var/lib/data' }];
  const main = mainContainer(app, random, options.revision, [...mounts, { name: 'tmp', mountPath: '/tmp' }, ...data]);
  const sidecars = [logShipper(random), meshProxy(app)].slice(0, Math.max(0, random.int(10) - 7));
  return {
    labels: app.templateLabels,
    annotations: {
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': '9090',
      'checksum/config': `${random.int(2 ** 32).toString(16)}${random.int(2 ** 32).toString(16)}`,
      ...(options.restartedAt === undefined
        ? {}
        : { 'kubectl.kubernetes.io/restartedAt': timestamp(options.restartedAt) }),
    },
    spec: {
      volumes: [...volumes, { name: 'tmp', emptyDir: {} }],
      containers: [main, ...sidecars],
      restartPolicy: options.restartPolicy ?? 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: app.serviceAccount,
      serviceAccount: app.serviceAccount,
      securityContext: random.chance(0.5) ? { runAsUser: 1000, runAsNonRoot: true, fsGroup: 2000 } : {},
      imagePullSecrets: [{ name: 'registry-pull' }],
      schedulerName: 'default-scheduler',
      ...(random.chance(0.3) ? { affinity: affinityOf(app) } : {}),
      ...(random.chance(0.2) ? { topologySpreadConstraints: [spreadOf(app)] } : {}),
      ...(options.tolerateAll ? { tolerations: [{ operator: 'Exists' }], hostNetwork: true } : tolerationsOf(random)),
    },
  };
}

/** Half of the applications mount their configuration, the others read it from the environment (a few do both). */
function volumesOf({ configMaps, secrets }: App, random: Random): Body[] {
  if (random.chance(0.5)) return [];
  return [
    ...configMaps.map((name) => ({ name: 'config', configMap: { name, defaultMode: 420 } })),
    ...secrets.map((name) => ({ name: 'secrets', secret: { secretName: name, defaultMode: 420 } })),
  ];
}

function mainContainer(app: App, random: Random, revision: number, volumeMounts: readonly Body[]): Container {
  const image = `${random.pick(registries)}/${app.partOf}/${app.name}:2.${revision}.${random.int(40)}`;
  const cpu = [50, 100, 250, 500][random.int(4)];
  const memory = [128, 256, 512, 1024][random.int(4)] ?? 256;
  const httpGet = { path: '/healthz', port: 'http', scheme: 'HTTP' };
  const probe = { httpGet, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
  return {
    name: 'app',
    image,
    args: ['--config=/etc/app/0/application.yaml', `--log-level=${random.pick(['info', 'warn', 'debug'])}`],
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    ...(app.configMaps[0] !== undefined && random.chance(0.5)
      ? { envFrom: [{ configMapRef: { name: app.configMaps[0] } }] }
      : {}),
    env: environmentOf(app, random),
    resources: { limits: { memory: `${memory * 2}Mi` }, requests: { cpu: `${cpu}m`, memory: `${memory}Mi` } },
    volumeMounts,
    ...(random.chance(0.5) ? { livenessProbe: { ...probe, initialDelaySeconds: 15 } } : {}),
    ...(random.chance(0.6) ? { readinessProbe: probe } : {}),
    ...always,
    ...(random.chance(0.4)
      ? { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }
      : {}),
  };
}

const always = {
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  imagePullPolicy: 'IfNotPresent',
};

function environmentOf(app: App, random: Random): Body[] {
  const secretOf = (name: string, key: string): Body => ({ secretKeyRef: { name, key } });
  return [
    { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
    { name: 'REGION', value: random.pick(['eu-central-1', 'eu-west-1', 'us-east-1']) },
    ...app.calls.map((host, index) => ({ name: `UPSTREAM_${index}_URL`, value: `http://${host}:80` })),
    ...app.secrets.map((name) => ({ name: 'DB_PASSWORD', valueFrom: secretOf(name, 'db-password') })),
    ...(random.chance(0.4)
      ? app.secrets.map((name) => ({ name: 'API_TOKEN', valueFrom: secretOf(name, 'api-token') }))
      : []),
    ...app.configMaps.map((name) => ({
      name: 'DB_HOST',
      valueFrom: { configMapKeyRef: { name, key: 'db.host', optional: true } },
    })),
    ...(app.absentSecret === undefined ? [] : [{ name: 'LICENSE', valueFrom: secretOf(app.absentSecret, 'license') }]),
  ];
}

function logShipper(random: Random): Container {
  return {
    name: 'log-shipper',
    image: `registry.example.com/platform/log-shipper:3.${random.int(4)}.0`,
    env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } } }],
    resources: { limits: { memory: '64Mi' }, requests: { cpu: '10m', memory: '32Mi' } },
    volumeMounts: [{ name: 'tmp', mountPath: '/logs' }],
    ...always,
  };
}

function meshProxy(app: App): Container {
  return {
    name: 'mesh-proxy',
    image: 'registry.example.com/platform/mesh-proxy:1.27.2',
    args: ['proxy', 'sidecar', '--domain', `${app.namespace}.svc.cluster.local`, '--concurrency', '2'],
    ports: [{ name: 'mesh', containerPort: 15_090, protocol: 'TCP' }],
    env: [
      { name: 'POD_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } },
      { name: 'APP_NAME', value: app.name },
    ],
    resources: { limits: { cpu: '2', memory: '1Gi' }, requests: { cpu: '100m', memory: '128Mi' } },
    readinessProbe: {
      httpGet: { path: '/healthz/ready', port: 15_021, scheme: 'HTTP' },
      periodSeconds: 15,
      failureThreshold: 4,
    },
    ...always,
  };
}

function affinityOf(app: App): Body {
  const term = { labelSelector: { matchLabels: app.selector }, topologyKey: 'kubernetes.io/hostname' };
  return {
    podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term }] },
  };
}

function spreadOf(app: App): Body {
  return {
    maxSkew: 1,
    topologyKey: 'topology.kubernetes.io/zone',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: app.selector },
  };
}

function tolerationsOf(random: Random): Body {
  return random.chance(0.1)
    ? { tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'batch', effect: 'NoSchedule' }] }
    : {};
}

/** What admission and the scheduler add to a template's spec (ServiceAccount token volume, default tolerations, node). */
export function scheduledSpec(spec: PodSpec, nodeName: string | undefined, tokenSuffix: string): PodSpec {
  const token = `kube-api-access-${tokenSuffix}`;
  const mount = { name: token, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' };
  const added = ['not-ready', 'unreachable'].map((condition) => ({
    key: `node.kubernetes.io/${condition}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 300,
  }));
  return {
    ...spec,
    volumes: [...spec.volumes, tokenVolume(token)],
    containers: spec.containers.map((container) => ({
      ...container,
      volumeMounts: [...((container['volumeMounts'] as Body[] | undefined) ?? []), mount],
    })),
    ...(nodeName === undefined ? {} : { nodeName }),
    tolerations: [...((spec['tolerations'] as Body[] | undefined) ?? []), ...added],
    priority: 0,
    enableServiceLinks: true,
    preemptionPolicy: 'PreemptLowerPriority',
  };
}

function tokenVolume(name: string): Body {
  const namespaceField = { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } };
  const sources = [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    { downwardAPI: { items: [namespaceField] } },
  ];
  return { name, projected: { defaultMode: 420, sources } };
}
