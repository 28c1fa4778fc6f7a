/** Manifests of the lab's applications, as short as they can be written. The program is `app` (see `app/`), or any command of busybox. */

type Tree = Readonly<Record<string, unknown>>;

export const image = 'registry.local/app:1';

export interface App {
  /** Command line of the container; `app serve` unless given. */
  readonly command?: readonly string[];
  /** Options of `app serve`. */
  readonly args?: readonly string[];
  readonly image?: string;
  readonly replicas?: number;
  readonly env?: readonly object[];
  readonly envFrom?: readonly object[];
  /** ConfigMaps and Secrets to mount, by path: `{ '/etc/app': configMap('settings') }`. */
  readonly mounts?: Readonly<Record<string, Tree>>;
  readonly port?: number;
  /** HTTP path of the readiness probe; `''`: none. */
  readonly ready?: string;
  /** More of the container, of the pod's spec, of the workload's spec, and of the pod's labels. */
  readonly container?: Tree;
  readonly pod?: Tree;
  readonly spec?: Tree;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Requests of everything, so that many fit on the node. */
const small = { requests: { cpu: '5m', memory: '16Mi' }, limits: { memory: '64Mi' } };

/** The pod template of an application. */
export function template(name: string, app: App = {}): Tree {
  const { command, args = [], env = [], envFrom, mounts = {}, port = 8080, ready = '/ready' } = app;
  const volumes = Object.values(mounts).map((source, index) => ({ name: `volume-${index}`, ...source }));
  const volumeMounts = Object.keys(mounts).map((mountPath, index) => ({ name: `volume-${index}`, mountPath }));
  const listens = port === 8080 ? [] : [`-port=${port}`];
  return {
    metadata: { labels: { app: name, ...app.labels } },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name,
          image: app.image ?? image,
          imagePullPolicy: 'IfNotPresent',
          command: command ?? ['app', 'serve', ...listens, ...args],
          ...(env.length > 0 && { env }),
          ...(envFrom && { envFrom }),
          ...(ready !== '' && { readinessProbe: { httpGet: { path: ready, port }, periodSeconds: 3 } }),
          ...(ready !== '' && { ports: [{ name: 'http', containerPort: port }] }),
          resources: small,
          ...(volumeMounts.length > 0 && { volumeMounts }),
          ...app.container,
        },
      ],
      ...(volumes.length > 0 && { volumes }),
      ...app.pod,
    },
  };
}

function workload(kind: string, namespace: string, name: string, app: App, spec: Tree): Tree {
  const selector = { matchLabels: { app: name } };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace, labels: { app: name } },
    spec: { ...spec, selector, template: template(name, app), ...app.spec },
  };
}

export function deployment(namespace: string, name: string, app: App = {}): Tree {
  return workload('Deployment', namespace, name, app, { replicas: app.replicas ?? 1 });
}

export function statefulSet(namespace: string, name: string, app: App = {}): Tree {
  return workload('StatefulSet', namespace, name, app, { replicas: app.replicas ?? 1, serviceName: name });
}

export function daemonSet(namespace: string, name: string, app: App = {}): Tree {
  return workload('DaemonSet', namespace, name, app, {});
}

/** A Service of the pods labelled `app: NAME`. */
export function service(namespace: string, name: string, port: number | Tree = 8080, more: Tree = {}): Tree {
  const ports = [typeof port === 'number' ? { name: 'http', port, targetPort: port } : port];
  return named('v1', 'Service', namespace, name, { spec: { selector: { app: name }, ports, ...more } });
}

/** A Deployment and its Service. */
export function served(namespace: string, name: string, app: App = {}): readonly Tree[] {
  return [deployment(namespace, name, app), service(namespace, name, app.port ?? 8080)];
}

export function job(namespace: string, name: string, app: App, spec: Tree = {}): Tree {
  return named('batch/v1', 'Job', namespace, name, { spec: { backoffLimit: 2, ...spec, template: once(name, app) } });
}

export function cronJob(namespace: string, name: string, app: App, spec: Tree = {}): Tree {
  const jobTemplate = { spec: { backoffLimit: 1, template: once(name, app) } };
  return named('batch/v1', 'CronJob', namespace, name, { spec: { schedule: '* * * * *', ...spec, jobTemplate } });
}

function once(name: string, app: App): Tree {
  return template(name, { ready: '', ...app, pod: { restartPolicy: 'Never', ...app.pod } });
}

export function configMap(namespace: string, name: string, data: Readonly<Record<string, string>>): Tree {
  return named('v1', 'ConfigMap', namespace, name, { data });
}

export function secret(namespace: string, name: string, stringData: Readonly<Record<string, string>>): Tree {
  return named('v1', 'Secret', namespace, name, { stringData });
}

/** Any object. Without a namespace: `''`. */
export function named(apiVersion: string, kind: string, namespace: string, name: string, body: Tree = {}): Tree {
  return { apiVersion, kind, metadata: { name, ...(namespace !== '' && { namespace }) }, ...body };
}

/** Volumes of `mounts`. */
export function fromConfigMap(name: string): Tree {
  return { configMap: { name } };
}

export function fromSecret(secretName: string): Tree {
  return { secret: { secretName } };
}

/** Settings as `app serve -config` reads them. */
export function settings(values: Tree = {}): string {
  return `${JSON.stringify({ mode: 'standard', workers: 4, ...values }, undefined, 2)}\n`;
}

export function variable(name: string, value: string): Tree {
  return { name, value };
}

export function variableFrom(name: string, source: 'configMapKeyRef' | 'secretKeyRef', of: string, key: string): Tree {
  return { name, valueFrom: { [source]: { name: of, key } } };
}

/** A database, with the account that its clients share. */
export function database(
  namespace: string,
  name: string,
  account: string,
  args: readonly string[] = [],
): readonly Tree[] {
  const app = {
    command: ['app', 'database', ...args],
    env: [
      variableFrom('DATABASE_USER', 'secretKeyRef', account, 'username'),
      variableFrom('DATABASE_PASSWORD', 'secretKeyRef', account, 'password'),
    ],
    port: 5432,
    ready: '',
    container: {
      ports: [{ name: 'postgres', containerPort: 5432 }],
      readinessProbe: { tcpSocket: { port: 5432 }, periodSeconds: 3 },
    },
  };
  return [
    statefulSet(namespace, name, app),
    service(namespace, name, { name: 'postgres', port: 5432, targetPort: 5432 }),
  ];
}
