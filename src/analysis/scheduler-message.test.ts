import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clausesOf } from './scheduler-message.ts';

function shortly(message: string): readonly string[] {
  return clausesOf(message).map(({ nodes = '*', reason, detail }) => `${nodes} ${reason}${detail && ` ${detail}`}`);
}

test('CA60 messages of the scheduler are understood clause by clause, in the words of all its versions', () => {
  const cases: readonly (readonly [message: string, ...clauses: readonly string[]])[] = [
    [
      '0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 Insufficient cpu, 1 node(s) were unschedulable. preemption: 0/4 nodes are available: 2 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.',
      '1 taint node-role.kubernetes.io/control-plane',
      '2 resource cpu',
      '1 cordon',
    ],
    [
      "0/3 nodes are available: 1 node(s) had taint {node-role.kubernetes.io/master: }, that the pod didn't tolerate, 2 Insufficient memory.",
      '1 taint node-role.kubernetes.io/master',
      '2 resource memory',
    ],
    [
      '0/3 nodes are available: 3 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
      '3 taint',
    ],
    ["0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.", '2 selector'],
    ["0/2 nodes are available: 2 node(s) didn't match node selector.", '2 selector'],
    [
      "0/5 nodes are available: 1 Insufficient cpu, 4 node(s) didn't satisfy plugin(s) [NodeAffinity]. preemption: not eligible due to preemptionPolicy=Never.",
      '1 resource cpu',
      '4 selector',
    ],
    ["0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.", '1 ports'],
    [
      "0/2 nodes are available: 1 node(s) didn't match pod anti-affinity rules, 1 node(s) didn't satisfy existing pods anti-affinity rules.",
      '1 anti-affinity',
      '1 anti-affinity-of-others',
    ],
    ["0/2 nodes are available: 2 node(s) didn't match pod affinity/anti-affinity rules.", '2 anti-affinity'],
    ["0/2 nodes are available: 2 node(s) didn't match pod affinity rules.", '2 affinity'],
    [
      "0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints (missing required label).",
      '2 spread',
    ],
    [
      '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
      '* claim-unbound',
    ],
    ['0/1 nodes are available: 1 pod has unbound immediate PersistentVolumeClaims.', '1 claim-unbound'],
    ['0/1 nodes are available: persistentvolumeclaim "data" not found.', '* claim-missing data'],
    ['persistentvolumeclaim "data" not found', '* claim-missing data'],
    [
      '0/3 nodes are available: 2 node(s) had volume node affinity conflict, 1 node(s) were unschedulable.',
      '2 volume-affinity',
      '1 cordon',
    ],
    ["0/3 nodes are available: 3 node(s) didn't match PersistentVolume's node affinity.", '3 volume-affinity'],
    ["0/3 nodes are available: 3 node(s) didn't find available persistent volumes to bind.", '3 volume-none'],
    ['0/3 nodes are available: 1 Too many pods, 2 Insufficient nvidia.com/gpu.', '1 pods', '2 resource nvidia.com/gpu'],
    ['running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded', '* provisioning'],
    ['no nodes available to schedule pods', '* no-nodes'],
  ];
  for (const [message, ...clauses] of cases) assert.deepEqual(shortly(message), clauses, message);
});
