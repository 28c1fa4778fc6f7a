/**
 * Everything runs, and it does not work since a ConfigMap or Secret that it reads was changed, or one with the feature flags that it asks somebody for.
 * No pod needs to start anew for that.
 */
import type { Resource } from '../../model/resource.ts';
import { declaredCallees } from '../calls.ts';
import type { Case } from '../case.ts';
import type { ObjectChange } from '../changes.ts';
import { flagsChanged, flagsOn, holdsFlags, speaksOf } from '../flags.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { appOf, workloadsIn } from '../services.ts';
import type { Symptom } from '../symptoms.ts';
import { changed, spoken } from './evidence.ts';
import { state } from './fields.ts';
import { changeBefore, downTo, kubectlName, recency } from './mechanism.ts';
import { type Said, saidAbout } from './said.ts';
import { startedBefore } from './started.ts';

const READS = ['MOUNTS', 'READS', 'READS_SECRET', 'USES_SECRET', 'USES_CONFIG'];

const ENVIRONMENT = new Set(['READS', 'READS_SECRET']);

/** Something that holds settings, and the way from it to who suffers. */
interface Held {
  readonly holder: Resource;
  readonly path: readonly string[];
  /** Somebody else reads it, and is asked. */
  readonly isAsked: boolean;
  /** It is read once, when a container starts. */
  readonly isEnvironment: boolean;
}

export function* settings(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  if (!symptom.isTold) return;
  const said = saidAbout(known, symptom);
  for (const held of heldFor(known, symptom)) {
    const change = changeBefore(known, held.holder, symptom.since, matters);
    if (change === undefined || recency(change.at, symptom.since) < 0.2) continue;
    if (held.isEnvironment && !held.isAsked && startedBefore(known, symptom, change.at)) continue;
    yield hypothesisOf(known, symptom, held, change, said);
  }
}

function matters({ verb, fields, known }: ObjectChange): boolean {
  return verb === 'changed' && (known === 'written' || fields.some(({ path }) => /^(?:data|binaryData)\b/.test(path)));
}

function heldFor(known: Case, symptom: Symptom): Iterable<Held> {
  const found = new Map<string, Held>();
  const down = downTo(symptom);
  const own = readBy(known, symptom.whole, symptom.resource);
  for (const { holder, type } of own)
    found.set(holder.id, {
      holder,
      path: [titleOf(holder), type, ...down],
      isAsked: false,
      isEnvironment: ENVIRONMENT.has(type),
    });
  for (const service of declaredCallees(known, symptom)) {
    const asked = appOf(known, service);
    for (const { holder, type } of readBy(known, asked, asked))
      if (!found.has(holder.id) && holdsFlags(known.object(holder.id)))
        found.set(holder.id, {
          holder,
          path: [titleOf(holder), type, titleOf(asked), 'CALLS', ...down],
          isAsked: true,
          isEnvironment: ENVIRONMENT.has(type),
        });
  }
  return found.values();
}

function readBy(
  known: Case,
  whole: Resource,
  resource: Resource,
): readonly { readonly holder: Resource; readonly type: string }[] {
  const readers = new Set([resource, whole, ...known.pods(whole).slice(0, 1)]);
  return [...readers].flatMap(({ id }) =>
    READS.flatMap((type) =>
      known
        .targets(id, type)
        .filter(({ kind, name }) => (kind === 'ConfigMap' || kind === 'Secret') && name !== 'kube-root-ca.crt')
        .map((holder) => ({ holder, type })),
    ),
  );
}

function hypothesisOf(
  known: Case,
  symptom: Symptom,
  { holder, path, isAsked }: Held,
  change: ObjectChange,
  said: readonly Said[],
): Hypothesis {
  const { whole, since } = symptom;
  const isFlags = holdsFlags(known.object(holder.id));
  const evidence: Evidence[] = [
    {
      kind: 'edge',
      text: `${titleOf(whole)} ${isAsked ? 'asks for' : 'reads'} what ${titleOf(holder)} says`,
      resource: holder,
      weight: weights.edge,
    },
    ...changed(change, since),
  ];
  if (isFlags) evidence.push(...flagEvidence(known, symptom, holder, change));
  else evidence.push(...wordsOf(said, holder, change));
  if (symptom.tentative) evidence.push(state('perhaps it always erred a little', -weights.usual, whole));
  return {
    subject: holder,
    reason: isFlags
      ? 'FeatureFlagChanged'
      : holder.kind === 'Secret'
        ? 'SecretChangeBrokeApp'
        : 'ConfigMapChangeBrokeApp',
    summary: `${titleOf(whole)} does not work as it did since ${titleOf(holder)} was changed.`,
    evidence,
    path,
    remedy: { summary: 'Take back the change.', commands: [`kubectl edit ${kubectlName(holder)}`] },
  };
}

/** A flag that speaks of the sufferer, or of somebody else. */
function flagEvidence(known: Case, { whole }: Symptom, holder: Resource, change: ObjectChange): readonly Evidence[] {
  const versions = known.estate.versions(holder.id);
  const index = versions.findLastIndex(({ at }) => Math.abs(Date.parse(at) - change.at) < 1_000);
  const isSeen = change.known === 'seen' && index > 0;
  const flags = isSeen
    ? flagsChanged(versions[index - 1]?.object, versions[index]?.object)
    : flagsOn(known.object(holder.id));
  const own = flags.find((flag) => speaksOf(flag, whole.name));
  if (own !== undefined) return [state(`flag ${own} ${isSeen ? 'was changed' : 'is on'}`, weights.state, holder)];
  const others = workloadsIn(known, whole).filter(({ name }) => flags.some((flag) => speaksOf(flag, name)));
  const related = others.find((other) => isRelated(known, whole, other));
  if (related)
    return [
      state(`a flag that ${isSeen ? 'was changed' : 'is on'} speaks of ${titleOf(related)}`, weights.usual, holder),
    ];
  if (others.length > 0 && isSeen)
    return [state(`the flag that was changed speaks of ${others.map(titleOf).join(', ')}`, -weights.state, holder)];
  return [state('it holds feature flags', isSeen ? weights.usual : weights.edge, holder)];
}

/** What the sufferer says that fits: of its configuration, of a host or a key that was changed. */
function wordsOf(said: readonly Said[], { kind }: Resource, { fields }: ObjectChange): readonly Evidence[] {
  const changedText = fields
    .map(({ path, after }) => `${path} ${JSON.stringify(after ?? '')}`)
    .join(' ')
    .toLowerCase();
  const fit = said.find(({ clue }) => {
    switch (clue.type) {
      case 'configuration':
        return kind === 'ConfigMap';
      case 'unauthenticated':
        return kind === 'Secret';
      case 'connection':
      case 'lookup':
        return clue.host !== '' && changedText.includes(clue.host);
      case 'variable':
        return changedText.includes(clue.name.toLowerCase());
      default:
        return false;
    }
  });
  if (fit) return [spoken(fit, weights.state)];
  const others = said.some(({ clue: { type } }) => type === 'connection' || type === 'lookup');
  return others ? [state('what is said speaks of something else', -weights.usual)] : [];
}

/** One calls the other. */
function isRelated(known: Case, a: Resource, b: Resource): boolean {
  const calls = (from: Resource, to: Resource): boolean =>
    [from, ...known.pods(from).slice(0, 1)].some(({ id }) =>
      known.targets(id, 'CALLS').some((service) => appOf(known, service).id === to.id),
    );
  return calls(a, b) || calls(b, a);
}
