/** Too much is asked for: who calls an application that is slow, busy or at its limit was made to ask more shortly before. */
import type { Resource } from '../../model/resource.ts';
import type { Case } from '../case.ts';
import { type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { serviceNamed } from '../services.ts';
import type { Symptom } from '../symptoms.ts';
import { changed } from './evidence.ts';
import { fieldChange, state } from './fields.ts';
import { changeBefore, downTo, kubectlName, recency } from './mechanism.ts';

const BUSY = /latency|slow|duration|p9\d|cpu|throttl|saturat|overload|maxed|queue|lag|too many|timeout|load|memory/i;
const GENERATES = /load|locust|k6|jmeter|gatling|stress|bench|traffic|simulat|wrk|hey|vegeta|crawler|batch/i;

export function* load(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  if (!symptom.isTold || !BUSY.test(`${symptom.reason} ${symptom.message}`)) return;
  const service = serviceNamed(known, symptom.whole);
  if (service === undefined) return;
  const callers = new Map(known.sources(service.id, 'CALLS').map((one) => [known.whole(one).id, known.whole(one)]));
  for (const caller of callers.values()) {
    if (caller.id === symptom.whole.id || caller.kind === 'ConfigMap') continue;
    yield* asksMore(known, symptom, caller, service);
  }
}

function* asksMore(known: Case, symptom: Symptom, caller: Resource, service: Resource): Iterable<Hypothesis> {
  const { since } = symptom;
  const read = ['READS', 'MOUNTS']
    .flatMap((type) => known.targets(caller.id, type))
    .filter(({ kind }) => kind === 'ConfigMap');
  const own = fieldChange(
    known,
    caller,
    since,
    /^spec\.replicas$|\.(?:env|envFrom|args|command)\b/,
    'spec',
    'replicas',
  );
  const suspects = [
    { subject: caller, change: own },
    ...read.map((map) => ({ subject: map, change: changeBefore(known, map, since, ({ verb }) => verb === 'changed') })),
  ];
  const isGenerator = GENERATES.test(caller.name);
  for (const { subject, change } of suspects) {
    if (change === undefined || recency(change.at, since) < 0.5) continue;
    yield {
      subject,
      reason: 'LoadIncreased',
      summary: `${titleOf(caller)} asks more of ${titleOf(service)} since ${titleOf(subject)} was changed.`,
      evidence: [
        { kind: 'edge', text: `${titleOf(caller)} calls ${titleOf(service)}`, resource: caller, weight: weights.edge },
        ...changed(change, since),
        state('it makes load', isGenerator ? weights.usual : 0, caller),
      ],
      path: [titleOf(subject), 'CALLS', titleOf(service), ...downTo(symptom)],
      remedy: { summary: 'Take back the change, or scale out.', commands: [`kubectl edit ${kubectlName(subject)}`] },
    };
  }
}
