/** Names that the Gateway API's files share. */
import type { Relation } from './kind.ts';
import { labelled } from './pod-peers.ts';
import { clusterScoped, DaemonSet, Deployment, namespaced, Service, ServiceAccount } from './refs.ts';
import { relation } from './relations.ts';

export const GATEWAY_GROUP = 'gateway.networking.k8s.io';
/** Where the Gateway API tries things out. */
export const GATEWAY_GROUP_X = 'gateway.networking.x-k8s.io';

export const Gateway = namespaced(GATEWAY_GROUP, 'Gateway');
export const GatewayClass = clusterScoped(GATEWAY_GROUP, 'GatewayClass');

const GATEWAY_NAME = `${GATEWAY_GROUP}/gateway-name`;

/** What an in-cluster implementation makes for a Gateway carries its name in a label (GEP-1762). */
export const labelledGateway: Relation = relation(
  'SERVED_BY',
  'metadata.name',
  'Deployment, DaemonSet, Service, or ServiceAccount',
  { confidence: 'naming', note: `those with the label ${GATEWAY_NAME}` },
  ({ name, namespace }) =>
    [Deployment, DaemonSet, Service, ServiceAccount].map((target) =>
      labelled(target, [{ key: GATEWAY_NAME, operator: 'In', values: [name] }], { type: 'names', names: [namespace] }),
    ),
);
