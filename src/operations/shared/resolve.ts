/**
 * Which resource a text means. Accepted: an id, a uid, `Kind/name`, `Kind/namespace/name`, with the kind as Kind, plural or short name and with
 * or without its group (`apps/Deployment/shop/web`, `deployments.apps/shop/web`), optionally after the cluster; `kind:namespace:name`, `kind:uid`.
 */
import { nearest } from '../../lib/nearest.ts';
import type { GroupKind } from '../../model/groups.ts';
import { Problem } from '../../model/problem.ts';
import { type Resource, resourceTitle } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import type { Context } from '../operation.ts';
import { withAbsent } from './absent.ts';
import { kindsNamed, noSuchKind } from './kind-names.ts';
import { compareResources } from './page.ts';

const CANDIDATES_MAX = 10;
/** Names compared for "did you mean"; enough for help, not for a pause. */
const NEAR_MAX = 20_000;

/** The one resource a text means. Throws `not-found` with near names, or `ambiguous` with the candidates. */
export function resourceFrom(context: Context, text: string): Resource {
  const resource = resourceNamed(context, text);
  if (resource) return resource;
  throw notFound(context, text);
}

/** What a question is about, and the view that holds it. */
export interface Subject {
  readonly view: View;
  readonly resource: Resource;
  /** It does not exist: others refer to it. */
  readonly missing?: true;
}

/** The same, but what is only referred to and missing is found as well. */
export function subjectFrom(context: Context, text: string): Subject {
  const known = resourceNamed(context, text);
  if (known) return { view: context.view, resource: known };
  const view = withAbsent(context.view);
  const resource = resourceNamed({ ...context, view }, text);
  if (resource) return { view, resource, missing: true };
  throw notFound(context, text);
}

function resourceNamed(context: Context, text: string): Resource | undefined {
  const { view } = context;
  const byId = view.get(text) ?? byUid(view, text);
  if (byId) return byId;
  const found = [...new Set(readings(context, text))].sort(compareResources);
  const [only, ...others] = found;
  if (only && others.length === 0) return only;
  if (only) throw ambiguous(text, found);
  return undefined;
}

/** The same for several texts. */
export function resourcesFrom(context: Context, texts: readonly string[]): Resource[] {
  return texts.map((text) => resourceFrom(context, text));
}

function byUid(view: View, uid: string): Resource | undefined {
  for (const cluster of view.clusters) {
    const resource = view.get(`${cluster}/${uid}`);
    if (resource) return resource;
  }
  return undefined;
}

/** Every resource that some reading of the text names. */
function* readings(context: Context, text: string): Iterable<Resource> {
  const { view } = context;
  const separator = text.includes('/') ? '/' : ':';
  const parts = text.split(separator);
  yield* named(context, view.clusters, parts, separator);
  for (const cluster of view.clusters) {
    if (text.startsWith(`${cluster}/`))
      yield* named(context, [cluster], text.slice(cluster.length + 1).split('/'), '/');
  }
}

function* named(
  context: Context,
  clusters: readonly string[],
  parts: readonly string[],
  separator: string,
): Iterable<Resource> {
  const [first = '', second = '', ...rest] = parts;
  if (parts.length < 2) return;
  yield* ofKind(context, clusters, first, parts.slice(1), separator);
  if (separator === '/' && rest.length > 0) yield* ofKind(context, clusters, `${first}/${second}`, rest, separator);
}

/** Names may hold the separator (images, RBAC names), so both `name` and `namespace, name` are tried. */
function* ofKind(
  { view, ...context }: Context,
  clusters: readonly string[],
  kindWord: string,
  parts: readonly string[],
  separator: string,
): Iterable<Resource> {
  const [namespace = '', ...rest] = parts;
  for (const { group, kind } of kindsNamed({ view, ...context }, kindWord)) {
    for (const cluster of clusters) {
      const whole = { cluster, group, kind, namespace: '', name: parts.join(separator) };
      const within = {
        cluster,
        group,
        kind,
        namespace: isNoNamespace(namespace) ? '' : namespace,
        name: rest.join(separator),
      };
      for (const name of rest.length > 0 ? [whole, within] : [whole]) {
        const resource = view.byName(name);
        if (resource) yield resource;
      }
      if (separator === ':' && rest.length === 0) {
        const resource = view.get(`${cluster}/${namespace}`);
        if (resource?.kind === kind && resource.group === group) yield resource;
      }
    }
  }
}

/** `-` and `_` stand for "cluster-scoped" where a path needs a namespace. */
export function isNoNamespace(namespace: string): boolean {
  return namespace === '-' || namespace === '_' || namespace === '';
}

function ambiguous(text: string, found: readonly Resource[]): Problem {
  const shown = found.slice(0, CANDIDATES_MAX).map(candidateText);
  return new Problem('ambiguous', `"${text}" is the name of ${found.length} resources; ask for one by its id`, {
    details: shown,
  });
}

function candidateText(resource: Resource): string {
  const group = resource.group === '' ? '' : `${resource.group}/`;
  return `${group}${resourceTitle(resource)} of cluster ${resource.cluster}, id ${resource.id}`;
}

/** That nothing bears a name, with the nearest that something does. */
export function notFound(context: Context, text: string): Problem {
  const parts = text.split(text.includes('/') ? '/' : ':');
  const [word = ''] = parts;
  const kinds = kindsNamed(context, word);
  const name = parts.at(-1) ?? text;
  const near = nearTitles(context.view, kinds, name);
  if (parts.length > 1 && kinds.length === 0) return new Problem('not-found', noSuchKind(context, word));
  const why =
    parts.length > 1
      ? `no resource is called "${text}"`
      : `no resource has the id "${text}"; write Kind/name or Kind/namespace/name`;
  const list =
    kinds.length > 0 ? `\`resources\` with kinds ${word} lists what there is` : '`resources` lists what there is';
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : list;
  return new Problem('not-found', `${why}; ${hint}`, { details: near });
}

/** Titles of resources of the kinds (any kind when none) with a name like the one asked for: the same name first, then near ones. */
function nearTitles(view: View, kinds: readonly GroupKind[], name: string): string[] {
  const titles = new Map<string, string[]>();
  const some = kinds.values().flatMap(({ group, kind }) => view.resources({ group, kind }));
  const candidates = kinds.length > 0 ? some : Iterator.from(view.resources()).filter(({ pseudo }) => !pseudo);
  for (const resource of candidates.take(NEAR_MAX)) {
    const known = titles.get(resource.name);
    if (known) known.push(resourceTitle(resource));
    else titles.set(resource.name, [resourceTitle(resource)]);
  }
  return nearest(name, titles.keys(), 5)
    .flatMap((near) => titles.get(near) ?? [])
    .slice(0, 5);
}
