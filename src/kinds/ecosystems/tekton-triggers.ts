/** Tekton triggers: from a webhook to a run. Source: triggers.tekton.dev/v1beta1 (triggers 0.34). */
import { everything, selectorFrom } from '../../model/selector.ts';
import type { Found, Kind, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { labelled } from '../pod-peers.ts';
import { podSpecRelations } from '../pod-template.ts';
import { clusterScoped, namespaced, Secret, Service, ServiceAccount } from '../refs.ts';
import { names, refersTo, relation, textAt, valueAt } from '../relations.ts';
import { carries } from './attributes.ts';
import { columns, healthBy } from './custom-resource.ts';

const GROUP = 'triggers.tekton.dev';
const Trigger = namespaced(GROUP, 'Trigger');
const TriggerBinding = namespaced(GROUP, 'TriggerBinding');
const ClusterTriggerBinding = clusterScoped(GROUP, 'ClusterTriggerBinding');
const TriggerTemplate = namespaced(GROUP, 'TriggerTemplate');
const ClusterInterceptor = clusterScoped(GROUP, 'ClusterInterceptor');
const Interceptor = namespaced(GROUP, 'Interceptor');

const isCluster = (found: Found): boolean => textAt(found.value, 'kind') === ClusterTriggerBinding.kind;

/** A trigger: bindings, a template, and interceptors before both. */
const trigger = (path: string): readonly Relation[] => [
  names('USES_TEMPLATE', `${path}.bindings[*]`, TriggerBinding, { name: 'ref', when: (found) => !isCluster(found) }),
  names('USES_TEMPLATE', `${path}.bindings[*]`, ClusterTriggerBinding, {
    name: 'ref',
    when: isCluster,
    variant: ClusterTriggerBinding.kind,
  }),
  names('USES_TEMPLATE', `${path}.template.ref`, TriggerTemplate),
  runsAs(`${path}.serviceAccountName`),
  ...interceptors(`${path}.interceptors[*]`),
];

function interceptors(path: string): readonly Relation[] {
  return [
    relation(
      'EXTENDED_BY',
      `${path}.ref`,
      'ClusterInterceptor or Interceptor',
      { note: 'ClusterInterceptor by default' },
      ({ value, namespace }) => {
        const name = textAt(value, 'name');
        if (name === undefined) return undefined;
        const { group, kind: kindName } =
          textAt(value, 'kind') === 'NamespacedInterceptor' ? Interceptor : ClusterInterceptor;
        const where = kindName === Interceptor.kind ? namespace : '';
        return { target: { by: 'name', group, kind: kindName, namespace: where, name }, suffix: '.name' };
      },
    ),
    refersTo('EXTENDED_BY', `${path}.webhook.objectRef`, 'Service', {
      defaultGroup: '',
      defaultKind: 'Service',
      namespace: 'namespace',
    }),
    names('USES_SECRET', `${path}.params[*].value`, Secret, { name: 'secretName', attributes: carries(['secretKey']) }),
    names('USES_SECRET', `${path}.params[*].value.personalAccessToken`, Secret, {
      name: 'secretName',
      attributes: carries(['secretKey']),
    }),
  ];
}

function runsAs(path: string): Relation {
  return names('RUNS_AS', path, ServiceAccount);
}

/** `{namespaceSelector: {matchNames}, labelSelector}` of the whole listener or of a group; `*` is every namespace. */
const chosen = (found: Found) => {
  const { value, namespace } = found;
  const listed = valueAt(value, 'namespaceSelector.matchNames');
  const labels = valueAt(value, 'labelSelector');
  const spaces = Array.isArray(listed) ? listed.map(String) : [];
  const selector = labels === undefined ? everything : selectorFrom(labels);
  if (selector === undefined || (labels === undefined && spaces.length === 0)) return undefined;
  return labelled(
    Trigger,
    selector,
    spaces.includes('*') ? { type: 'all' } : { type: 'names', names: spaces.length > 0 ? spaces : [namespace] },
  );
};

const eventListener = kind({
  group: GROUP,
  name: 'EventListener',
  plural: 'eventlisteners',
  namespaced: true,
  summary: columns({
    address: 'status.address.url',
    available: '@Available',
    reason: '@Available.reason',
    ready: '@Ready',
  }),
  health: healthBy({ good: ['Ready', 'Available'] }),
  relations: [
    ...trigger('spec.triggers[*]'),
    names('USES_TEMPLATE', 'spec.triggers[*].triggerRef', Trigger),
    runsAs('spec.serviceAccountName'),
    relation(
      'SELECTS',
      'spec',
      Trigger.kind,
      { confidence: 'selector', note: 'namespaceSelector and labelSelector' },
      chosen,
    ),
    relation('SELECTS', 'spec.triggerGroups[*].triggerSelector', Trigger.kind, { confidence: 'selector' }, chosen),
    ...interceptors('spec.triggerGroups[*].interceptors[*]'),
    names('PRODUCES', 'status.configuration.generatedName', Service),
    ...podSpecRelations('spec.resources.kubernetesResource.spec.template.spec', 'template'),
  ],
});

const oneTrigger = kind({
  group: GROUP,
  name: Trigger.kind,
  plural: 'triggers',
  namespaced: true,
  relations: trigger('spec'),
});

const sent = names('SENT_TO', 'spec.clientConfig.service', Service, { namespace: 'namespace' });
const bare = { group: GROUP, namespaced: true };

export const tektonTriggers: readonly Kind[] = [
  eventListener,
  oneTrigger,
  kind({ ...bare, name: TriggerBinding.kind, plural: 'triggerbindings' }),
  kind({ ...bare, name: ClusterTriggerBinding.kind, plural: 'clustertriggerbindings', namespaced: false }),
  kind({ ...bare, name: TriggerTemplate.kind, plural: 'triggertemplates' }),
  kind({ ...bare, name: Interceptor.kind, plural: 'interceptors', relations: [sent] }),
  kind({ ...bare, name: ClusterInterceptor.kind, plural: 'clusterinterceptors', namespaced: false, relations: [sent] }),
];
