/** Services that choose no pods themselves: names for other hosts, and those whose endpoints somebody else writes. */
import type { Resource } from '../../model/resource.ts';
import { type Case, text, treeAt } from '../case.ts';
import type { ObjectChange } from '../changes.ts';
import { type Evidence, type Hypothesis, type Subject, titleOf, weights } from '../hypothesis.ts';
import { changed } from './evidence.ts';
import { fieldChange, state } from './fields.ts';
import { changeBefore, kubectlName, recency } from './mechanism.ts';
import { type Asked, faultsOf } from './service-faults.ts';

export function* withoutSelector(known: Case, asked: Asked): Iterable<Hypothesis> {
  const spec = treeAt(known.object(asked.service.id), 'spec');
  if (spec?.['type'] === 'ExternalName') yield* alias(known, asked, text(spec['externalName']));
  else yield* byHand(known, asked);
}

/** The name of another host: the alias is wrong when nobody bears that name, or since it was changed; else it is that host's affair. */
function* alias(known: Case, asked: Asked, host: string): Iterable<Hypothesis> {
  const { service, since, path } = asked;
  const change = fieldChange(known, service, since, /^spec\.(?:externalName|type)/, 'spec', 'externalName');
  const isMissing = known
    .dangling(service.id)
    .some(({ type, detail }) => type === 'ALIAS_OF' && detail.reason === 'missing');
  if (isMissing || change)
    yield hypothesisOf(asked, service, 'AliasWrong', `it stands for ${host}`, [
      state(
        isMissing ? `${host} does not exist` : `it stands for ${host}`,
        isMissing ? weights.state : weights.edge,
        service,
      ),
      ...changed(change, since),
    ]);
  for (const target of known.targets(service.id, 'ALIAS_OF')) {
    // Names that stand for each other.
    if (path.includes(titleOf(target))) continue;
    if (target.kind === 'Service')
      yield* faultsOf(known, { ...asked, service: target, path: ['ALIAS_OF', titleOf(service), ...path] });
    else
      yield hypothesisOf(asked, target, 'ExternalHostUnreachable', `${host} does not answer`, [
        state(`${host} lies outside of the cluster`, change ? -weights.usual : weights.edge, target),
      ]);
  }
}

/** Endpoints that a controller did not choose: whoever wrote them last, or took the selector away. */
function* byHand(known: Case, asked: Asked): Iterable<Hypothesis> {
  const { service, since } = asked;
  const removed = fieldChange(known, service, since, /^spec\.selector/, 'spec', 'selector');
  if (removed)
    yield hypothesisOf(asked, service, 'SelectorRemoved', 'it chooses nobody any more', [
      state('it has no selector', weights.state, service),
      ...changed(removed, since),
    ]);
  for (const endpoints of known.sources(service.id, 'BACKS')) {
    const change = lately(
      changeBefore(known, endpoints, since, ({ verb }) => verb === 'changed'),
      since,
    );
    if (change)
      yield hypothesisOf(
        asked,
        endpoints,
        'EndpointsChanged',
        `${titleOf(endpoints)} says where it leads`,
        changed(change, since),
      );
  }
}

function lately(change: ObjectChange | undefined, since: number): ObjectChange | undefined {
  return change && recency(change.at, since) > 0.5 ? change : undefined;
}

function hypothesisOf(
  { service, evidence, path }: Asked,
  subject: Resource,
  reason: string,
  words: string,
  proof: readonly Evidence[],
): Hypothesis {
  const way = (one: Subject): readonly string[] => [titleOf(one), ...path];
  return {
    subject,
    reason,
    summary: `${titleOf(service)} leads nowhere: ${words}.`,
    evidence: [...evidence, ...proof],
    path: subject.id === service.id ? way(service) : [titleOf(subject), 'BACKS', ...way(service)],
    remedy: { summary: 'Let it lead to somebody who answers.', commands: [`kubectl edit ${kubectlName(subject)}`] },
  };
}
