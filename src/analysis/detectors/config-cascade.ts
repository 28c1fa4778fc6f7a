/**
 * Changed configuration. `config_cascade`: it reaches pods, whatever they make of it. `configmap_change_cascade`: pods that use it restarted, or were made anew,
 * shortly after.
 */
import { kindKey } from '../../model/groups.ts';
import type { Resource } from '../../model/resource.ts';
import { type Case, milliseconds } from '../case.ts';
import { changesOf, type ObjectChange } from '../changes.ts';
import { CLUES_MAX, type Clue, counted, type Detector, MINUTE } from './detection.ts';
import { type Restart, restartsByPod } from './restarts.ts';
import { complaintsByApp, distinct, endedClue, faultOf, usersOf } from './signals.ts';

const DATA = /^(?:data|binaryData|stringData)\b/;

interface Edit {
  readonly resource: Resource;
  readonly change: ObjectChange;
  readonly users: readonly Resource[];
}

const edits = new WeakMap<Case, readonly Edit[]>();

/** What was changed in ConfigMaps and Secrets that pods use. */
function editsOf(known: Case): readonly Edit[] {
  let found = edits.get(known);
  if (found === undefined) {
    found = ['ConfigMap', 'Secret'].flatMap((kind) =>
      [...known.view.resources({ group: '', kind })].flatMap((resource) => editOf(known, resource) ?? []),
    );
    edits.set(known, found);
  }
  return found;
}

function editOf(known: Case, resource: Resource): Edit | undefined {
  if (known.estate.versions(resource.id).length < 2) return undefined;
  const change = changesOf(known, resource).find(({ fields }) => fields.some(({ path }) => DATA.test(path)));
  const users = change ? usersOf(known, resource) : [];
  return change && users.length > 0 ? { resource, change, users } : undefined;
}

export const configCascade: Detector = function* (known, { configMinutes }) {
  for (const { resource, change, users } of editsOf(known)) {
    const wholes = distinct(users.map((pod) => known.whole(pod)));
    const suffering = users.filter((pod) => faultOf(known, pod) !== undefined);
    const complaining = wholes.filter(({ id }) =>
      (complaintsByApp(known).get(id) ?? []).some(({ at }) => at > change.at),
    );
    // Changed configuration, pods that suffer, and errors: it drifted away from what the program wants.
    const isDrift = suffering.length > 0 && complaining.length > 0;
    yield {
      pattern: 'config_cascade',
      severity: suffering.length > 0 ? 'warning' : 'info',
      confidence: isDrift ? 0.85 : 0.8,
      active: known.now - change.at <= configMinutes * MINUTE || suffering.length > 0,
      since: change.at,
      until: change.at,
      subject: resource,
      resources: wholes,
      summary: `${resource.kind} ${resource.name} was changed, and ${counted(users.length, 'pod')} of ${counted(wholes.length, 'workload')} use it.`,
      evidence: [editClue(change)],
    };
  }
};

export const configChangeRestarts: Detector = function* (known, { configMinutes }) {
  for (const { resource, change, users } of editsOf(known)) {
    const isAfter = (at: number): boolean => at > change.at && at - change.at <= configMinutes * MINUTE;
    const restarts = users.flatMap(({ id }) => (restartsByPod(known).get(id) ?? []).filter(({ at }) => isAfter(at)));
    const made = users.filter(({ createdAt }) => isAfter(milliseconds(createdAt)));
    const pods = distinct([...restarts.map(({ pod }) => pod), ...made]);
    if (pods.length === 0) continue;
    yield {
      pattern: 'configmap_change_cascade',
      severity: 'warning',
      confidence: 0.7 + 0.2 * Math.min(1, pods.length / users.length),
      active: pods.some((pod) => faultOf(known, pod) !== undefined),
      since: change.at,
      until: Math.max(...restarts.map(({ at }) => at), ...made.map(({ createdAt }) => milliseconds(createdAt))),
      subject: resource,
      resources: pods,
      summary: `${pods.length} of ${counted(users.length, 'pod')} that use ${resource.kind} ${resource.name} restarted within ${configMinutes} minutes after it was changed.`,
      evidence: [editClue(change), ...restarts.slice(0, CLUES_MAX - 1).map((one: Restart) => endedClue(one))],
    };
  }
};

function editClue({ at, fields, by, resource }: ObjectChange): Clue {
  const keys = fields.filter(({ path }) => DATA.test(path)).map(({ path }) => path);
  const who = by === undefined ? '' : ` by ${by}`;
  return {
    kind: 'change',
    at,
    text: `${kindKey(resource).slice(1)} ${resource.name}: ${keys.join(', ')} changed${who}`,
    resource,
  };
}
