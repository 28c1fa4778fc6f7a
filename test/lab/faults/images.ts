/** Images that cannot be had: wrong names, registries that nobody knows, and logins that are missing. */
import type { Case } from '../fault.ts';
import { container } from '../fault.ts';
import { daemonSet, deployment, image, named, served, statefulSet } from '../manifests.ts';

const pulling = /^(?:ErrImagePull|ImagePullBackOff)$/;
const reasons = ['image', 'pull', 'registry'];
/** So that a half-done rollout shows as one. */
const linger = 40;

export const imageFaults: readonly Case[] = [
  {
    id: 'image-tag-typo',
    family: 'image',
    row: 'IMG-1',
    namespaces: ['orchard'],
    before: [...served('orchard', 'ordering', { replicas: 2 }), ...served('orchard', 'pricing')],
    inject: [{ kubectl: ['set', 'image', 'deployment/ordering', 'ordering=registry.local/app:2.0.l'] }],
    shows: container('ordering-', pulling),
    label: { root: 'Deployment/orchard/ordering', reasons, symptoms: ['Pod/orchard/ordering-*'] },
    linger,
  },
  {
    id: 'image-repository-gone',
    family: 'image',
    row: 'IMG-1',
    namespaces: ['harbour'],
    before: served('harbour', 'berths'),
    inject: [
      {
        apply: [statefulSet('harbour', 'tides', { image: 'registry.example.com/harbour/tides-v2:1.4.0', replicas: 2 })],
      },
    ],
    shows: container('tides-', pulling),
    label: { root: 'StatefulSet/harbour/tides', reasons, symptoms: ['Pod/harbour/tides-0'] },
    linger,
  },
  {
    id: 'image-registry-unknown',
    family: 'image',
    row: 'IMG-2',
    namespaces: ['quarry'],
    before: [...served('quarry', 'weighing', { replicas: 2 })],
    inject: [{ kubectl: ['set', 'image', 'deployment/weighing', 'weighing=images.example.net/quarry/weighing:3.1.0'] }],
    shows: container('weighing-', pulling),
    label: { root: 'Deployment/quarry/weighing', reasons },
    patience: 180,
  },
  {
    id: 'image-login-missing',
    family: 'image',
    row: 'IMG-3',
    namespaces: ['foundry'],
    before: served('foundry', 'casting'),
    inject: [
      {
        apply: [
          deployment('foundry', 'moulds', {
            image: 'registry.example.com/private/moulds:1.0.3',
            pod: { imagePullSecrets: [{ name: 'registry-login' }] },
          }),
        ],
      },
    ],
    shows: container('moulds-', pulling),
    label: {
      root: 'Secret/foundry/registry-login',
      also: ['Deployment/foundry/moulds'],
      reasons: ['secret', 'pull', 'credential', 'image'],
    },
    linger,
  },
  {
    id: 'image-daemon-release',
    family: 'image',
    row: 'IMG-1',
    namespaces: ['beacon'],
    before: [daemonSet('beacon', 'node-agent', { ready: '' })],
    inject: [{ kubectl: ['set', 'image', 'daemonset/node-agent', 'node-agent=registry.local/app:4'] }],
    shows: container('node-agent-', pulling),
    label: { root: 'DaemonSet/beacon/node-agent', reasons },
    linger,
  },
  {
    id: 'image-init-container',
    family: 'image',
    row: 'IMG-1',
    namespaces: ['vineyard'],
    before: [deployment('vineyard', 'cellar', { replicas: 2, pod: migrating(image) })],
    inject: [
      { apply: [deployment('vineyard', 'cellar', { replicas: 2, pod: migrating('registry.local/migrations:17') })] },
    ],
    shows: container('cellar-', pulling),
    label: { root: 'Deployment/vineyard/cellar', reasons },
    linger,
  },
  {
    id: 'image-never-pulled',
    family: 'image',
    row: 'IMG-1',
    namespaces: ['bakery'],
    before: served('bakery', 'ovens'),
    inject: [
      {
        apply: [
          deployment('bakery', 'dough', {
            image: 'registry.local/dough:5',
            container: { imagePullPolicy: 'Never' },
          }),
        ],
      },
    ],
    shows: container('dough-', /^ErrImageNeverPull$/),
    label: { root: 'Deployment/bakery/dough', reasons },
    linger,
  },
  {
    id: 'image-name-invalid',
    family: 'image',
    row: 'IMG-1',
    namespaces: ['tannery'],
    before: [...served('tannery', 'hides', { replicas: 1 }), named('v1', 'ServiceAccount', 'tannery', 'hides')],
    inject: [{ kubectl: ['set', 'image', 'deployment/hides', 'hides=registry.local/App:2'] }],
    shows: container('hides-', /^InvalidImageName$/),
    label: { root: 'Deployment/tannery/hides', reasons },
    linger,
  },
];

function migrating(from: string): Readonly<Record<string, unknown>> {
  return {
    initContainers: [
      {
        name: 'migrate',
        image: from,
        imagePullPolicy: 'IfNotPresent',
        command: ['sh', '-c', 'echo schema is current'],
      },
    ],
  };
}
