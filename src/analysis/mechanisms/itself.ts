/**
 * The application that errs and nothing above it: nobody whom it calls suffers, those who call it complain of it, or it says itself what is wrong. And
 * what an alert is about by its name: a full volume, a node, an autoscaler at its limit, the API server.
 */
import { callersOf, callsOf, declaredCallees, sufferingCallers, symptomsIn } from '../calls.ts';
import type { Case } from '../case.ts';
import { absent, type Evidence, type Hypothesis, type Subject, titleOf, weights } from '../hypothesis.ts';
import { appOf } from '../services.ts';
import { isStore } from '../stores.ts';
import { type Symptom, symptomsOf } from '../symptoms.ts';
import { spoken } from './evidence.ts';
import { state } from './fields.ts';
import { downTo, kubectlName, saysSo } from './mechanism.ts';
import { failingBeside, hasSufferersBeside, isOwn } from './own-failure.ts';
import { saidAbout } from './said.ts';

/** Kinds whose alerts are about themselves, and not about a program that somebody wrote. */
const THINGS = new Set([
  'Node',
  'PersistentVolumeClaim',
  'PersistentVolume',
  'HorizontalPodAutoscaler',
  'ResourceQuota',
  'Job',
  'CronJob',
  'Certificate',
]);
const LAG = /lag\b|consumer|backlog|queue/i;
const API_SERVER = /^Kube-?API|api.?server/i;

export function* itself(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  if (!symptom.isTold || symptom.tentative || symptom.whole.kind === 'Namespace') return;
  const { whole, reason, message } = symptom;
  if (API_SERVER.test(reason) || /^kube-apiserver/.test(whole.name)) {
    yield hypothesisOf(symptom, apiServer(known, symptom), 'ApiServerOverloaded', [saysSo(symptom, weights.named)]);
    return;
  }
  const about = symptom.condition ?? (LAG.test(reason) ? 'ConsumerLag' : undefined);
  if (THINGS.has(whole.kind) || (about !== undefined && whole.pseudo)) {
    yield hypothesisOf(symptom, whole, about ?? reason, [saysSo(symptom, weights.named)]);
    return;
  }
  const own = saidAbout(known, symptom).find(({ clue }) => isOwn(clue));
  const why = own ? 'ApplicationError' : (about ?? degraded(`${reason} ${message}`));
  const evidence = [saysSo(symptom, weights.usual), ...surroundings(known, symptom)];
  yield hypothesisOf(symptom, whole, why, own ? [...evidence, spoken(own, weights.usual)] : evidence);
}

/** What those around say: who calls it, and whom it calls. */
function* surroundings(known: Case, symptom: Symptom): Iterable<Evidence> {
  const { whole } = symptom;
  const callers = callersOf(known, whole);
  const suffering = callers > 0 ? 0 : sufferingCallers(known, whole);
  if (callers > 0)
    yield state(`${callers} who call it complain of it`, callers > 1 ? weights.state : weights.usual, whole);
  if (suffering > 0) yield state(`${suffering} who call it suffer as well`, weights.usual, whole);
  const isBelow = callsSufferer(known, symptom);
  if (isBelow) yield state('somebody whom it calls suffers as well', -weights.usual, whole);
  if (!isBelow && (callers + suffering > 0 || isAlone(known, symptom)))
    yield state('nobody whom it calls is known to suffer', weights.usual / 2, whole);
  const calls = callsOf(known, symptom);
  if (calls.length === 0 && isStore(known, whole) && hasSufferersBeside(known, symptom))
    yield state('it is a store, and others beside it err since about then', weights.state, whole);
  const named = calls.filter(({ callee }) => callee !== undefined);
  if (named.length > 0) yield state('it complains of others', -1.5 * weights.usual, whole);
  else if (calls.length > 0 && failingBeside(known, symptom).length === 0)
    yield state('whom it complains of nobody knows: as far as can be seen it ends there', weights.usual, whole);
}

function degraded(words: string): string {
  if (/error|5xx|fail/i.test(words)) return 'ApplicationErrors';
  return /latency|slow|duration/i.test(words) ? 'ApplicationSlow' : 'ApplicationDegraded';
}

function callsSufferer(known: Case, symptom: Symptom): boolean {
  const named = callsOf(known, symptom).flatMap(({ callee }) => (callee && 'id' in callee ? [callee] : []));
  return [...named, ...declaredCallees(known, symptom)].some((callee) => {
    const app = appOf(known, callee);
    return app.id !== symptom.whole.id && symptomsIn(known, app).length > 0;
  });
}

/** Nobody else suffers, or it is known whom it calls. */
function isAlone(known: Case, symptom: Symptom): boolean {
  return (
    declaredCallees(known, symptom).length > 0 || symptomsOf(known).every(({ whole }) => whole.id === symptom.whole.id)
  );
}

function apiServer(known: Case, { resource: { cluster } }: Symptom): Subject {
  for (const pod of known.view.resources({ cluster, group: '', kind: 'Pod', namespace: 'kube-system' }))
    if (pod.name.startsWith('kube-apiserver')) return pod;
  return absent({ cluster }, { group: '', kind: 'Pod', namespace: 'kube-system', name: 'kube-apiserver' });
}

function hypothesisOf(symptom: Symptom, subject: Subject, reason: string, evidence: readonly Evidence[]): Hypothesis {
  const { whole } = symptom;
  const isWhole = 'id' in subject && subject.id === whole.id;
  return {
    subject,
    reason,
    summary: `${titleOf(subject)} does not do its work: ${symptom.reason}.`,
    evidence,
    path: isWhole ? downTo(symptom) : [titleOf(subject), ...downTo(symptom)],
    remedy: { summary: 'Look at what it says.', commands: [`kubectl describe ${kubectlName(subject)}`] },
  };
}
