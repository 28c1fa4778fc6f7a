/** Probes, hooks, init containers and neighbours in a pod that keep it from being ready. */
import type { Case } from '../fault.ts';
import { container, event, patch, patchContainer, patchPod, restart, restarted, unready } from '../fault.ts';
import { configMap, deployment, fromConfigMap, image, served, service, settings, statefulSet } from '../manifests.ts';

const probe = ['probe', 'health', 'liveness', 'readiness', 'startup'];
const linger = 75;

export const probeFaults: readonly Case[] = [
  {
    id: 'liveness-wrong-port',
    family: 'runtime',
    row: 'RUN-4',
    namespaces: ['cinema'],
    before: [
      ...served('cinema', 'projector', {
        replicas: 2,
        container: { livenessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 4 } },
      }),
      ...served('cinema', 'popcorn'),
    ],
    inject: [
      patchContainer('deployment/projector', {
        livenessProbe: { httpGet: { path: '/healthz', port: 8081 }, periodSeconds: 4, failureThreshold: 2 },
      }),
    ],
    shows: restarted('projector-', 2),
    label: { root: 'Deployment/cinema/projector', reasons: probe },
  },
  {
    id: 'liveness-wrong-path',
    family: 'runtime',
    row: 'RUN-4',
    namespaces: ['gallery'],
    before: [
      statefulSet('gallery', 'frames', {
        container: { livenessProbe: { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 3 } },
      }),
    ],
    inject: [
      patchContainer('statefulset/frames', {
        livenessProbe: { httpGet: { path: '/alive', port: 8080 }, periodSeconds: 3, failureThreshold: 2 },
      }),
    ],
    shows: restarted('frames-', 2),
    label: { root: 'StatefulSet/gallery/frames', reasons: probe },
  },
  {
    id: 'liveness-too-impatient',
    family: 'runtime',
    row: 'RUN-5',
    namespaces: ['tramway'],
    before: [
      deployment('tramway', 'depot', {
        args: ['-wait=18s', '-tongue=java'],
        container: {
          livenessProbe: { httpGet: { path: '/healthz', port: 8080 }, initialDelaySeconds: 40, periodSeconds: 5 },
        },
      }),
    ],
    inject: [
      patchContainer('deployment/depot', {
        livenessProbe: {
          httpGet: { path: '/healthz', port: 8080 },
          initialDelaySeconds: 2,
          periodSeconds: 3,
          failureThreshold: 2,
        },
      }),
    ],
    shows: restarted('depot-', 3),
    label: { root: 'Deployment/tramway/depot', reasons: probe },
    patience: 180,
  },
  {
    id: 'readiness-wrong-path',
    family: 'runtime',
    row: 'RUN-6',
    namespaces: ['marina'],
    before: [...served('marina', 'moorings', { replicas: 2 }), ...served('marina', 'fuel')],
    inject: [patchContainer('deployment/moorings', { readinessProbe: { httpGet: { path: '/readyz', port: 8080 } } })],
    shows: unready('moorings-'),
    label: { root: 'Deployment/marina/moorings', reasons: probe },
    linger,
  },
  {
    id: 'readiness-wrong-port',
    family: 'runtime',
    row: 'RUN-6',
    namespaces: ['velodrome'],
    before: [
      statefulSet('velodrome', 'laps', { replicas: 2 }),
      service('velodrome', 'laps'),
      ...served('velodrome', 'scoreboard', { args: ['-ready=all', '-upstream=http://laps:8080/'] }),
    ],
    inject: [patchContainer('statefulset/laps', { readinessProbe: { httpGet: { path: '/ready', port: 8000 } } })],
    shows: unready('laps-1'),
    label: { root: 'StatefulSet/velodrome/laps', reasons: probe },
    linger,
  },
  {
    id: 'startup-never-passes',
    family: 'runtime',
    row: 'RUN-5',
    namespaces: ['planetarium'],
    before: served('planetarium', 'dome'),
    inject: [
      patchContainer('deployment/dome', {
        startupProbe: { exec: { command: ['test', '-f', '/tmp/started'] }, periodSeconds: 2, failureThreshold: 4 },
      }),
    ],
    shows: restarted('dome-', 2),
    label: { root: 'Deployment/planetarium/dome', reasons: probe },
  },
  {
    id: 'hook-after-start-fails',
    family: 'runtime',
    row: 'CMD-1',
    namespaces: ['ballroom'],
    before: served('ballroom', 'orchestra'),
    inject: [
      patchContainer('deployment/orchestra', {
        lifecycle: { postStart: { exec: { command: ['sh', '-c', 'cat /etc/orchestra/tuning'] } } },
      }),
    ],
    shows: event('FailedPostStartHook', /./),
    label: {
      root: 'Deployment/ballroom/orchestra',
      reasons: ['hook', 'lifecycle', 'postStart', 'template', 'container'],
    },
  },
  {
    id: 'neighbour-takes-port',
    family: 'runtime',
    row: 'RUN-7',
    namespaces: ['bathhouse'],
    before: served('bathhouse', 'steam'),
    inject: [
      patchPod('deployment/steam', {
        containers: [
          {
            name: 'metrics',
            image,
            imagePullPolicy: 'IfNotPresent',
            command: ['app', 'serve', '-port=8080'],
            resources: { requests: { cpu: '5m', memory: '16Mi' } },
          },
        ],
      }),
    ],
    shows: restarted('steam-', 2),
    label: { root: 'Deployment/bathhouse/steam', reasons: ['port', 'sidecar', 'container', 'conflict', 'template'] },
  },
  {
    id: 'init-fails-on-settings',
    family: 'runtime',
    row: 'RUN-8',
    namespaces: ['cartography'],
    before: [
      configMap('cartography', 'projection', { 'settings.json': settings({ workers: 3 }) }),
      deployment('cartography', 'atlas', { pod: checking('projection') }),
    ],
    inject: [
      patch('configmap/projection', { data: { 'settings.json': settings({ workers: -3 }) } }, 'merge'),
      restart('deployment/atlas'),
    ],
    shows: container('atlas-', /^(?:Error|CrashLoopBackOff)$/),
    label: { root: 'ConfigMap/cartography/projection', reasons: ['config'] },
  },
  {
    id: 'init-waits-for-service',
    family: 'runtime',
    row: 'RUN-9',
    namespaces: ['ferry'],
    before: [
      ...served('ferry', 'tickets'),
      deployment('ferry', 'boarding', { replicas: 2, pod: waitingFor('tickets') }),
    ],
    inject: [{ kubectl: ['delete', 'service', 'tickets'] }, { wait: 15 }, restart('deployment/boarding')],
    shows: event('Started', /./),
    label: { root: 'Service/ferry/tickets', reasons: ['service', 'missing', 'deleted', 'dns'] },
    linger: 170,
  },
];

/** An init container that looks at the settings before the program starts. */
function checking(settingsFrom: string): Readonly<Record<string, unknown>> {
  return {
    initContainers: [
      {
        name: 'check',
        image,
        imagePullPolicy: 'IfNotPresent',
        command: ['app', 'work', '-config=/etc/app/settings.json'],
        volumeMounts: [{ name: 'settings', mountPath: '/etc/app' }],
      },
    ],
    volumes: [{ name: 'settings', ...fromConfigMap(settingsFrom) }],
  };
}

function waitingFor(host: string): Readonly<Record<string, unknown>> {
  const command = `until nslookup ${host}.ferry.svc.cluster.local; do echo waiting for ${host}; sleep 3; done`;
  return { initContainers: [{ name: 'wait', image, imagePullPolicy: 'IfNotPresent', command: ['sh', '-c', command] }] };
}
