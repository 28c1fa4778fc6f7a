/** Programs that cannot even begin, or are told what they do not understand. */
import type { Case } from '../fault.ts';
import { container, patchContainer, patchPod, restarted } from '../fault.ts';
import { configMap, deployment, fromConfigMap, served, statefulSet } from '../manifests.ts';

const reasons = ['command', 'args', 'binary', 'executable', 'start', 'template', 'exec', 'crash'];

export const commandFaults: readonly Case[] = [
  {
    id: 'command-not-in-image',
    family: 'command',
    row: 'CMD-1',
    namespaces: ['brewery'],
    before: [...served('brewery', 'mash', { replicas: 2 }), ...served('brewery', 'bottling')],
    inject: [patchContainer('deployment/mash', { command: ['/usr/local/bin/mash-server', '--listen=:8080'] })],
    shows: container('mash-', /^(?:RunContainerError|CrashLoopBackOff|StartError)$/),
    label: { root: 'Deployment/brewery/mash', reasons },
  },
  {
    id: 'command-unknown-option',
    family: 'command',
    row: 'CMD-1',
    namespaces: ['sawmill'],
    before: served('sawmill', 'planks', { args: ['-every=5s'] }),
    inject: [patchContainer('deployment/planks', { command: ['app', 'serve', '-interval=5s'] })],
    shows: restarted('planks-', 2),
    label: { root: 'Deployment/sawmill/planks', reasons },
  },
  {
    id: 'command-shell-syntax',
    family: 'command',
    row: 'CMD-1',
    namespaces: ['glassworks'],
    before: [
      statefulSet('glassworks', 'furnace', {
        command: ['sh', '-c', 'if [ -d /tmp ]; then exec app serve; fi'],
      }),
    ],
    inject: [patchContainer('statefulset/furnace', { command: ['sh', '-c', 'if [ -d /tmp ]; then exec app serve'] })],
    shows: restarted('furnace-', 2),
    label: { root: 'StatefulSet/glassworks/furnace', reasons },
  },
  {
    id: 'command-other-processor',
    family: 'image',
    row: 'IMG-4',
    namespaces: ['printworks'],
    before: served('printworks', 'proofs', { replicas: 2 }),
    inject: [{ kubectl: ['set', 'image', 'deployment/proofs', 'proofs=registry.local/app:3'] }],
    shows: restarted('proofs-', 2),
    label: { root: 'Deployment/printworks/proofs', reasons: ['image', 'arch', 'platform', 'exec', 'release'] },
  },
  {
    id: 'command-script-not-executable',
    family: 'command',
    row: 'CMD-1',
    namespaces: ['shipyard'],
    before: [
      configMap('shipyard', 'boot', { 'boot.sh': '#!/bin/sh\nexec app serve\n' }),
      deployment('shipyard', 'slipway', {
        command: ['/boot/boot.sh'],
        mounts: { '/boot': { configMap: { name: 'boot', defaultMode: 0o755 } } },
      }),
    ],
    inject: [
      patchPod('deployment/slipway', {
        volumes: [{ name: 'volume-0', configMap: { name: 'boot', defaultMode: 0o644 } }],
      }),
    ],
    shows: container('slipway-', /^(?:RunContainerError|CrashLoopBackOff|StartError)$/),
    label: {
      root: 'Deployment/shipyard/slipway',
      reasons: [...reasons, 'volume', 'permission', 'mode'],
    },
  },
  {
    id: 'command-script-edited',
    family: 'command',
    row: 'CFG-3',
    namespaces: ['ropewalk'],
    before: [
      configMap('ropewalk', 'spinner-start', { 'start.sh': 'set -eu\necho starting\nexec app serve\n' }),
      deployment('ropewalk', 'spinner', {
        command: ['sh', '/start/start.sh'],
        mounts: { '/start': fromConfigMap('spinner-start') },
      }),
    ],
    inject: [
      {
        apply: [
          configMap('ropewalk', 'spinner-start', {
            'start.sh': 'set -eu\necho starting\necho "cache in $CACHE_DIR"\nexec app serve\n',
          }),
        ],
      },
      { wait: 3 },
      { kubectl: ['delete', 'pod', '-l', 'app=spinner', '--wait=false'] },
    ],
    shows: restarted('spinner-', 2),
    label: { root: 'ConfigMap/ropewalk/spinner-start', reasons: ['config'] },
  },
  {
    id: 'release-that-panics',
    family: 'runtime',
    row: 'RUN-17',
    namespaces: ['arcade'],
    before: [...served('arcade', 'basket', { replicas: 2 }), ...served('arcade', 'wishlist')],
    inject: [{ kubectl: ['set', 'image', 'deployment/basket', 'basket=registry.local/app:6'] }],
    shows: restarted('basket-', 2),
    label: { root: 'Deployment/arcade/basket', reasons: ['release', 'image', 'crash', 'application', 'template'] },
  },
];
