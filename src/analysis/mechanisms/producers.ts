/**
 * What is missing is made by somebody: an ExternalSecret, a Certificate, a SealedSecret. Where that one says that it cannot, it is why, or what it
 * needs in turn: a store that is not ready, credentials that are not there.
 */
import type { Dangling } from '../../model/edge.ts';
import { isBuiltInGroup } from '../../model/groups.ts';
import type { Resource } from '../../model/resource.ts';
import { type Case, push, treeAt } from '../case.ts';
import { absent, type Evidence, type Hypothesis, type Subject, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { state } from './fields.ts';
import { kubectlName, type Mechanism } from './mechanism.ts';

/** A mechanism whose blame of what is missing is passed on to who should make it. */
export function throughProducers(mechanism: Mechanism): Mechanism {
  return function* (known, symptom) {
    for (const hypothesis of mechanism(known, symptom)) {
      const { subject } = hypothesis;
      const makers = 'absent' in subject ? producersOf(known, subject) : [];
      for (const maker of makers) yield passedOn(known, hypothesis, maker);
      yield makers.length === 0
        ? hypothesis
        : {
            ...hypothesis,
            evidence: [...hypothesis.evidence, state('somebody should make it, and fails', -weights.state, subject)],
          };
    }
  };
}

/** A custom resource that cannot do its part, for what it needs in turn. */
export function* unready(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { resource, whole, isTold, since, reason, message } = symptom;
  if (isTold || resource.id !== whole.id || resource.kind !== 'Certificate') return;
  const own: Hypothesis = {
    subject: resource,
    reason,
    summary: `${titleOf(resource)} is not ready: ${message}`,
    evidence: [state(`${reason}: ${message}`, weights.named, resource, since)],
    path: [titleOf(resource)],
    remedy: { summary: 'See what it says.', commands: [`kubectl describe ${kubectlName(resource)}`] },
  };
  const needed = neededBy(known, resource, [resource]);
  if (needed) {
    const { path, ...up } = passedOn(known, { ...own, path: [] }, resource);
    yield { ...up, path: path.filter((part, index) => !(part === MAKES && index === path.length - 1)) };
  }
  yield needed
    ? { ...own, evidence: [...own.evidence, state('it is held up by another', -weights.usual, resource)] }
    : own;
}

const failing = new WeakMap<Case, ReadonlyMap<string, readonly Resource[]>>();

/** Custom resources of the namespace that are not well and bear the name of what is missing, or name it in what they are told to make. */
function producersOf(known: Case, { cluster, namespace, name }: Subject): readonly Resource[] {
  let all = failing.get(known);
  if (all === undefined) {
    const found = new Map<string, Resource[]>();
    for (const resource of known.view.resources())
      if (!resource.pseudo && !isBuiltInGroup(resource.group) && isUnwell(resource.health.status))
        push(found, `${resource.cluster} ${resource.namespace}`, resource);
    all = found;
    failing.set(known, all);
  }
  return (all.get(`${cluster} ${namespace}`) ?? []).filter(
    (one) => one.name === name || JSON.stringify(treeAt(known.object(one.id), 'spec') ?? {}).includes(`"${name}"`),
  );
}

/** What somebody makes it does not need. */
const MAKES = 'PRODUCES';
const STEPS_MAX = 4;

/** The blame of whoever is furthest up among those who cannot do their part. */
function passedOn(known: Case, hypothesis: Hypothesis, maker: Resource): Hypothesis {
  const way: Subject[] = [maker];
  const path: string[] = [titleOf(maker), MAKES];
  for (let step = 0; step < STEPS_MAX; step++) {
    const [last] = way;
    const next = last && 'id' in last ? neededBy(known, last, way) : undefined;
    if (next === undefined) break;
    way.unshift(next.subject);
    path.unshift(titleOf(next.subject), next.type);
  }
  const [top = maker] = way;
  const links: Evidence[] = way.map((one) =>
    'absent' in one
      ? state(`${titleOf(one)} does not exist and is needed`, weights.usual, one)
      : state(`${titleOf(one)}: ${one.health.message ?? one.health.reason ?? 'not ready'}`, weights.usual, one),
  );
  return {
    ...hypothesis,
    subject: top,
    reason: 'absent' in top ? `${top.kind}Missing` : `${top.kind}NotReady`,
    summary: `${hypothesis.summary} ${titleOf(maker)} should make it, and cannot${top === maker ? '' : ` because of ${titleOf(top)}`}.`,
    evidence: [...hypothesis.evidence, ...links],
    path: [...path, ...hypothesis.path],
    remedy: {
      summary: `See why ${titleOf(top)} is not ${'absent' in top ? 'there' : 'ready'}.`,
      commands: [`kubectl describe ${kubectlName('absent' in top ? maker : top)}`],
    },
  };
}

interface Needed {
  readonly subject: Subject;
  readonly type: string;
}

/** What somebody needs and does not have: an object that is missing, or another that is not ready itself. */
function neededBy(known: Case, { id, cluster }: Resource, seen: readonly Subject[]): Needed | undefined {
  const broken = known.dangling(id).find((one) => one.type !== MAKES && isMissing(one));
  if (broken) return { subject: absent({ cluster }, broken.target), type: broken.type };
  let found: Needed | undefined;
  known.view.scan(
    id,
    'out',
    (type, other) => {
      if (!other.pseudo && isUnwell(other.health.status) && !seen.includes(other)) found ??= { subject: other, type };
    },
    (type) => type !== 'ABOUT' && type !== 'IN_NAMESPACE' && type !== MAKES,
  );
  return found;
}

function isMissing({ detail }: Dangling): boolean {
  return detail.reason === 'missing' && detail.optional !== true;
}

function isUnwell(status: Resource['health']['status']): boolean {
  return status === 'critical' || status === 'warning';
}
