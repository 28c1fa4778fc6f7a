/**
 * Flux: what a Kustomization or HelmRelease is made from, what it depends on, and every object that it applied.
 * Sources: kustomize.toolkit.fluxcd.io/v1, helm.toolkit.fluxcd.io/v2.
 */
import type { Found, Kind, KindRef, Outcome, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { namesQualified } from '../qualified-name.ts';
import { ConfigMap, Namespace, Secret, ServiceAccount } from '../refs.ts';
import { names, refersTo, relation, textAt, valueAt } from '../relations.ts';
import { columns } from './custom-resource.ts';
import { fluxNotification } from './flux-notification.ts';
import { fluxColumns, fluxHealth, HelmChart, HelmRelease, Kustomization, sourced } from './flux-refs.ts';
import { fluxSources } from './flux-sources.ts';

/** With a kubeconfig the objects live in another cluster, which is not this graph. */
const isHere = ({ object }: Found): boolean => valueAt(object, 'spec.kubeConfig') === undefined;

/** `<namespace>_<name>_<group>_<kind>`; a colon in a name is written `__` (cli-utils ObjMetadata). */
const INVENTORY_ID = /^([^_]*)_(.+)_([^_]*)_([^_]+)$/;

const applied = relation(
  'MANAGES',
  'status.inventory.entries[*]',
  'any',
  { note: 'only when it applies to this cluster' },
  (found): Outcome | undefined => {
    const [, namespace = '', name = '', group = '', kindName] =
      INVENTORY_ID.exec(textAt(found.value, 'id') ?? '') ?? [];
    if (kindName === undefined || !isHere(found)) return undefined;
    return {
      target: { by: 'name', group, kind: kindName, namespace, name: name.replaceAll('__', ':') },
      suffix: '.id',
    };
  },
);

/** What both appliers have in common. */
function applier(self: KindRef): readonly Relation[] {
  return [
    names('DEPENDS_ON', 'spec.dependsOn[*]', self, { namespace: 'namespace' }),
    names('USES_SECRET', 'spec.kubeConfig.secretRef', Secret),
    names('USES_CONFIG', 'spec.kubeConfig.configMapRef', ConfigMap),
    names('RUNS_AS', 'spec.serviceAccountName', ServiceAccount, { note: 'impersonated when it applies' }),
    applied,
  ];
}

const namesConfig = (path: string): readonly Relation[] => [
  refersTo('USES_SECRET', path, 'Secret', { kinds: ['Secret'], defaultGroup: '', optional: 'optional' }),
  refersTo('USES_CONFIG', path, 'ConfigMap', { kinds: ['ConfigMap'], defaultGroup: '', optional: 'optional' }),
];

const kustomization = kind({
  group: Kustomization.group,
  name: Kustomization.kind,
  plural: 'kustomizations',
  namespaced: true,
  summary: columns(fluxColumns),
  health: fluxHealth,
  relations: [
    sourced('spec.sourceRef'),
    names('USES_SECRET', 'spec.decryption.secretRef', Secret),
    names('USES_TOKEN_OF', 'spec.decryption.serviceAccountName', ServiceAccount),
    ...namesConfig('spec.postBuild.substituteFrom[*]'),
    refersTo('DEPENDS_ON', 'spec.healthChecks[*]', 'any', {
      namespace: 'namespace',
      when: isHere,
      note: 'waits until it is healthy',
    }),
    names('DEPLOYS_TO', 'spec.targetNamespace', Namespace, { when: isHere }),
    ...applier(Kustomization),
  ],
});

const createsNamespace = ({ object }: Found): boolean => valueAt(object, 'spec.install.createNamespace') === true;

/** The HelmChart is made beside its source, and with it the Secret that verifies it. */
const besideSource = ({ up }: Found): string | undefined => textAt(valueAt(up(2), 'sourceRef'), 'namespace');

const helmRelease = kind({
  group: HelmRelease.group,
  name: HelmRelease.kind,
  plural: 'helmreleases',
  namespaced: true,
  summary: columns(fluxColumns),
  health: fluxHealth,
  relations: [
    sourced('spec.chart.spec.sourceRef'),
    sourced('spec.chartRef'),
    names('USES_SECRET', 'spec.chart.spec.verify.secretRef', Secret, { namespace: besideSource }),
    ...namesConfig('spec.valuesFrom[*]'),
    names('DEPLOYS_TO', 'spec.targetNamespace', Namespace, { when: isHere, optional: createsNamespace }),
    names('DEPLOYS_TO', 'spec.storageNamespace', Namespace, { when: isHere, optional: createsNamespace }),
    namesQualified('MANAGES', 'status.helmChart', HelmChart),
    relation(
      'MANAGES',
      'status.history[*]',
      'HelmRelease (pseudo)',
      { note: 'the release that Helm knows, which objects name in their annotations' },
      (found) => {
        const name = textAt(found.value, 'name');
        if (name === undefined || !isHere(found)) return undefined;
        const namespace = textAt(found.value, 'namespace') ?? found.namespace;
        return { target: { by: 'pseudo', kind: 'HelmRelease', namespace, name }, suffix: '.name' };
      },
    ),
    ...applier(HelmRelease),
  ],
});

export const flux: readonly Kind[] = [kustomization, helmRelease, ...fluxSources, ...fluxNotification];
