/**
 * An application of ten services, two databases and what belongs to them, in which failures travel: some services are ready only when what they call is,
 * others go on and only their logs tell. Each speaks another language, and few say whom they called.
 */
import type { Step } from './fault.ts';
import {
  type App,
  configMap,
  cronJob,
  database,
  deployment,
  fromConfigMap,
  named,
  secret,
  service,
  settings,
  statefulSet,
  variable,
  variableFrom,
} from './manifests.ts';

type Tree = Readonly<Record<string, unknown>>;

const config = '-config=/etc/app/settings.json';

/** A service of the town and what it calls. */
function part(
  namespace: string,
  name: string,
  tongue: string,
  calls: readonly string[],
  app: App = {},
): readonly Tree[] {
  const { args = [], env = [], ...rest } = app;
  const urls = calls.map((each) => `http://${each}:8080/`).join(',');
  return [
    deployment(namespace, name, {
      ...rest,
      args: [`-tongue=${tongue}`, '-terse', ...args],
      env: [...(urls === '' ? [] : [variable('UPSTREAM_URL', urls)]), ...env],
    }),
    service(namespace, name),
  ];
}

export function login(from: string): readonly Tree[] {
  return [
    variableFrom('DATABASE_USER', 'secretKeyRef', from, 'username'),
    variableFrom('DATABASE_PASSWORD', 'secretKeyRef', from, 'password'),
  ];
}

/** Who may call sessions and stock. */
export function callers(namespace: string, app: string, names: readonly string[]): Tree {
  const from = names.map((name) => ({ podSelector: { matchLabels: { app: name } } }));
  return named('networking.k8s.io/v1', 'NetworkPolicy', namespace, `${app}-callers`, {
    spec: {
      podSelector: { matchLabels: { app } },
      policyTypes: ['Ingress'],
      ingress: [{ from, ports: [{ port: 8080 }] }],
    },
  });
}

export function town(n: string): readonly Tree[] {
  const [stockLogin, peopleLogin] = ['stock-db', 'people-db'];
  const ready = { args: ['-ready=all'] };
  return [
    named('v1', 'ResourceQuota', n, 'town', { spec: { hard: { pods: '40', 'requests.memory': '1200Mi' } } }),
    secret(n, stockLogin, { username: 'stock', password: 'Barrel-of-Monkeys-1' }),
    secret(n, peopleLogin, { username: 'people', password: 'Barrel-of-Laughs-2' }),
    configMap(n, 'prices', { 'settings.json': settings({ workers: 3 }) }),
    configMap(n, 'banner', { TEXT: 'welcome', COLOUR: 'green' }),
    configMap(n, 'stock-db', { OPTIONS: '-connections=40' }),
    statefulSet(n, 'stock-db', {
      command: ['sh', '-c', 'exec app database $OPTIONS'],
      env: [...login(stockLogin), variableFrom('OPTIONS', 'configMapKeyRef', 'stock-db', 'OPTIONS')],
      ready: '',
      container: {
        ports: [{ name: 'postgres', containerPort: 5432 }],
        readinessProbe: { tcpSocket: { port: 5432 }, periodSeconds: 3 },
      },
    }),
    service(n, 'stock-db', { name: 'postgres', port: 5432, targetPort: 5432 }),
    ...database(n, 'people-db', peopleLogin),
    ...part(n, 'sessions', 'go', []),
    ...part(n, 'prices', 'node', [], { args: [config], mounts: { '/etc/app': fromConfigMap('prices') } }),
    ...part(n, 'stock', 'rust', [], { args: ['-ready=all', '-database=stock-db:5432'], env: login(stockLogin) }),
    ...part(n, 'accounts', 'dotnet', [], { args: ['-ready=all', '-database=people-db:5432'], env: login(peopleLogin) }),
    ...part(n, 'basket', 'java', ['stock', 'sessions'], ready),
    ...part(n, 'catalogue', 'ruby', ['prices', 'stock']),
    ...part(n, 'mailer', 'python', ['accounts'], { envFrom: [{ configMapRef: { name: 'banner' } }] }),
    ...part(n, 'web', 'python', ['basket', 'catalogue', 'accounts'], { replicas: 2 }),
    callers(n, 'sessions', ['basket']),
    callers(n, 'stock', ['basket', 'catalogue']),
    cronJob(n, 'tidy', { command: ['sh', '-c', 'echo tidied'] }, { schedule: '*/2 * * * *' }),
  ];
}

/** What goes on in a town on any day: before the fault and after it. */
export function business(kind: 0 | 1 | 2): readonly Step[] {
  const days: readonly (readonly Step[])[] = [
    [
      { kubectl: ['set', 'image', 'deployment/mailer', 'mailer=registry.local/app:2'] },
      { kubectl: ['scale', 'deployment/catalogue', '--replicas=2'] },
    ],
    [
      { kubectl: ['patch', 'configmap', 'banner', '--type=merge', '-p', '{"data":{"TEXT":"spring sale"}}'] },
      { kubectl: ['rollout', 'restart', 'deployment/mailer'] },
    ],
    [
      { kubectl: ['annotate', 'deployment/web', 'team=front'] },
      { kubectl: ['set', 'env', 'deployment/mailer', 'BATCH=20'] },
    ],
  ];
  return days[kind] ?? [];
}
