/** What simpler minds would answer: what was changed last, who was not ready first, who has the most warnings. */
import { Case, milliseconds, treeAt } from '../../../src/analysis/case.ts';
import type { KubeObject } from '../../../src/model/change.ts';
import type { Resource } from '../../../src/model/resource.ts';
import type { Answer, Answerer } from './answers.ts';

/** Whatever controllers write by themselves. */
const WRITTEN_BY_ITSELF =
  /^(?:Event|Lease|Pod|ReplicaSet|EndpointSlice|Endpoints|ControllerRevision|Node|Namespace|ServiceAccount|CSINode|ClusterRole|ClusterRoleBinding)$/;

/** Objects that people make, by when they were last made, edited or deleted. */
export const lastChanged: Answerer = (estate) => {
  const times: { readonly resource: Resource; readonly at: number }[] = [];
  for (const { at, resource } of estate.deletions)
    if (!WRITTEN_BY_ITSELF.test(resource.kind)) times.push({ resource, at: milliseconds(at) });
  for (const resource of estate.view.resources()) {
    if (resource.pseudo || WRITTEN_BY_ITSELF.test(resource.kind) || resource.name === 'kube-root-ca.crt') continue;
    const versions = estate.versions(resource.id);
    let at = milliseconds(versions.at(-1)?.object.metadata.creationTimestamp);
    for (const [index, version] of versions.entries()) {
      const before = versions[index - 1];
      if (before && intent(before.object) !== intent(version.object)) at = Math.max(at, milliseconds(version.at));
    }
    for (const entry of versions.at(-1)?.object.metadata.managedFields ?? [])
      if (entry.subresource === undefined) at = Math.max(at, milliseconds(entry.time));
    times.push({ resource, at });
  }
  return listed(times.sort((a, b) => b.at - a.at).map(({ resource }) => resource));
};

/** Workloads of pods that are not ready, and nodes, in the order in which they ceased to be. */
export const firstUnready: Answerer = (estate) => {
  const known = new Case(estate);
  const since: { readonly resource: Resource; readonly at: number }[] = [];
  for (const kind of ['Pod', 'Node'])
    for (const resource of estate.view.resources({ group: '', kind })) {
      const conditions = treeAt(estate.object(resource.id), 'status')?.['conditions'];
      const ready = (Array.isArray(conditions) ? conditions : []).find(({ type }) => type === 'Ready');
      if (ready === undefined || ready.status === 'True' || ready.reason === 'PodCompleted') continue;
      since.push({ resource: known.whole(resource), at: milliseconds(ready.lastTransitionTime) });
    }
  return listed(since.sort((a, b) => a.at - b.at).map(({ resource }) => resource));
};

/** Those with the most warnings, counted for the workload as a whole. */
export const mostWarnings: Answerer = (estate) => {
  const known = new Case(estate);
  const counts = new Map<Resource, number>();
  for (const resource of estate.view.resources()) {
    if (resource.pseudo || resource.kind === 'Event') continue;
    const warnings = known.notices(resource).filter(({ isWarning }) => isWarning);
    if (warnings.length === 0) continue;
    const whole = known.whole(resource);
    counts.set(whole, (counts.get(whole) ?? 0) + warnings.reduce((sum, { count }) => sum + count, 0));
  }
  return listed([...counts].sort((a, b) => b[1] - a[1]).map(([resource]) => resource));
};

function intent({ status: _status, metadata: { labels, annotations }, ...rest }: KubeObject): string {
  return JSON.stringify([rest, labels, annotations]);
}

function listed(resources: readonly Resource[]): readonly (readonly Answer[])[] {
  const unique = [...new Map(resources.map((one) => [`${one.kind}/${one.namespace}/${one.name}`, one])).values()];
  if (unique.length === 0) return [];
  return [
    unique.slice(0, 10).map(({ kind, namespace, name }) => ({ kind, namespace, name, reason: '', confidence: 1 })),
  ];
}
