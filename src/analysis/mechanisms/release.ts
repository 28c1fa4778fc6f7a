/**
 * Everything runs, and it does not work since something was rolled out: the application that errs, or one that it calls, has another image, other
 * variables, limits or fewer replicas since shortly before; or a pipeline says that it was deployed.
 */
import type { Resource } from '../../model/resource.ts';
import { callsOf, declaredCallees, symptomsIn } from '../calls.ts';
import { type Case, milliseconds } from '../case.ts';
import type { ObjectChange } from '../changes.ts';
import type { Told } from '../estate.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { appOf } from '../services.ts';
import type { Symptom } from '../symptoms.ts';
import { changed, spoken } from './evidence.ts';
import { fieldChange, state } from './fields.ts';
import { changeBefore, downTo, kubectlName, recency, SLACK_MS } from './mechanism.ts';
import { saidAbout } from './said.ts';
import { rollback } from './workload.ts';

/** Fields of a workload by what a change of them can break in a program that goes on running. */
const FIELDS: readonly (readonly [pattern: RegExp, reason: string, words: string])[] = [
  [/\.image$/, 'BadRelease', 'its image was changed'],
  [/\.(?:env|envFrom)\b/, 'EnvironmentChangeBrokeApp', 'its environment was changed'],
  [/\.(?:command|args)\b/, 'CommandChangeBrokeApp', 'its command was changed'],
  [/\.resources\b/, 'ResourcesChangeBrokeApp', 'its resources were changed'],
  [/^spec\.replicas$/, 'ReplicasChanged', 'its replicas were changed'],
  [/volume/i, 'VolumeChangeBrokeApp', 'its volumes were changed'],
  [/^spec\.template\.metadata\.labels/, 'PodLabelsChanged', 'the labels of its pods were changed'],
  [/^spec\.template\./, 'TemplateChangeBrokeApp', 'its template was changed'],
];
const TEMPLATE = /^spec\.(?:template\.spec|template\.metadata\.labels|replicas$)/;

export function* release(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  if (!symptom.isTold) return;
  const { whole } = symptom;
  const path = downTo(symptom);
  yield* ofApp(known, symptom, whole, path, ownEvidence(known, symptom));
  const seen = new Set([whole.id]);
  for (const { callee, said } of callsOf(known, symptom)) {
    const app = callee && 'id' in callee ? appOf(known, callee) : undefined;
    if (app === undefined || seen.has(app.id)) continue;
    seen.add(app.id);
    const isUnwell = symptomsIn(known, app).length > 0;
    const evidence = [spoken(said, isUnwell ? weights.usual : weights.edge)];
    yield* ofApp(known, symptom, app, [titleOf(app), 'CALLS', ...path], evidence);
  }
  for (const callee of declaredCallees(known, symptom)) {
    const app = appOf(known, callee);
    if (seen.has(app.id)) continue;
    seen.add(app.id);
    const text = `${titleOf(whole)} calls ${titleOf(callee)}`;
    const evidence: Evidence = { kind: 'edge', text, resource: callee, weight: weights.edge };
    yield* ofApp(
      known,
      symptom,
      app,
      [titleOf(app), 'CALLS', ...path],
      [evidence, state('nobody complains of it', -weights.usual, app)],
    );
  }
}

/** What the application that errs says of itself; who complains of others is less probably at fault. */
function ownEvidence(known: Case, symptom: Symptom): readonly Evidence[] {
  const { whole, message, reason, since } = symptom;
  const said = saidAbout(known, symptom).find(({ clue: { type } }) => OWN.has(type));
  const others = callsOf(known, symptom).length;
  return [
    { kind: 'state', at: since, text: `${reason}: ${message}`, resource: whole, weight: weights.usual },
    ...(said ? [spoken(said, weights.usual / 2)] : []),
    ...(others > 0 ? [state('it complains of others', -1.5 * weights.usual, whole)] : []),
    ...(symptom.tentative ? [state('perhaps it always erred a little', -1.5 * weights.usual, whole)] : []),
  ];
}

const OWN: ReadonlySet<string> = new Set(['exception', 'configuration', 'variable', 'file']);

function* ofApp(
  known: Case,
  symptom: Symptom,
  app: Resource,
  path: readonly string[],
  evidence: readonly Evidence[],
): Iterable<Hypothesis> {
  const { since } = symptom;
  const change =
    fieldChange(known, app, since, TEMPLATE, 'spec', 'template') ??
    (symptom.tentative ? undefined : making(known, app, since));
  const deployed = deploymentTold(known, app, symptom);
  const proof: readonly Evidence[] = [...changed(change, since), ...(deployed ? [deployed] : [])];
  if (proof.length === 0) return;
  const fields = change?.fields ?? [];
  const [, reason, words] = FIELDS.find(([pattern]) => fields.some((field) => pattern.test(field.path))) ?? [
    undefined,
    deployed ? 'BadRelease' : 'WorkloadChanged',
    deployed ? 'it was deployed' : 'it was changed',
  ];
  yield {
    subject: app,
    reason,
    summary: `${titleOf(app)} does not work as it did since ${words}.`,
    evidence: [...evidence, ...proof],
    path,
    remedy: { summary: 'Go back to the revision before.', commands: rollback(app) },
  };
}

/** That it was made just before is a release as well. */
function making(known: Case, app: Resource, since: number): ObjectChange | undefined {
  if (app.pseudo || !/^(?:Deployment|StatefulSet|DaemonSet|Rollout)$/.test(app.kind)) return undefined;
  const made = changeBefore(known, app, since, ({ verb }) => verb === 'created');
  return made && recency(made.at, since) === 1 ? made : undefined;
}

/** A pipeline that says it deployed something. */
function deploymentTold(known: Case, app: Resource, { since }: Symptom): Evidence | undefined {
  const told = deploymentsOf(known)
    .get(app.id)
    ?.findLast((one) => milliseconds(one.at) <= since + SLACK_MS);
  if (told === undefined) return undefined;
  const at = milliseconds(told.at);
  const { reason = '', message = '' } = told.occurrence;
  const weight = weights.changed * recency(at, since);
  return { kind: 'change', at, text: message || reason || `${kubectlName(app)} was deployed`, resource: app, weight };
}

const deployments = new WeakMap<Case, ReadonlyMap<string, readonly Told[]>>();

/** What pipelines said, by application. */
function deploymentsOf(known: Case): ReadonlyMap<string, readonly Told[]> {
  let all = deployments.get(known);
  if (all === undefined) {
    const told = known.estate.occurrences.filter(({ occurrence }) => occurrence.source === 'change');
    all = Map.groupBy(told, (one) => appOf(known, known.subjects.of(one)).id);
    deployments.set(known, all);
  }
  return all;
}
