/** Karpenter: pools of nodes, the claims that become nodes, and the classes that say what they are made of. Source: karpenter.sh/v1 (1.8). */
import type { Kind } from '../kind.ts';
import { kind } from '../kind.ts';
import { clusterScoped, Node } from '../refs.ts';
import { names, refersTo } from '../relations.ts';
import { label } from './attributes.ts';
import { columns, healthBy, ready } from './custom-resource.ts';

const GROUP = 'karpenter.sh';

/** Its label names its pool, as does its node's: see label-parents.ts. */
const nodeClaim = kind({
  group: GROUP,
  name: 'NodeClaim',
  plural: 'nodeclaims',
  namespaced: false,
  summary: columns({
    type: label('node.kubernetes.io/instance-type'),
    capacity: label('karpenter.sh/capacity-type'),
    zone: label('topology.kubernetes.io/zone'),
    node: 'status.nodeName',
    ready: '@Ready',
  }),
  health: healthBy({ good: ['Ready'], worrying: ['Drifted'], progressingReasons: ['AwaitingReconciliation'] }),
  relations: [
    refersTo('CONFIGURED_BY', 'spec.nodeClassRef', 'a class of the cloud provider'),
    names('PRODUCES', 'status.nodeName', Node),
  ],
});

const nodePool = kind({
  group: GROUP,
  name: 'NodePool',
  plural: 'nodepools',
  namespaced: false,
  summary: columns({
    nodeClass: 'spec.template.spec.nodeClassRef.name',
    nodes: 'status.nodes',
    ready: '@Ready',
    weight: 'spec.weight',
    cpu: 'status.resources.cpu',
    memory: 'status.resources.memory',
  }),
  health: ready,
  relations: [refersTo('CONFIGURED_BY', 'spec.template.spec.nodeClassRef', 'a class of the cloud provider')],
});

const nodeClass = (group: string, name: string, plural: string): Kind =>
  kind({ ...clusterScoped(group, name), name, plural, summary: columns({ ready: '@Ready' }), health: ready });

export const karpenter: readonly Kind[] = [
  nodeClaim,
  nodePool,
  nodeClass('karpenter.k8s.aws', 'EC2NodeClass', 'ec2nodeclasses'),
  nodeClass('karpenter.azure.com', 'AKSNodeClass', 'aksnodeclasses'),
];
