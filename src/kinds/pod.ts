/** Pod: what runs. Source: core/v1 Pod. */
import type { V1Container, V1Pod } from '@kubernetes/client-node';
import type { Labels } from '../model/selector.ts';
import { constraintsOfPod } from './ecosystems/openshift-constraints.ts';
import { kind, type Raw } from './kind.ts';
import { adoptionFact, controllerOf } from './owners.ts';
import { podCells, podHealth } from './pod-status.ts';
import { podSpecRelations } from './pod-template.ts';
import { ControllerRevision, Node, PersistentVolumeClaim, ResourceClaim } from './refs.ts';
import { names, namesPseudo, relation, textAt } from './relations.ts';

const MIRROR = 'kubernetes.io/config.mirror';
/** Selectable key of a mirror pod: the uid that its kubelet knows it by, and names in Events. */
export const FIELD_MIRROR = 'field:static-pod-uid';

export const pod = kind<V1Pod>({
  group: '',
  name: 'Pod',
  plural: 'pods',
  shortNames: ['po'],
  namespaced: true,
  summary: (p) => ({
    ...podCells(p),
    ip: p.status?.podIP,
    node: p.spec?.nodeName,
    nominatedNode: p.status?.nominatedNodeName || undefined,
    ports: declaredPorts(p),
  }),
  health: podHealth,
  idle: ({ status }) => status?.phase === 'Succeeded' || status?.phase === 'Failed',
  selectable,
  relations: [
    names('RUNS_ON', 'spec.nodeName', Node),
    names('NOMINATED_TO', 'status.nominatedNodeName', Node, { optional: true }),
    names('USES_DEVICE', 'status.resourceClaimStatuses[*]', ResourceClaim, { name: 'resourceClaimName' }),
    names('USES_DEVICE', 'status.nodeAllocatableResourceClaimStatuses[*]', ResourceClaim, {
      name: 'resourceClaimName',
    }),
    names('USES_DEVICE', 'status.extendedResourceClaimStatus', ResourceClaim, { name: 'resourceClaimName' }),
    namesPseudo(
      'USES_IMAGE',
      'status.{containerStatuses,initContainerStatuses,ephemeralContainerStatuses}[*].imageID',
      'Image',
      {
        note: 'what runs in truth: repository@digest',
        read: ({ value }) => imageFromId(value),
      },
    ),
    relation(
      'CLAIMS',
      'spec.volumes[*].ephemeral',
      'PersistentVolumeClaim',
      { note: 'named <pod>-<volume>, and owned by the pod' },
      ({ up, name, namespace }) => ({
        target: {
          by: 'name',
          group: PersistentVolumeClaim.group,
          kind: PersistentVolumeClaim.kind,
          namespace,
          name: `${name}-${textAt(up(1), 'name') ?? ''}`,
          owned: true,
        },
      }),
    ),
    relation(
      'USES_REVISION',
      'metadata.labels["controller-revision-hash"]',
      'ControllerRevision',
      { confidence: 'naming', note: 'the name for a StatefulSet, the end of the name for a DaemonSet' },
      ({ value, object, namespace }) => {
        const owner = controllerOf(object);
        if (owner === undefined || typeof value !== 'string' || value === '') return undefined;
        const name = value.startsWith(`${owner.name}-`) ? value : `${owner.name}-${value}`;
        return {
          target: { by: 'name', group: ControllerRevision.group, kind: ControllerRevision.kind, namespace, name },
        };
      },
    ),
    ...podSpecRelations('spec'),
    constraintsOfPod,
  ],
});

/** Ports that containers declare, `http:8080/TCP,9090/TCP`: no column of kubectl, but what a Service's targetPort is held against. */
function declaredPorts({ spec }: Raw<V1Pod>): string | undefined {
  let text = '';
  const add = ({ ports = [] }: Raw<V1Container>): void => {
    for (const { name, containerPort, protocol = 'TCP' } of ports)
      text += `${text && ','}${name ? `${name}:` : ''}${containerPort}/${protocol}`;
  };
  for (const container of spec?.containers ?? []) add(container);
  for (const container of spec?.initContainers ?? []) if (container.restartPolicy === 'Always') add(container);
  return text || undefined;
}

function selectable(p: Raw<V1Pod>): Labels | undefined {
  const mirrored = p.metadata?.annotations?.[MIRROR];
  return mirrored === undefined ? adoptionFact(p) : { [FIELD_MIRROR]: mirrored };
}

/** `docker-pullable://repo@sha256:…` without the scheme of the runtime. */
function imageFromId(id: unknown): string | undefined {
  return typeof id === 'string' ? id.replace(/^[a-z-]+:\/\//, '') : undefined;
}
