/** Nothing is wrong, however much goes on. Whoever says otherwise raises a false alarm. */
import { type Case, patch, patchContainer, ready, restart } from '../fault.ts';
import {
  configMap,
  cronJob,
  daemonSet,
  deployment,
  fromConfigMap,
  named,
  secret,
  served,
  settings,
  statefulSet,
  variableFrom,
} from '../manifests.ts';
import { inPool, pool } from '../nodes.ts';
import { innocent } from './innocent.ts';

const API = 'rbac.authorization.k8s.io/v1';

export const calmCases: readonly Case[] = [
  innocent(
    'calm-nothing-happens',
    'abbey',
    [...served('abbey', 'hours', { replicas: 2 }), ...served('abbey', 'bread')],
    {
      churn: [],
    },
  ),
  innocent('calm-release-and-edit', 'orangery', served('orangery', 'lemons', { replicas: 2 }), {
    churn: ['rollout', 'edit'],
  }),
  innocent('calm-scale-and-restart', 'pavilion', served('pavilion', 'dances'), { churn: ['scale', 'restart'] }),
  innocent('calm-stumble-and-slow', 'dovecote', served('dovecote', 'letters'), { churn: ['stumble', 'slow'] }),
  innocent('calm-race-and-retry', 'icefloe', served('icefloe', 'seals'), { churn: ['race', 'retry'] }),
  innocent('calm-dangling-and-noise', 'arboretum', served('arboretum', 'oaks'), { churn: ['dangling', 'noise'] }),
  innocent('calm-jobs-and-resources', 'vinery', served('vinery', 'grapes'), { churn: ['jobs', 'resources'] }),
  innocent('calm-everything-at-once', 'fairground', served('fairground', 'carousel', { replicas: 2 }), {
    churn: ['rollout', 'edit', 'scale', 'stumble', 'slow', 'race', 'jobs', 'dangling', 'noise'],
    linger: 75,
  }),
  innocent(
    'calm-edited-and-used',
    'stationer',
    [
      configMap('stationer', 'paper', { 'settings.json': settings() }),
      secret('stationer', 'ink', { token: 'blue-black-7' }),
      deployment('stationer', 'pens', {
        replicas: 2,
        args: ['-config=/etc/app/settings.json', '-need=TOKEN'],
        env: [variableFrom('TOKEN', 'secretKeyRef', 'ink', 'token')],
        mounts: { '/etc/app': fromConfigMap('paper') },
      }),
    ],
    {
      inject: [
        patch('configmap/paper', { data: { 'settings.json': settings({ mode: 'fast' }) } }, 'merge'),
        patch('secret/ink', { stringData: { token: 'green-9' } }, 'merge'),
        restart('deployment/pens'),
      ],
      shows: ready('pens'),
    },
  ),
  innocent(
    'calm-rolling-sets',
    'lanterns',
    [statefulSet('lanterns', 'wicks', { replicas: 2 }), daemonSet('lanterns', 'oil', { ready: '' })],
    {
      inject: [
        { kubectl: ['set', 'image', 'statefulset/wicks', 'wicks=registry.local/app:2'] },
        { kubectl: ['set', 'image', 'daemonset/oil', 'oil=registry.local/app:2'] },
      ],
      shows: ready('wicks', 'oil'),
    },
  ),
  innocent('calm-rollout-under-way', 'slipstream', served('slipstream', 'gliders', { replicas: 3 }), {
    inject: [patchContainer('deployment/gliders', { command: ['app', 'serve', '-wait=14s'] })],
    linger: 12,
  }),
  innocent(
    'calm-scaled-to-zero',
    'beachhut',
    [deployment('beachhut', 'parasols'), ...served('beachhut', 'deckchairs')],
    {
      inject: [{ kubectl: ['scale', 'deployment/parasols', '--replicas=0'] }],
    },
  ),
  innocent(
    'calm-paused-and-suspended',
    'hayloft',
    [...served('hayloft', 'bales'), cronJob('hayloft', 'turning', { command: ['true'] })],
    {
      inject: [
        patch('cronjob/turning', { spec: { suspend: true } }, 'merge'),
        { kubectl: ['rollout', 'pause', 'deployment/bales'] },
        { kubectl: ['set', 'image', 'deployment/bales', 'bales=registry.local/app:2'] },
      ],
    },
  ),
  innocent(
    'calm-policy-that-fits',
    'spinney',
    [
      ...served('spinney', 'birch'),
      ...served('spinney', 'elm', { args: ['-ready=all', '-upstream=http://birch:8080/'] }),
    ],
    {
      inject: [
        {
          apply: [
            named('networking.k8s.io/v1', 'NetworkPolicy', 'spinney', 'birch', {
              spec: {
                podSelector: { matchLabels: { app: 'birch' } },
                policyTypes: ['Ingress'],
                ingress: [{ from: [{ podSelector: { matchLabels: { app: 'elm' } } }], ports: [{ port: 8080 }] }],
              },
            }),
          ],
        },
      ],
    },
  ),
  innocent(
    'calm-untidy',
    'boxroom',
    [
      ...served('boxroom', 'trunks'),
      named('v1', 'Service', 'boxroom', 'hatboxes', { spec: { selector: { app: 'hats' }, ports: [{ port: 80 }] } }),
      named('networking.k8s.io/v1', 'NetworkPolicy', 'boxroom', 'old', {
        spec: { podSelector: { matchLabels: { app: 'gone' } }, policyTypes: ['Ingress'] },
      }),
      named(API, 'RoleBinding', 'boxroom', 'old', {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'gone' },
        subjects: [{ kind: 'ServiceAccount', name: 'gone', namespace: 'boxroom' }],
      }),
      named('networking.k8s.io/v1', 'Ingress', 'boxroom', 'old', {
        spec: { defaultBackend: { service: { name: 'gone', port: { number: 80 } } } },
      }),
    ],
    { inject: [{ kubectl: ['delete', 'rolebinding', 'old'] }] },
  ),
  innocent(
    'calm-rights-nobody-uses',
    'registry',
    [
      named('v1', 'ServiceAccount', 'registry', 'scribe'),
      named(API, 'Role', 'registry', 'scribe', {
        rules: [{ apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: ['get', 'list'] }],
      }),
      named(API, 'RoleBinding', 'registry', 'scribe', {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'scribe' },
        subjects: [{ kind: 'ServiceAccount', name: 'scribe', namespace: 'registry' }],
      }),
      deployment('registry', 'scribe', {
        args: ['-api=/api/v1/namespaces/registry/configmaps', '-ready=all'],
        pod: { serviceAccountName: 'scribe' },
      }),
    ],
    {
      inject: [
        patch(
          'role/scribe',
          { rules: [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list'] }] },
          'merge',
        ),
      ],
    },
  ),
  innocent(
    'calm-cordoned-and-idle',
    'barracks',
    [...pool('cot', 2), deployment('barracks', 'drills', { pod: inPool('cot') })],
    {
      inject: [{ kubectl: ['cordon', 'cot-2'] }, { kubectl: ['taint', 'node', 'cot-2', 'repair=soon:NoSchedule'] }],
    },
  ),
  innocent(
    'calm-quota-nearly-full',
    'larder',
    [
      named('v1', 'ResourceQuota', 'larder', 'shelf-space', { spec: { hard: { pods: '4' } } }),
      ...served('larder', 'jams', { replicas: 3 }),
    ],
    { churn: [] },
  ),
];
