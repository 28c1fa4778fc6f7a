/** Whom those who suffer complain about: calls that failed, by whom they were made to, and who makes the same complaint. */
import { kindKey } from '../model/groups.ts';
import type { Resource } from '../model/resource.ts';
import { type Case, milliseconds, treeAt } from './case.ts';
import { deletionOf } from './changes.ts';
import type { Clue } from './clues.ts';
import { isComplaint, peerOf } from './complaints.ts';
import type { Told } from './estate.ts';
import { type Absent, absent } from './hypothesis.ts';
import { type Said, saidAbout, shortened } from './mechanisms/said.ts';
import { appOf, serviceAt } from './services.ts';
import { type Symptom, symptomsOf } from './symptoms.ts';

export type Calling = Extract<Clue, { type: 'connection' | 'lookup' }>;

export interface Call {
  readonly said: Said;
  readonly clue: Calling;
  /** A Service or pod, known or only named; undefined for what lies outside. */
  readonly callee: Resource | Absent | undefined;
}

const made = new WeakMap<Symptom, readonly Call[]>();

/** Calls that a sufferer, or who speaks for it, complains about; not those to itself. */
export function callsOf(known: Case, symptom: Symptom): readonly Call[] {
  let calls = made.get(symptom);
  if (calls === undefined) {
    calls = [...read(known, symptom)];
    made.set(symptom, calls);
  }
  return calls;
}

function* read(known: Case, symptom: Symptom): Iterable<Call> {
  const { resource, whole } = symptom;
  if (OF_OTHERS.test(symptom.reason)) return;
  let isAddressed = false;
  for (const said of saidAbout(known, symptom)) {
    const { clue } = said;
    if (clue.type !== 'connection' && clue.type !== 'lookup') continue;
    if (clue.host === '' || LOCAL.test(clue.host)) continue;
    if (clue.host === treeAt(known.object(resource.id), 'status')?.['podIP']) continue;
    const callee = calleeAt(known, resource, clue.host, isResolved(clue));
    if (callee && !('absent' in callee) && appOf(known, callee).id === whole.id) continue;
    isAddressed ||= callee !== undefined;
    yield { said, clue, callee };
  }
  if (symptom.isTold && !isAddressed) yield* namedIn(known, symptom);
}

const NAMES = /(?<![\w.-])[a-z][a-z0-9]*(?:-[a-z0-9]+)+(?![\w-])/g;
const LINES_MAX = 30;

/** Applications and Services of the namespace that complaints name, where no address is told: by names of several words, which nothing else bears. */
function* namedIn(known: Case, { resource, whole, alike }: Symptom): Iterable<Call> {
  const seen = new Set<string>();
  for (const member of new Set([resource, whole, ...alike]))
    for (const told of known.told(member.id).filter(isComplaint).slice(-LINES_MAX)) {
      const { message = '' } = told.occurrence;
      for (const [host] of message.slice(0, MESSAGE_MAX).matchAll(NAMES)) {
        if (seen.has(host)) continue;
        seen.add(host);
        const { cluster, namespace } = resource;
        const callee =
          known.subjects.find({ cluster, kind: 'Service', namespace, name: host }) ?? spokenOf(known, resource, host);
        if (callee === undefined || appOf(known, callee).id === whole.id) continue;
        const clue: Calling = { type: 'connection', host, port: undefined, how: 'error', text: message };
        const evidence = {
          kind: 'log' as const,
          at: milliseconds(told.at),
          text: shortened(message),
          resource: member,
        };
        yield { said: { clue, evidence }, clue, callee };
      }
    }
}

const MESSAGE_MAX = 1_000;

/** Whoever is heard under a name in the namespace of another. */
function spokenOf(known: Case, { cluster, namespace }: Resource, name: string): Resource | undefined {
  for (const one of known.spokenOf.values())
    if (one.name === name && one.cluster === cluster && one.namespace === namespace) return one;
  return undefined;
}

/** Who speaks is the API server, the scheduler or the kubelet: what they could not reach, the sufferer did not call. */
const OF_OTHERS = /^(?:FailedCreate|Unschedulable|FailedCreatePodSandBox|ErrImagePull|ImagePullBackOff)$/;
const LOCAL = /^(?:localhost|127\.|0\.0\.0\.0|::1|169\.254\.)/;

/** Somebody was found at the name, whatever came of it then: a name that nobody bears is told as such. */
function isResolved({ type, text: said, ...clue }: Calling): boolean {
  if (type === 'lookup' || !('how' in clue)) return false;
  return clue.how === 'refused' || clue.how === 'reset' || ANSWERED.test(said) || DIALLED.test(said);
}

const ANSWERED = /\b(?:responded|returned|status(?: ?code)?|HTTP(?:\/[\d.]+)?)[: ]+"?[45]\d\d\b|\b50[0234]\b/i;
const DIALLED = /\bdial tcp \d|\bconnect to \[?\S+\/\d|\/\d{1,3}(?:\.\d{1,3}){3}:\d/;

/** Who answers at a host. Who is not known and was found, or where no Services were looked at, is no missing one, unless it was seen to go. */
function calleeAt(known: Case, caller: Resource, host: string, isFound = false): Resource | Absent | undefined {
  const { cluster } = caller;
  const found = serviceAt(known, caller, host) ?? goneAddress(known, cluster, host);
  if (found === undefined || !('absent' in found)) return found;
  if (isObserved(known, cluster, '/Service') && (!isFound || deletionOf(known, found) !== undefined)) return found;
  const { name, namespace } = found;
  return (
    known.subjects.find({ cluster, kind: 'Service', namespace, name }) ??
    known.subjects.stranger({ cluster, kind: 'Service', namespace, name })
  );
}

/** The Service that had an address until it was deleted. */
function goneAddress(known: Case, cluster: string, host: string): Absent | undefined {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)) return undefined;
  const gone = known.estate.deletions.findLast(
    ({ resource, object }) =>
      resource.cluster === cluster &&
      kindKey(resource) === '/Service' &&
      treeAt(object, 'spec')?.['clusterIP'] === host,
  );
  return gone && absent(gone.resource, gone.resource);
}

/** Whether objects of a kind, as `group/Kind`, were looked at. */
export function isObserved(known: Case, cluster: string, kind: string): boolean {
  const [group = '', name = ''] = kind.split('/');
  for (const { pseudo } of known.view.resources({ cluster, group, kind: name })) if (!pseudo) return true;
  return false;
}

type ByApp = ReadonlyMap<string, ReadonlySet<string>>;

const callers = new WeakMap<Case, ByApp>();

/** How many applications complain about one. */
export function callersOf(known: Case, app: { readonly id: string }): number {
  return counted(known, app, callers, (symptom) =>
    callsOf(known, symptom).flatMap(({ callee }) => (callee && 'id' in callee ? [callee] : [])),
  );
}

const suffering = new WeakMap<Case, ByApp>();

/** How many applications that suffer are told to call one. */
export function sufferingCallers(known: Case, app: { readonly id: string }): number {
  return counted(known, app, suffering, (symptom) => declaredCallees(known, symptom));
}

/** How many applications that suffer have one among their callees. */
function counted(
  known: Case,
  app: { readonly id: string },
  memory: WeakMap<Case, ByApp>,
  calleesOf: (symptom: Symptom) => readonly Resource[],
): number {
  let all = memory.get(known);
  if (all === undefined) {
    const found = new Map<string, Set<string>>();
    for (const symptom of symptomsOf(known))
      for (const callee of calleesOf(symptom)) {
        const { id } = appOf(known, callee);
        if (id !== symptom.whole.id) found.set(id, (found.get(id) ?? new Set()).add(symptom.whole.id));
      }
    all = found;
    memory.set(known, all);
  }
  return all.get(app.id)?.size ?? 0;
}

const byApp = new WeakMap<Case, ReadonlyMap<string, readonly Symptom[]>>();

/** What else is not well: symptoms of an application. */
export function symptomsIn(known: Case, app: { readonly id: string }): readonly Symptom[] {
  let all = byApp.get(known);
  if (all === undefined) {
    all = Map.groupBy(symptomsOf(known), ({ whole }) => whole.id);
    byApp.set(known, all);
  }
  return all.get(app.id) ?? [];
}

const declared = new WeakMap<Symptom, readonly Resource[]>();

/** Services that an application is told to call, or was seen to. */
export function declaredCallees(known: Case, symptom: Symptom): readonly Resource[] {
  let callees = declared.get(symptom);
  if (callees === undefined) {
    const { whole, resource } = symptom;
    const found = new Map<string, Resource>();
    for (const caller of new Set([whole, resource, ...known.pods(whole).slice(0, 1)]))
      for (const callee of known.targets(caller.id, 'CALLS'))
        if (callee.kind === 'Service') found.set(callee.id, callee);
    for (const callee of tracesOf(known).get(whole.id) ?? []) found.set(callee.id, callee);
    callees = [...found.values()];
    declared.set(symptom, callees);
  }
  return callees;
}

const traced = new WeakMap<Case, ReadonlyMap<string, ReadonlySet<Resource>>>();

/** Who calls whom, as traces have it, by caller; those that went well tell it as well. */
function tracesOf(known: Case): ReadonlyMap<string, ReadonlySet<Resource>> {
  let all = traced.get(known);
  if (all === undefined) {
    const found = new Map<string, Set<Resource>>();
    for (const resource of known.spokenOf.values()) {
      const peers = new Set(known.told(resource.id).flatMap((told) => tracedPeer(told)));
      if (peers.size === 0) continue;
      const { id } = appOf(known, resource);
      const callees = found.get(id) ?? new Set();
      for (const peer of peers) {
        const callee = calleeAt(known, resource, peer);
        if (callee && !('absent' in callee) && appOf(known, callee).id !== id) callees.add(callee);
      }
      found.set(id, callees);
    }
    all = found;
    traced.set(known, all);
  }
  return all;
}

function tracedPeer(told: Told): readonly string[] {
  const peer = told.occurrence.source === 'trace' ? peerOf(told) : undefined;
  return peer === undefined ? [] : [peer.replace(/:\d+$/, '').toLowerCase()];
}
