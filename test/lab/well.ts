/** Whether an application has come up: everything that is to be ready is, and what is to end has ended. */
import type { KubeObject } from '../../src/model/change.ts';

interface Status {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly readyReplicas?: number;
  readonly updatedReplicas?: number;
  readonly numberReady?: number;
  readonly desiredNumberScheduled?: number;
  readonly phase?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

export function isWell(objects: readonly KubeObject[]): boolean {
  return objects.every((object) => {
    if (object.metadata.namespace === 'kube-system') return true;
    const status = (object['status'] ?? {}) as Status;
    const spec = (object['spec'] ?? {}) as { replicas?: number };
    const seen = status.observedGeneration === (object.metadata as { generation?: number }).generation;
    switch (object.kind) {
      case 'Deployment':
      case 'StatefulSet':
        return seen && same(spec.replicas ?? 1, status.readyReplicas, status.replicas);
      case 'DaemonSet':
        return seen && status.desiredNumberScheduled === status.numberReady;
      case 'Job':
        return status.conditions?.some(({ type, status: is }) => type === 'Complete' && is === 'True') ?? false;
      case 'Pod':
        return status.phase === 'Succeeded' || isTrue(status, 'Ready');
      case 'PersistentVolumeClaim':
        return status.phase === 'Bound';
      default:
        return true;
    }
  });
}

function same(wanted: number, ...counts: readonly (number | undefined)[]): boolean {
  return counts.every((count) => (count ?? 0) === wanted);
}

function isTrue({ conditions = [] }: Status, wanted: string): boolean {
  return conditions.some(({ type, status }) => type === wanted && status === 'True');
}
