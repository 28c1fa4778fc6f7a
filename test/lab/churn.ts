/**
 * Innocent life beside a fault: releases, edits, scaling, restarts that recover, warnings that mean nothing. Nobody suffers from it for long, and whoever
 * blames it is wrong. Each kind brings its own small application, so that it never touches that of the case.
 */
import type { Step } from './fault.ts';
import {
  configMap,
  cronJob,
  deployment,
  fromConfigMap,
  image,
  job,
  named,
  served,
  service,
  settings,
  variable,
} from './manifests.ts';

export interface Churn {
  /** Made with the application of the case. */
  readonly before: readonly object[];
  /** Done about when the case's own change is done. */
  readonly meanwhile: readonly Step[];
  /** Whether its application is well before the recording begins; otherwise nobody waits for it. */
  readonly settles?: false;
}

const next = 'registry.local/app:2';

/** What happens in a namespace, by name. */
export const churns: Readonly<Record<string, (namespace: string) => Churn>> = {
  rollout: (n) => ({
    before: served(n, 'newsletter', { replicas: 2 }),
    meanwhile: [{ kubectl: ['-n', n, 'set', 'image', 'deployment/newsletter', `newsletter=${next}`] }],
  }),
  edit: (n) => ({
    before: [
      configMap(n, 'thumbnailer-settings', { 'settings.json': settings({ workers: 2 }) }),
      deployment(n, 'thumbnailer', {
        args: ['-config=/etc/app/settings.json'],
        mounts: { '/etc/app': fromConfigMap('thumbnailer-settings') },
      }),
    ],
    meanwhile: [{ apply: [configMap(n, 'thumbnailer-settings', { 'settings.json': settings({ workers: 6 }) })] }],
  }),
  scale: (n) => ({
    before: [deployment(n, 'geoip')],
    meanwhile: [{ kubectl: ['-n', n, 'scale', 'deployment/geoip', '--replicas=3'] }],
  }),
  restart: (n) => ({
    before: [deployment(n, 'sessions', { replicas: 2 })],
    meanwhile: [{ kubectl: ['-n', n, 'rollout', 'restart', 'deployment/sessions'] }],
  }),
  stumble: (n) => ({
    before: [deployment(n, 'audit-writer', stumbling)],
    meanwhile: [{ kubectl: ['-n', n, 'delete', 'pod', '-l', 'app=audit-writer', '--wait=false'] }],
  }),
  slow: (n) => ({
    before: [deployment(n, 'search-index', { args: ['-wait=9s'] })],
    meanwhile: [{ kubectl: ['-n', n, 'delete', 'pod', '-l', 'app=search-index', '--wait=false'] }],
  }),
  race: (n) => ({
    before: [],
    meanwhile: [
      { apply: [deployment(n, 'currency-feed', { mounts: { '/etc/feed': fromConfigMap('currency-feed') } })] },
      { wait: 3 },
      { apply: [configMap(n, 'currency-feed', { 'feed.json': settings() })] },
    ],
  }),
  jobs: (n) => ({
    before: [cronJob(n, 'housekeeping', { command: ['sh', '-c', 'echo removed 14 old files'] })],
    meanwhile: [{ apply: [job(n, 'reindex', { command: ['sh', '-c', 'echo reindexing; sleep 4; echo done'] })] }],
  }),
  retry: (n) => ({
    before: [],
    meanwhile: [
      {
        apply: [
          job(n, 'import-catalogue', {
            command: ['sh', '-c', tryAgain],
            pod: { restartPolicy: 'OnFailure', volumes: [shared] },
            container: sharedMount,
          }),
        ],
      },
    ],
  }),
  dangling: (n) => ({
    before: [
      deployment(n, 'recommendations', {
        env: [
          variable('ASSISTANT_SERVICE_ADDRESS', 'assistant:80'),
          { name: 'BANNER', valueFrom: { configMapKeyRef: { name: 'banner', key: 'text', optional: true } } },
        ],
      }),
      service(n, 'recommendations-v2'),
      named('rbac.authorization.k8s.io/v1', 'RoleBinding', n, 'former-operator', {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'former-operator' },
        subjects: [{ kind: 'ServiceAccount', name: 'former-operator', namespace: n }],
      }),
    ],
    meanwhile: [{ kubectl: ['-n', n, 'annotate', 'deployment/recommendations', 'owner=team-growth'] }],
  }),
  noise: (n) => ({
    before: [
      deployment(n, 'crawler', {
        command: [
          'sh',
          '-c',
          'app serve & while :; do echo "ERROR upstream answered 429, retrying in 5s"; echo "WARN cache miss ratio 0.71"; sleep 6; done',
        ],
      }),
    ],
    meanwhile: [{ kubectl: ['-n', n, 'label', 'deployment/crawler', 'tier=background'] }],
  }),
  resources: (n) => ({
    before: [deployment(n, 'exporter', { image })],
    meanwhile: [{ kubectl: ['-n', n, 'set', 'resources', 'deployment/exporter', '--limits=memory=96Mi'] }],
  }),
};

const shared = { name: 'work', emptyDir: {} };
const sharedMount = { volumeMounts: [{ name: 'work', mountPath: '/scratch' }] };
const tryAgain =
  '[ -f /scratch/seen ] || { touch /scratch/seen; echo "ERROR source not ready"; exit 1; }; echo imported 312 rows';

/** Ends once at the start, as programs do that do not wait for what they need, and is well from then on. */
const stumbling = {
  command: [
    'sh',
    '-c',
    '[ -f /scratch/seen ] || { touch /scratch/seen; echo "FATAL broker not ready"; exit 1; }; exec app serve',
  ],
  pod: { volumes: [shared] },
  container: sharedMount,
};
