/**
 * analyze_recent_changes: what was created, changed and deleted, field by field and by whom. What controllers do because of it (pods of a
 * ReplicaSet, status, endpoints) is counted, not listed.
 */

import { authorText, makerOf } from '../../../model/field-authors.ts';
import { type FieldChange, fieldChanges } from '../../../model/field-changes.ts';
import { type GroupKind, kindTitle } from '../../../model/groups.ts';
import type { Version } from '../../../model/history.ts';
import { kindsFrom } from '../../../operations/shared/kind-names.ts';
import type { Investigation } from './investigation.ts';
import { isWithin, versionsIn } from './observed.ts';
import { clipped, moment, report, type Section } from './report.ts';
import { optionalText, type Scene } from './window.ts';

/** Kinds that follow from others, or only say that somebody is alive: left out unless they are named. */
const FOLLOWING = new Set([
  '/Event',
  '/Endpoints',
  'discovery.k8s.io/EndpointSlice',
  'coordination.k8s.io/Lease',
  'apps/ControllerRevision',
  'networking.k8s.io/IPAddress',
  '/ComponentStatus',
]);
/** Annotations that controllers keep for themselves. */
const BOOKKEEPING =
  /^metadata\.annotations\["(?:deployment\.kubernetes\.io\/|autoscaling\.alpha\.kubernetes\.io\/|pv\.kubernetes\.io\/|control-plane\.)/;
const FIELDS_MAX = 12;
const VALUE_MAX = 120;

export const recentChanges: Investigation = {
  name: 'analyze_recent_changes',
  title: 'Analyze recent changes',
  description:
    'Lists what was created, changed and deleted in an interval of the past: each changed field with its old and new value, and the manager that changed ' +
    'it (from managedFields). Changes that controllers make of their own accord, and of status alone, are counted.',
  arguments: {
    resource_types: {
      description:
        'only these kinds, separated by commas: deployments,configmaps; default: all but what merely follows from others',
    },
  },
  async investigate(scene, input) {
    const words = (optionalText(input, 'resource_types') ?? '')
      .split(',')
      .map((word) => word.trim())
      .filter(Boolean);
    const kinds = await kindsOf(scene, words);
    const named = words.length > 0;
    const { items: changes, cut } = await versionsIn(scene, { withBefore: true, kinds }, (version) =>
      changeOf(version, scene, named),
    );
    return report(scene, {
      title: 'Changes',
      nothing: named ? `No changes of ${words.join(', ')} were observed` : 'No changes were observed',
      sections: sectionsOf(changes),
      cut,
    });
  },
};

/** Throws `invalid-input` with the nearest known kinds. */
async function kindsOf({ context, history }: Scene, words: readonly string[]): Promise<readonly GroupKind[]> {
  const seen = await history.kinds();
  if (words.length === 0) return seen.filter(({ group, kind }) => !FOLLOWING.has(`${group}/${kind}`));
  const known = [
    ...(context.kinds ?? []),
    ...seen.map(({ group, kind }) => ({ group, kind, plural: '', namespaced: true })),
  ];
  // Group and kind alone: what a history is asked for goes to another thread.
  return kindsFrom({ ...context, kinds: known }, words).map(({ group, kind }) => ({ group, kind }));
}

/** What Kubernetes itself writes with. */
const COMPONENTS = new Set(['kube-controller-manager', 'cloud-controller-manager', 'kube-scheduler', 'kubelet']);

/** What people write with. */
const BY_HAND = /^kubectl\b/;

type Change =
  | { readonly type: 'created' | 'changed' | 'deleted'; readonly line: string }
  /** Not listed: so many kinds of so little interest. */
  | { readonly type: 'following'; readonly what: string; readonly kind: string };

function changeOf(version: Version, scene: Scene, named: boolean): Change {
  const { of, at, verb, object, before, notBefore } = version;
  const kind = kindTitle(of);
  const owner = object.metadata.ownerReferences?.find(({ controller }) => controller);
  if (verb === 'update')
    return updateOf(
      version,
      before === undefined ? [] : fieldChanges(before, object, { valueMax: VALUE_MAX }),
      scene,
      named,
    );
  const when = notBefore === undefined ? moment(at) : `between ${moment(notBefore)} and ${moment(at)}`;
  const created = object.metadata.creationTimestamp;
  if (verb === 'create' && !(created !== undefined && isWithin(scene.window, created)))
    return { type: 'following', what: 'seen for the first time, though older', kind };
  // Who deletes is not kept, and who made it may be anybody.
  if (owner !== undefined && !named) return { type: 'following', what: `${verb}d, of owned objects`, kind };
  if (verb === 'delete') return { type: 'deleted', line: `${when} ${scene.title(of)}` };
  const maker = makerOf(object);
  return {
    type: 'created',
    line: `${moment(created ?? at)} ${scene.title(of)}${maker ? ` by ${authorText(maker)}` : ''}`,
  };
}

/** Fields that somebody set, apart from what controllers report. */
function updateOf(
  { of, at, object, notBefore }: Version,
  fields: readonly FieldChange[],
  scene: Scene,
  named: boolean,
): Change {
  const set = fields.filter(
    ({ path }) => named || !(path.startsWith('status.') || path === 'status' || BOOKKEEPING.test(path)),
  );
  const kind = kindTitle(of);
  if (fields.length === 0) return { type: 'following', what: 'touched without a change', kind };
  if (set.length === 0) return { type: 'following', what: 'changed in status alone', kind };
  const isOwned = object.metadata.ownerReferences?.some(({ controller }) => controller) && !named;
  const maker = makerOf(object)?.manager;
  const isTheirs = ({ by }: FieldChange): boolean =>
    by === undefined || COMPONENTS.has(by.manager) || (by.manager === maker && !BY_HAND.test(by.manager));
  if (isOwned && set.every(isTheirs)) return { type: 'following', what: 'changed, of owned objects', kind };
  const shown = set.slice(0, FIELDS_MAX).map(fieldText);
  const more = set.length > FIELDS_MAX ? [`and ${set.length - FIELDS_MAX} more fields`] : [];
  const when = notBefore === undefined ? moment(at) : `between ${moment(notBefore)} and ${moment(at)}`;
  return {
    type: 'changed',
    line: `${when} ${scene.title(of)}\n${[...shown, ...more].map((text) => `    ${text}`).join('\n')}`,
  };
}

/** `spec.replicas: 2 → 3, by kubectl-edit`. */
function fieldText({ path, before, after, by }: FieldChange): string {
  const values =
    before === undefined
      ? `set to ${valueText(after)}`
      : after === undefined
        ? `removed, was ${valueText(before)}`
        : `${valueText(before)} → ${valueText(after)}`;
  return `${path}: ${clipped(values)}${by ? `, by ${authorText(by)}` : ''}`;
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? '');
}

function sectionsOf(changes: readonly Change[]): readonly Section[] {
  const linesOf = (type: 'created' | 'changed' | 'deleted'): readonly string[] =>
    changes.flatMap((change) => (change.type === type ? [change.line] : []));
  const following = Map.groupBy(
    changes.filter((change) => change.type === 'following'),
    ({ what }) => what,
  );
  return [
    { title: 'Deleted', lines: linesOf('deleted') },
    { title: 'Changed', lines: linesOf('changed') },
    { title: 'Created', lines: linesOf('created') },
    {
      title: 'Not listed, for it follows from the rest or changes nothing',
      lines: Array.from(
        following,
        ([what, ones]) => `${ones.length} ${what}: ${kindsText(ones.map(({ kind }) => kind))}`,
      ),
    },
  ];
}

const KINDS_MAX = 6;

/** `19 Pod, 8 Deployment and 3 more kinds`. */
function kindsText(kinds: readonly string[]): string {
  const counts = Array.from(
    Map.groupBy(kinds, (kind) => kind),
    ([kind, { length }]) => ({ kind, length }),
  );
  const most = counts.sort((a, b) => b.length - a.length);
  const more = most.length - KINDS_MAX;
  const shown = most
    .slice(0, KINDS_MAX)
    .map(({ kind, length }) => `${length} ${kind}`)
    .join(', ');
  return more > 0 ? `${shown} and ${more} more kinds` : shown;
}
