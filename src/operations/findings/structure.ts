/** Checks of the shape of things: cycles, pods on their own, routes without rules, deletions that wait. */
import { cycles } from '../../graph/walk/cycles.ts';
import { type Resource, resourceTitle } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { type Check, has, ofKind, type Report, targets } from './check.ts';

export const structureChecks: readonly Check[] = [
  {
    id: 'owner-cycle',
    title: 'Objects own each other',
    severity: 'error',
    todo: 'Remove one of the owner references: the garbage collector deletes none of them as long as they hold each other.',
    run: (view) => cycleReports(view, ['OWNS'], 'they own each other'),
  },
  {
    id: 'dependency-cycle',
    title: 'Deliveries wait for each other',
    severity: 'error',
    todo: 'Remove one of the dependencies: none of them can become ready.',
    run: (view) => cycleReports(view, ['DEPENDS_ON'], 'they wait for each other'),
  },
  {
    id: 'pod-without-controller',
    title: 'A pod without a controller',
    severity: 'info',
    todo: 'Run it from a Deployment, StatefulSet or Job: nothing makes it anew when its node fails or is drained.',
    *run(view) {
      for (const pod of ofKind(view, '', 'Pod')) {
        if (pod.health.reason === 'Completed' || has(view, pod, 'in', 'OWNS')) continue;
        yield { resource: pod, message: 'nothing owns it' };
      }
    },
  },
  {
    id: 'ingress-without-rules',
    title: 'An Ingress routes nowhere',
    severity: 'warning',
    todo: 'Give it rules or a default backend, or delete it.',
    *run(view) {
      for (const ingress of ofKind(view, 'networking.k8s.io', 'Ingress')) {
        const lacking = [...view.dangling(ingress.id)].some(({ type }) => type === 'ROUTES_TO');
        if (lacking || has(view, ingress, 'out', 'ROUTES_TO')) continue;
        yield { resource: ingress, message: 'has no backend at all' };
      }
    },
  },
  {
    id: 'deletion-waits',
    title: 'A deletion waits for a finalizer',
    severity: 'warning',
    todo: 'See whether the controller that sets the finalizer runs; only if it is gone for good, remove the finalizer by hand.',
    *run(view) {
      for (const resource of view.resources()) {
        if (resource.health.reason !== 'Terminating') continue;
        const finalizers = targets(view, resource, 'FINALIZED_BY');
        if (finalizers.length === 0) continue;
        yield {
          resource,
          message: `is being deleted and waits for ${finalizers.map(({ name }) => name).join(', ')}`,
          related: finalizers,
        };
      }
    },
  },
];

function* cycleReports(view: View, types: readonly string[], message: string): Iterable<Report> {
  for (const { members, edges } of cycles(view, types).cycles) {
    const ring = edges
      .map(({ from }) => view.get(from))
      .filter((resource): resource is Resource => resource !== undefined);
    const [first] = ring;
    if (!first) continue;
    const names = [...ring, first].map(resourceTitle).join(' → ');
    const others = members.map((id) => view.get(id)).filter((resource) => resource !== undefined && resource !== first);
    yield { resource: first, message: `${message}: ${names}`, related: others as readonly Resource[] };
  }
}
