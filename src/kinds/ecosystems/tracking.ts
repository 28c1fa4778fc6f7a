/**
 * Marks that delivery tools, policy engines and meshes leave on objects of any kind. Naming rules: an edge where such an object exists,
 * and silence where not.
 */
import type { Found, Outcome, Relation } from '../kind.ts';
import { namespaced } from '../refs.ts';
import { relation, textAt } from '../relations.ts';

const Application = namespaced('argoproj.io', 'Application');
const Gateway = namespaced('gateway.networking.k8s.io', 'Gateway');
/** Where Argo CD keeps its Applications unless they say otherwise. */
const ARGO_CD = 'argocd';

/** `[namespace_]app:group/Kind:namespace/name`. Copied onto another object it tells of the first one, and is no mark of the second. */
function trackedBy({ value, object, namespace, name }: Found): Outcome | undefined {
  const [, where = ARGO_CD, app, kindName, space, itself] =
    /^(?:([^_:]+)_)?([^:]+):[^/:]*\/([^:]+):([^/]*)\/(.+)$/.exec(String(value)) ?? [];
  if (app === undefined || kindName !== object.kind || itself !== name) return undefined;
  if (namespace !== '' && space !== namespace) return undefined;
  return { target: { by: 'name', group: Application.group, kind: Application.kind, namespace: where, name: app } };
}

const argoCd = relation(
  'MANAGES',
  'metadata.annotations["argocd.argoproj.io/tracking-id"]',
  Application.kind,
  { reverse: true, confidence: 'naming', note: `in the namespace that the id names, ${ARGO_CD} without one` },
  trackedBy,
);

const POLICY_NAMESPACE = 'generate.kyverno.io/policy-namespace';

const kyverno = relation(
  'PRODUCES',
  'metadata.labels["generate.kyverno.io/policy-name"]',
  'ClusterPolicy or Policy',
  { reverse: true, confidence: 'naming', note: `a Policy with the label ${POLICY_NAMESPACE}` },
  ({ value, up }) => {
    const namespace = textAt(up(1), POLICY_NAMESPACE) ?? '';
    const kind = namespace === '' ? 'ClusterPolicy' : 'Policy';
    return { target: { by: 'name', group: 'kyverno.io', kind, namespace, name: String(value) } };
  },
);

/** A waypoint of Istio's ambient mesh; on a Namespace it serves what lives there. */
const waypoint = relation(
  'ATTACHES_TO',
  'metadata.labels["istio.io/use-waypoint"]',
  Gateway.kind,
  { confidence: 'naming', note: 'none is no waypoint; namespace from the label istio.io/use-waypoint-namespace' },
  ({ value, up, object, namespace, name }) => {
    if (value === 'none') return undefined;
    const own = object.kind === 'Namespace' ? name : namespace;
    const where = textAt(up(1), 'istio.io/use-waypoint-namespace') ?? own;
    if (where === '') return undefined;
    return { target: { by: 'name', group: Gateway.group, kind: Gateway.kind, namespace: where, name: String(value) } };
  },
);

export const trackingRelations: readonly Relation[] = [argoCd, kyverno, waypoint];
