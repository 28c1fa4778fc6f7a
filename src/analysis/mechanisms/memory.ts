/**
 * Out of memory: the kernel ends what reaches its limit, or the program's own heap is full. The workload is why, unless its limit comes from elsewhere
 * (mutation.ts). Sources: kubelet reasons `OOMKilled`, runc "container init was OOM-killed", messages of language runtimes.
 */
import { quantity } from '../../model/quantity.ts';
import type { Case } from '../case.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { saying } from './lines.ts';
import { type Mechanism, recency, saysSo } from './mechanism.ts';
import { relevantDifferences } from './mutation.ts';
import { containerOf, limitOf } from './template.ts';
import { ownFault, templateChange, templateEvidence } from './workload.ts';

const MINUTE = 60_000;
/** What runs so long before it is out of memory fills it slowly. */
const LEAKS_MS = 10 * MINUTE;

/** Not `TooMany`. */
const OOM = /OOM|[Oo]om.?[Kk]ill/;
const KILLED = /OOM-?killed|OOMKill(?:ed|ing)|out of memory: kill/i;
const HEAP =
  /java\.lang\.OutOfMemoryError|JavaScript heap out of memory|runtime: out of memory|std::bad_alloc|\bMemoryError\b|cannot allocate memory|Out of memory: Killed process|memory allocation of \d+ bytes failed|ENOMEM|SIGKILL![^\n]*out of memory/i;

export const memory: Mechanism = function* (known, symptom) {
  const sign = signOf(known, symptom);
  if (sign.length > 0) yield ofWorkload(known, symptom, sign);
};

/** What says that it is out of memory; nothing when that is not sure enough to speak of. */
function signOf(known: Case, symptom: Symptom): readonly Evidence[] {
  const { fault, reason, resource } = symptom;
  if (resource.kind !== 'Pod' && !OOM.test(reason)) return [];
  if (fault?.ended === 'OOMKilled')
    return [{ ...saysSo(symptom, weights.named), text: `OOMKilled${shortRun(symptom)}` }];
  if (OOM.test(reason)) return [saysSo(symptom, weights.named)];
  const killed = saying(known, symptom, KILLED);
  if (killed) return [{ ...killed.evidence, weight: weights.named }];
  const isEnded = fault?.exitCode !== undefined && fault.exitCode !== 0;
  const heap = saying(known, symptom, HEAP);
  if (heap && (isEnded || /^(?:CrashLoopBackOff|Error|Unready)$/.test(reason)))
    return [{ ...heap.evidence, weight: weights.named - weights.usual / 2 }];
  // 137 is any SIGKILL; the kubelet says so when it was its own.
  const isStopped = known
    .notices(resource)
    .some(({ reason: why, message }) => why === 'Killing' && !/OOM/i.test(message));
  if (fault?.exitCode !== 137 || isStopped || reason === 'Evicted') return [];
  return [{ ...saysSo(symptom, weights.state), text: `exit code 137: it was killed${shortRun(symptom)}` }];
}

function shortRun({ fault }: Symptom): string {
  return fault?.ran === undefined ? '' : ` after ${Math.round(fault.ran / 1_000)} s`;
}

/** What of a template decides how much memory there is, and how much is used. */
const USES = /\.resources\b|\.(?:image|command|args)\b|\.env\b|\.envFrom\b|containers/;

function ofWorkload(known: Case, symptom: Symptom, sign: readonly Evidence[]): Hypothesis {
  const { whole, fault, since } = symptom;
  const limit = limitOf(containerOf(known, symptom), 'memory');
  const change = templateChange(known, symptom, /\.resources\b/) ?? templateChange(known, symptom, USES);
  const isOfLimit = change?.fields.some(({ path }) => /resources/.test(path)) ?? false;
  const evidence = [...sign];
  if (limit !== undefined)
    evidence.push({ kind: 'state', text: `its memory limit is ${limit}`, resource: whole, weight: weights.edge });
  if (change) evidence.push(templateEvidence(change, symptom));
  const isOthers = relevantDifferences(known, symptom).some(({ field }) => field === 'resources.limits.memory');
  if (isOthers)
    evidence.push({
      kind: 'state',
      text: 'its template asks for another limit than its pods have',
      resource: whole,
      weight: -weights.named,
    });
  const isFresh = change !== undefined && recency(change.at, since) > 0.5;
  const isLeak = !isFresh && (fault?.ran ?? 0) > LEAKS_MS && (fault?.restarts ?? 0) >= 2;
  const [reason, words] = isLeak
    ? (['MemoryLeak', `uses ever more memory, and is ended${shortRun(symptom)}`] as const)
    : isOfLimit
      ? ([
          'MemoryLimitTooLow',
          `needs more than the memory limit that it was given${limit ? `, ${limit}` : ''}`,
        ] as const)
      : (['OOMKilled', `needs more memory than it may have${limit ? `, ${limit}` : ''}`] as const);
  const double = limit === undefined ? undefined : Math.ceil((2 * (quantity(limit) ?? 0)) / 1024 ** 2);
  return ownFault(symptom, {
    reason,
    summary: `${titleOf(whole)} ${words}.`,
    evidence,
    remedy: isFresh ? 'Go back to the revision before, or raise the limit.' : 'Raise the limit, or let it use less.',
    ...(!isFresh &&
      double !== undefined &&
      double > 0 && {
        commands: [
          `kubectl set resources ${whole.kind.toLowerCase()}/${whole.name} -n ${whole.namespace} -c ${fault?.container ?? 'CONTAINER'} --limits=memory=${double}Mi`,
        ],
      }),
  });
}
