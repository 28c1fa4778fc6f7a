/**
 * What stands between caller and callee besides the network: routes, gateways, and the policies of a service mesh. They leave no trace but an answer that
 * the application never gave, so that it counts which of them applies and was changed shortly before. Sources: networking.istio.io, security.istio.io,
 * gateway.networking.k8s.io, policy.linkerd.io.
 */
import type { Resource } from '../../model/resource.ts';
import { callsOf, declaredCallees } from '../calls.ts';
import type { Case } from '../case.ts';
import type { ObjectChange } from '../changes.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { podsOf, serviceNamed } from '../services.ts';
import type { Symptom } from '../symptoms.ts';
import { changed, spoken } from './evidence.ts';
import { state } from './fields.ts';
import { changeBefore, downTo, kubectlName, recency } from './mechanism.ts';
import { saidAbout } from './said.ts';

const POLICIES =
  /^(?:AuthorizationPolicy|PeerAuthentication|RequestAuthentication|Sidecar|EnvoyFilter|Server|ServerAuthorization|MeshTLSAuthentication|HTTPLocalRateLimitPolicy|BackendTrafficPolicy|SecurityPolicy|BackendTLSPolicy)$/;
const ROUTES =
  /^(?:Ingress|HTTPRoute|GRPCRoute|TCPRoute|TLSRoute|VirtualService|DestinationRule|ServiceProfile|IngressRoute|HTTPProxy|Mapping|TrafficSplit|Gateway)$/;
/** Labels of a Namespace by which a mesh takes it in. */
const MESHED = /istio\.io|istio-injection|linkerd\.io|cilium\.io/;

export function* routing(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  if (!symptom.isTold && !/^(?:Unready|CrashLoopBackOff)$/.test(symptom.reason) && symptom.resource.kind !== 'Service')
    return;
  const said = saidAbout(known, symptom).find(({ clue }) => clue.type === 'denied' || clue.type === 'certificate');
  const seen = new Set<string>();
  for (const { service, path } of servicesOf(known, symptom))
    for (const { subject, type, word } of betweens(known, service)) {
      if (seen.has(subject.id)) continue;
      seen.add(subject.id);
      const change = changeBefore(known, subject, symptom.since, (one) => isMeant(one, subject));
      if (change === undefined || recency(change.at, symptom.since) < 0.5) continue;
      const evidence: Evidence[] = [
        {
          kind: 'edge',
          text: `${titleOf(subject)} ${word} ${titleOf(service)}`,
          resource: subject,
          weight: weights.edge,
        },
        ...changed(
          change.verb === 'created' ? { ...change, fields: [{ path: 'metadata.creationTimestamp' }] } : change,
          symptom.since,
        ),
        ...(said ? [spoken(said, weights.state)] : [state('nothing that was said speaks of it', 0, subject)]),
      ];
      yield hypothesisOf(symptom, subject, evidence, [titleOf(subject), type, ...path]);
    }
}

/** A route or policy in all of it; of a Namespace only what takes it into a mesh. */
function isMeant({ fields, verb }: ObjectChange, { kind }: Resource): boolean {
  if (kind !== 'Namespace') return true;
  return verb === 'changed' && fields.some(({ path }) => path.startsWith('metadata.labels') && MESHED.test(path));
}

function hypothesisOf(
  symptom: Symptom,
  subject: Resource,
  evidence: readonly Evidence[],
  path: readonly string[],
): Hypothesis {
  const isPolicy = POLICIES.test(subject.kind) || subject.kind === 'Namespace';
  return {
    subject,
    reason: isPolicy ? 'MeshPolicyDenies' : 'RouteChanged',
    summary: `Calls to ${titleOf(symptom.whole)} do not arrive as they did since ${titleOf(subject)} was changed.`,
    evidence,
    path,
    remedy: { summary: 'Take back the change.', commands: [`kubectl edit ${kubectlName(subject)}`] },
  };
}

/** Services on the way: the sufferer's own, and those that it complains of. */
function* servicesOf(
  known: Case,
  symptom: Symptom,
): Iterable<{ readonly service: Resource; readonly path: readonly string[] }> {
  const path = downTo(symptom);
  const own = symptom.resource.kind === 'Service' ? symptom.resource : serviceNamed(known, symptom.whole);
  // A pod that is not ready is asked by its kubelet, past everything that stands before its Service.
  if (own && !own.pseudo && (symptom.isTold || own === symptom.resource)) yield { service: own, path };
  const called = callsOf(known, symptom).flatMap(({ callee }) => (callee && 'id' in callee ? [callee] : []));
  for (const callee of [...called, ...(symptom.isTold ? [] : declaredCallees(known, symptom))])
    if (callee.kind === 'Service' && !callee.pseudo)
      yield { service: callee, path: [titleOf(callee), 'CALLS', ...path] };
}

interface Between {
  readonly subject: Resource;
  readonly type: string;
  readonly word: string;
}

function* betweens(known: Case, service: Resource): Iterable<Between> {
  for (const type of ['ROUTES_TO', 'APPLIES_TO', 'MIRRORS_TO', 'CONFIGURED_BY'])
    for (const route of known.sources(service.id, type)) {
      if (!ROUTES.test(route.kind) && !POLICIES.test(route.kind)) continue;
      yield { subject: route, type, word: 'leads to' };
      for (const gateway of known.targets(route.id, 'ATTACHES_TO'))
        if (ROUTES.test(gateway.kind)) yield { subject: gateway, type: 'ATTACHES_TO', word: 'lets in what goes to' };
    }
  const [pod] = podsOf(known, service);
  if (pod)
    for (const policy of known.sources(pod.id, 'APPLIES_TO'))
      if (POLICIES.test(policy.kind)) yield { subject: policy, type: 'APPLIES_TO', word: 'applies to' };
  const { cluster, namespace: name } = service;
  const namespace = known.view.byName({ cluster, group: '', kind: 'Namespace', namespace: '', name });
  if (namespace) yield { subject: namespace, type: 'IN_NAMESPACE', word: 'holds' };
}
