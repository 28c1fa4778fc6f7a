/**
 * Somebody is refused: the Secret with the credentials was changed, or who asks still holds the old ones, or whoever refuses does not know the user any
 * more.
 */
import type { Resource } from '../../model/resource.ts';
import { callersOf } from '../calls.ts';
import { type Case, milliseconds } from '../case.ts';
import type { ObjectChange } from '../changes.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { storeOf } from '../stores.ts';
import type { Symptom } from '../symptoms.ts';
import { changed, spoken } from './evidence.ts';
import { fieldChange, state } from './fields.ts';
import { changeBefore, changeEvidence, downTo, kubectlName } from './mechanism.ts';
import { saidAbout } from './said.ts';
import { startedBefore } from './started.ts';

const BY_ENVIRONMENT = ['READS_SECRET', 'READS'];
const BY_VOLUME = ['MOUNTS', 'USES_SECRET'];

export function* credentials(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const said = saidAbout(known, symptom).find(({ clue: { type } }) => type === 'unauthenticated');
  if (said === undefined) return;
  const { whole, since } = symptom;
  const named = spoken(said, weights.usual);
  let isExplained = false;
  for (const { holder, byEnvironment } of holdersOf(known, symptom)) {
    const change = changeBefore(
      known,
      holder,
      since,
      ({ verb, fields }) => verb === 'changed' && fields.every(({ path }) => !path.startsWith('metadata')),
    );
    if (change === undefined) continue;
    isExplained = true;
    const old = byEnvironment ? startedBefore(known, symptom, change.at) : undefined;
    yield old ? stale(symptom, holder, change, named, old) : rejected(symptom, holder, change, named);
  }
  const own = fieldChange(known, whole, since, /\.(?:env|envFrom|args)\b/, 'spec', 'template');
  if (own) {
    isExplained = true;
    yield {
      subject: whole,
      reason: 'WrongCredentials',
      summary: `${titleOf(whole)} is refused since its environment was changed.`,
      evidence: [named, ...changed(own, since), state('it gives its own credentials', weights.usual, whole)],
      path: downTo(symptom),
      remedy: { summary: 'Mend the credentials.', commands: [`kubectl edit ${kubectlName(whole)}`] },
    };
  }
  const store = storeOf(known, symptom);
  if (whole.pseudo && store && callersOf(known, store) <= 1 && beganAnew(known, symptom)) yield anew(symptom, named);
  if (store) yield refuses(known, symptom, store, [spoken(said, isExplained ? weights.usual : weights.state)]);
}

/** Nothing but logs is known, and they tell that it begins anew again and again: credentials are read at the start. */
function beganAnew(known: Case, { whole, resource, since }: Symptom): boolean {
  const told = [...new Set([whole.id, resource.id])].flatMap((id) => known.told(id));
  const starts = told.filter(
    ({ at, occurrence: { source, message = '' } }) =>
      source === 'log' && milliseconds(at) >= since - BEFORE_MS && STARTS.test(message),
  );
  return starts.length > 1;
}

const BEFORE_MS = 60_000;
const STARTS =
  /\b(?:starting|started|booting|initiali[sz]ing|initiali[sz]ation|listening on|application run failed)\b/i;

function anew(symptom: Symptom, named: Evidence): Hypothesis {
  const { whole } = symptom;
  return {
    subject: whole,
    reason: 'WrongCredentials',
    summary: `${titleOf(whole)} is refused since it began anew, and nobody else is.`,
    evidence: [named, state('it begins anew again and again, and nobody else is refused', weights.state, whole)],
    path: downTo(symptom),
    remedy: { summary: 'See which credentials it is given.', commands: [`kubectl describe ${kubectlName(whole)}`] },
  };
}

/** ConfigMaps and Secrets that the sufferer reads; by environment is once, at its start. */
function holdersOf(
  known: Case,
  { resource, whole }: Symptom,
): readonly { readonly holder: Resource; readonly byEnvironment: boolean }[] {
  const found = new Map<string, { readonly holder: Resource; readonly byEnvironment: boolean }>();
  for (const reader of new Set([resource, whole, ...known.pods(whole).slice(0, 1)]))
    for (const type of [...BY_VOLUME, ...BY_ENVIRONMENT])
      for (const holder of known.targets(reader.id, type))
        if (holder.kind === 'Secret' || holder.kind === 'ConfigMap')
          found.set(holder.id, { holder, byEnvironment: BY_ENVIRONMENT.includes(type) });
  return [...found.values()];
}

function stale(symptom: Symptom, secret: Resource, change: ObjectChange, named: Evidence, started: number): Hypothesis {
  const { whole, since } = symptom;
  return {
    subject: whole,
    reason: 'StaleCredentials',
    summary: `${titleOf(whole)} still holds the credentials that ${titleOf(secret)} had before it was changed.`,
    evidence: [
      named,
      changeEvidence(change, since),
      state('it has run since before that, and reads them at its start only', weights.usual, whole, started),
    ],
    path: downTo(symptom),
    remedy: { summary: 'Restart it.', commands: [`kubectl rollout restart ${kubectlName(whole)}`] },
  };
}

function rejected(symptom: Symptom, secret: Resource, change: ObjectChange, named: Evidence): Hypothesis {
  return {
    subject: secret,
    reason: `${secret.kind}CredentialsRejected`,
    summary: `What ${titleOf(secret)} holds since it was changed is not accepted.`,
    evidence: [
      named,
      ...changed(change, symptom.since),
      state(`${titleOf(symptom.whole)} reads it`, secret.kind === 'Secret' ? weights.usual : weights.edge, secret),
    ],
    path: [titleOf(secret), 'READS_SECRET', ...downTo(symptom)],
    remedy: {
      summary: 'Put the credentials back that are accepted, then restart who reads them.',
      commands: [`kubectl edit ${kubectlName(secret)}`, `kubectl rollout restart ${kubectlName(symptom.whole)}`],
    },
  };
}

/** Nothing was changed on the side of who asks: users, rights and passwords live in the store. */
function refuses(known: Case, symptom: Symptom, store: Resource, evidence: readonly Evidence[]): Hypothesis {
  const callers = callersOf(known, store);
  return {
    subject: store,
    reason: 'AccessRefused',
    summary: `${titleOf(store)} refuses ${titleOf(symptom.whole)}.`,
    evidence: [
      ...evidence,
      state(`${titleOf(symptom.whole)} keeps its data there`, weights.edge, store),
      ...(callers > 1 ? [state(`it refuses ${callers} applications`, weights.usual, store)] : []),
    ],
    path: [titleOf(store), 'CALLS', ...downTo(symptom)],
    remedy: { summary: 'See which users and rights it has.', commands: [`kubectl logs ${kubectlName(store)}`] },
  };
}
