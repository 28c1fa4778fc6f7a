/** Checks of selectors that select nothing, nothing healthy, or what another one selects as well. */
import type { Resource } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { type Check, has, ofKind, type Report, sources, targets } from './check.ts';

export const selectionChecks: readonly Check[] = [
  {
    id: 'service-leads-nowhere',
    title: 'A Service leads nowhere',
    severity: 'warning',
    todo: 'Compare spec.selector with the labels of the pods meant (kubectl get pods --show-labels), or delete the Service.',
    *run(view) {
      for (const service of ofKind(view, '', 'Service')) {
        if (service.summary['type'] === 'ExternalName' || has(view, service, 'out', 'SELECTS')) continue;
        if (hasEndpoints(view, service)) continue;
        yield { resource: service, message: 'selects no pod, and nothing else gives it endpoints' };
      }
    },
  },
  {
    id: 'service-without-ready-pods',
    title: 'A Service has no healthy pod',
    severity: 'error',
    todo: 'See what is wrong with its pods: ask for one of them and for what it mounts and reads.',
    *run(view) {
      for (const service of ofKind(view, '', 'Service')) {
        const pods = targets(view, service, 'SELECTS');
        if (pods.length === 0 || pods.some(({ health }) => health.status === 'healthy' || health.status === 'unknown'))
          continue;
        yield { resource: service, message: `none of its ${pods.length} pods is ready`, related: pods.slice(0, 10) };
      }
    },
  },
  {
    id: 'webhook-unserved',
    title: 'An admission webhook has nobody to answer it',
    severity: 'error',
    todo: 'Bring the pods of the Service back: until then the API server refuses (failurePolicy Fail) or lets pass (Ignore) what it intercepts.',
    *run(view) {
      for (const kind of ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration']) {
        for (const webhook of ofKind(view, 'admissionregistration.k8s.io', kind)) {
          for (const service of targets(view, webhook, 'SENT_TO')) {
            if (service.kind !== 'Service' || isServed(view, service)) continue;
            yield {
              resource: webhook,
              message: `its Service ${service.namespace}/${service.name} has no healthy pod`,
              related: [service],
            };
          }
        }
      }
    },
  },
  {
    id: 'budget-protects-nothing',
    title: 'A PodDisruptionBudget protects no pod',
    severity: 'warning',
    todo: 'Compare its selector with the labels of the pods meant.',
    run: (view) => selectingNothing(view, 'policy', 'PodDisruptionBudget', 'PROTECTS', 'protects no pod'),
  },
  {
    id: 'policy-applies-to-nothing',
    title: 'A NetworkPolicy applies to no pod',
    severity: 'info',
    todo: 'Compare podSelector with the labels of the pods meant; a policy that applies to nothing restricts nothing.',
    run: (view) => selectingNothing(view, 'networking.k8s.io', 'NetworkPolicy', 'APPLIES_TO', 'applies to no pod'),
  },
  {
    id: 'budgets-overlap',
    title: 'Two PodDisruptionBudgets protect one pod',
    severity: 'warning',
    todo: 'Narrow the selectors so that each pod has one budget: the API server refuses to evict pods with two, so drains fail.',
    run: (view) => sharedTargets(view, 'policy', 'PodDisruptionBudget', 'PROTECTS', 'PodDisruptionBudgets protect it'),
  },
  {
    id: 'autoscalers-fight',
    title: 'Two HorizontalPodAutoscalers scale one workload',
    severity: 'error',
    todo: 'Keep one and give it all metrics: two undo each other’s decisions.',
    run: (view) =>
      sharedTargets(view, 'autoscaling', 'HorizontalPodAutoscaler', 'SCALES', 'HorizontalPodAutoscalers scale it'),
  },
  {
    id: 'budget-blocks-drains',
    title: 'A PodDisruptionBudget lets no pod go though all are healthy',
    severity: 'warning',
    todo: 'Raise the replicas or maxUnavailable, or lower minAvailable: as it is no node with such a pod can be drained.',
    *run(view) {
      for (const budget of ofKind(view, 'policy', 'PodDisruptionBudget')) {
        if (budget.summary['allowedDisruptions'] !== 0) continue;
        const pods = targets(view, budget, 'PROTECTS');
        if (pods.length === 0 || pods.some(({ health }) => health.status !== 'healthy')) continue;
        yield {
          resource: budget,
          message: `allows no disruption of its ${pods.length} healthy pods`,
          related: pods.slice(0, 10),
        };
      }
    },
  },
];

function* selectingNothing(view: View, group: string, kind: string, type: string, message: string): Iterable<Report> {
  for (const resource of ofKind(view, group, kind)) if (!has(view, resource, 'out', type)) yield { resource, message };
}

/** Whatever two or more resources of a kind have as their target. */
function* sharedTargets(view: View, group: string, kind: string, type: string, what: string): Iterable<Report> {
  const claims = new Map<Resource, Resource[]>();
  for (const resource of ofKind(view, group, kind)) {
    for (const target of targets(view, resource, type)) {
      const known = claims.get(target);
      if (known) known.push(resource);
      else claims.set(target, [resource]);
    }
  }
  for (const [resource, related] of claims) {
    if (related.length > 1) yield { resource, message: `${related.length} ${what}`, related };
  }
}

/** Endpoints kept by a controller or by hand, where the Service selects nothing itself. */
function hasEndpoints(view: View, service: Resource): boolean {
  for (const { summary } of sources(view, service, 'BACKS')) if (summary['endpoints']) return true;
  return false;
}

function isServed(view: View, service: Resource): boolean {
  for (const { health } of targets(view, service, 'SELECTS')) if (health.status === 'healthy') return true;
  return !has(view, service, 'out', 'SELECTS') && hasEndpoints(view, service);
}
