/** Checks of references that lead nowhere: one general, and names for the ones people look for. */
import type { Dangling } from '../../model/edge.ts';
import { edgeInfo } from '../../model/edges.ts';
import { compareText } from '../../model/order.ts';
import { type Resource, resourceTitle } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { danglingSentence } from '../find-dangling.ts';
import { beyondRecording, isShipped } from '../shared/absent.ts';
import { compareResources } from '../shared/page.ts';
import { wholeOf } from '../shared/wholes.ts';
import type { Check, FindingSeverity, Report } from './check.ts';

interface Named {
  readonly id: string;
  readonly title: string;
  readonly severity: FindingSeverity;
  readonly todo: string;
  /** Kinds whose references of the type are no concern of the check. */
  readonly except?: readonly string[];
}

/** Edge types whose dangling references have a check of their own. */
const byType: Readonly<Record<string, Named>> = {
  ROUTES_TO: {
    id: 'route-without-backend',
    title: 'A route leads to a Service that is not there',
    severity: 'error',
    except: ['EndpointSlice', 'Endpoints'],
    todo: 'Create the Service, or correct its name or namespace in the route; clients get errors meanwhile.',
  },
  SCALES: {
    id: 'autoscaler-without-target',
    title: 'An autoscaler has no target',
    severity: 'error',
    todo: 'Correct scaleTargetRef (kind, name, apiVersion; same namespace), or delete the autoscaler.',
  },
  BINDS: {
    id: 'binding-without-role',
    title: 'A binding grants a role that is not there',
    severity: 'warning',
    todo: 'Create the role or delete the binding: whoever creates a role of that name later would grant it unseen.',
  },
  GRANTS_TO: {
    id: 'binding-without-subject',
    title: 'A binding grants to a ServiceAccount that is not there',
    severity: 'warning',
    todo: 'Correct the subject (its namespace too) or remove it: whoever creates that account gets these rights.',
  },
  SENT_TO: {
    id: 'webhook-without-service',
    title: 'An admission webhook sends requests to a Service that is not there',
    severity: 'error',
    todo: 'Restore the Service or delete the webhook configuration: with failurePolicy Fail the API server refuses what it intercepts.',
  },
  SERVED_BY: {
    id: 'api-without-service',
    title: 'An aggregated API is served by a Service that is not there',
    severity: 'error',
    todo: 'Restore the Service or delete the APIService: discovery and namespace deletion suffer cluster-wide.',
  },
};

const general: Omit<Check, 'run'> = {
  id: 'dangling-reference',
  title: 'A reference without a usable target',
  severity: 'warning',
  todo: 'Create what is missing, correct the name or namespace in the field named, or mark the reference optional if it is.',
};

const owned = new Set(['OWNS']);

export const referenceChecks: readonly Check[] = [
  ...Object.values(byType).map(
    (named): Check => ({
      ...named,
      *run(view) {
        yield* folded(view, (dangling) => namedFor(view, dangling) === named);
      },
    }),
  ),
  {
    ...general,
    *run(view) {
      yield* folded(view, (dangling) => !namedFor(view, dangling) && !owned.has(dangling.type), severityOf);
    },
  },
  {
    id: 'owner-in-another-namespace',
    title: 'An owner lives in another namespace',
    severity: 'error',
    todo: 'Remove the owner reference or move one of the two: the garbage collector takes the owner for gone and deletes the object.',
    *run(view) {
      for (const { resource, owner } of lostOwners(view)) {
        if (!owner || owner.namespace === '' || owner.namespace === resource.namespace) continue;
        yield { resource, message: `its owner ${resourceTitle(owner)} lives in another namespace`, related: [owner] };
      }
    },
  },
  {
    id: 'owner-gone',
    title: 'An owner is gone',
    severity: 'warning',
    todo: 'Nothing, if the garbage collector is about to delete it; otherwise the owner reference is stale: remove it.',
    *run(view) {
      for (const { resource, owner, dangling } of lostOwners(view)) {
        if (owner) continue;
        const { kind, name } = dangling.target;
        yield {
          resource,
          message: `its owner ${kind}/${name} (uid ${dangling.target.uid ?? 'unknown'}) does not exist`,
        };
      }
    },
  },
];

/** The check of its own that a dangling reference has, if any. */
function namedFor(view: View, { type, from }: Dangling): Named | undefined {
  const named = Object.hasOwn(byType, type) ? byType[type] : undefined;
  return named?.except?.includes(view.get(from)?.kind ?? '') ? undefined : named;
}

/**
 * One report for all that a workload and its parts (ReplicaSets, Jobs, pods) say of one target: of the whole where that says it itself. What
 * Kubernetes ships is left out, and what a partial recording does not hold is a hint.
 */
function* folded(
  view: View,
  wants: (dangling: Dangling) => boolean,
  severityOf?: (dangling: Dangling) => FindingSeverity,
): Iterable<Report> {
  const isUnknown = beyondRecording(view);
  const groups = new Map<string, { readonly whole: Resource; readonly members: Member[] }>();
  for (const dangling of view.dangling()) {
    const resource = view.get(dangling.from);
    if (resource === undefined || isShipped(resource) || !wants(dangling)) continue;
    const whole = wholeOf(view, resource);
    const key = [whole.id, dangling.target.group, resourceTitle(dangling.target), dangling.detail.reason].join(' ');
    const group = groups.get(key) ?? { whole, members: [] };
    groups.set(key, group);
    group.members.push({ dangling, resource, severity: severityOf?.(dangling) });
  }
  for (const { whole, members } of groups.values()) {
    members.sort(
      (a, b) =>
        Number(b.resource === whole) - Number(a.resource === whole) ||
        compareResources(a.resource, b.resource) ||
        compareText(a.dangling.detail.field, b.dangling.detail.field),
    );
    const [first] = members;
    if (first === undefined) continue;
    const { resource, dangling } = first;
    const severity = (['error', 'warning', 'info'] as const).find((each) =>
      members.some((one) => one.severity === each),
    );
    const related = [...new Set(members.map((member) => member.resource))].filter((other) => other !== resource);
    const unknown = isUnknown(resource.cluster, dangling.target);
    yield {
      resource,
      message: `${danglingSentence(dangling)}${unknown ? ': the recording holds nothing of that kind' : ''}`,
      related: related.slice(0, RELATED_MAX),
      ...(unknown ? { severity: 'info' } : severity && { severity }),
    };
  }
}

interface Member {
  readonly dangling: Dangling;
  readonly resource: Resource;
  readonly severity: FindingSeverity | undefined;
}

const RELATED_MAX = 10;

/** A reference matters as much as what its loss would do; what is refused or stale was never meant so. */
function severityOf({ type, detail }: Dangling): FindingSeverity {
  if (detail.optional) return 'info';
  const { against } = edgeInfo(type);
  if (detail.reason !== 'missing') return against === undefined ? 'warning' : 'error';
  return against === 'breaks' ? 'error' : against === 'degrades' ? 'warning' : 'info';
}

interface LostOwner {
  readonly resource: Resource;
  /** The object of the owner's uid, where it exists and does not count as an owner. */
  readonly owner: Resource | undefined;
  readonly dangling: Dangling;
}

function* lostOwners(view: View): Iterable<LostOwner> {
  for (const dangling of view.dangling()) {
    if (!owned.has(dangling.type)) continue;
    const resource = view.get(dangling.from);
    const { uid } = dangling.target;
    if (resource)
      yield { resource, owner: uid === undefined ? undefined : view.get(`${resource.cluster}/${uid}`), dangling };
  }
}
