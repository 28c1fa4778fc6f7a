/**
 * Who is called and suffers itself, or is complained of by all who call it: failure travels up from there. What explains the one who is called
 * explains the caller.
 */
import type { Resource } from '../../model/resource.ts';
import { type Call, type Calling, callersOf, callsOf, declaredCallees, symptomsIn } from '../calls.ts';
import type { Case } from '../case.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { appOf } from '../services.ts';
import { isStore, storeOf } from '../stores.ts';
import { type Symptom, symptomsOf } from '../symptoms.ts';
import { spoken } from './evidence.ts';
import { state } from './fields.ts';
import { downTo, kubectlName } from './mechanism.ts';

const MINUTE = 60_000;
/** So much later than who calls it may someone be seen to suffer who is why: alerts wait, and probes take their time. */
const LATER_MS = 10 * MINUTE;

export function* callees(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const named = new Map<string, { readonly app: Resource; readonly call: Call }>();
  for (const call of callsOf(known, symptom)) {
    if (call.callee === undefined || 'absent' in call.callee) continue;
    const app = appOf(known, call.callee);
    if (app.id !== symptom.whole.id && !named.has(app.id)) named.set(app.id, { app, call });
  }
  for (const { app, call } of named.values()) {
    const versions = versionsOf(known, app);
    for (const one of versions.length > 0 ? versions : [app]) yield complained(known, symptom, one, call);
  }
  if (named.size === 0) yield* storeBehind(known, symptom);
  for (const service of declaredCallees(known, symptom)) {
    const app = appOf(known, service);
    if (app.id === symptom.whole.id || named.has(app.id) || !suffers(known, app, symptom)) continue;
    yield blame(symptom, app, [
      {
        kind: 'edge',
        text: `${titleOf(symptom.whole)} calls ${titleOf(service)}`,
        resource: app,
        weight: weights.edge,
      },
      state(`${titleOf(app)} is not well itself`, symptom.isTold ? weights.state + weights.usual : weights.state, app),
    ]);
  }
}

/** Applications that suffer and are versions of one of whom only the name is known: `reviews-v2` of `reviews`. */
function versionsOf(known: Case, { pseudo, cluster, namespace, name }: Resource): readonly Resource[] {
  if (!pseudo) return [];
  const suffering = symptomsOf(known).map(({ whole }) => whole);
  return suffering.filter(
    (one) =>
      one.cluster === cluster &&
      one.namespace === namespace &&
      one.name.startsWith(`${name}-v`) &&
      /^\d[\w.]*$/.test(one.name.slice(name.length + 2)),
  );
}

/** Nobody is named, but the words are those of the clients of a store, and the one that is meant suffers. */
function* storeBehind(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  if (!symptom.isTold || isStore(known, symptom.whole)) return;
  const store = storeOf(known, symptom, true);
  if (store === undefined || !suffers(known, store, symptom)) return;
  yield blame(symptom, store, [
    state('it speaks as clients of such a store do', weights.usual, store),
    state(`${titleOf(store)} is not well itself`, weights.state + weights.usual, store),
  ]);
}

/** How much a complaint says of who is called: all when it answered, or nothing else is known of it; less when it may not have been reached. */
function weightOfComplaint({ pseudo }: Resource, clue: Calling): number {
  if (clue.type === 'lookup') return pseudo && !clue.dnsDown ? weights.changed : weights.edge;
  return pseudo || clue.how === 'error' || clue.how === 'reset' ? weights.state : 1.4;
}

function complained(known: Case, symptom: Symptom, app: Resource, { said, clue }: Call): Hypothesis {
  const isUnwell = suffers(known, app, symptom);
  const callers = callersOf(known, app);
  const evidence: Evidence[] = [spoken(said, weightOfComplaint(app, clue))];
  if (isUnwell) evidence.push(state(`${titleOf(app)} is not well itself`, weights.state, app));
  if (callers > 1) evidence.push(state(`${callers} applications complain of it`, weights.usual, app));
  if (app.pseudo && isStore(known, app))
    evidence.push(state('a store says nothing for itself', weights.usual / 2, app));
  return blame(symptom, app, evidence);
}

function suffers(known: Case, app: Resource, { since }: Symptom): boolean {
  return symptomsIn(known, app).some((one) => one.since <= since + LATER_MS);
}

function blame(symptom: Symptom, app: Resource, evidence: readonly Evidence[]): Hypothesis {
  return {
    subject: app,
    reason: 'DependencyFails',
    summary: `${titleOf(app)}, which ${titleOf(symptom.whole)} calls, fails.`,
    evidence,
    path: [titleOf(app), 'CALLS', ...downTo(symptom)],
    remedy: { summary: 'See why it fails.', commands: [`kubectl describe ${kubectlName(app)}`] },
    because: app,
  };
}
