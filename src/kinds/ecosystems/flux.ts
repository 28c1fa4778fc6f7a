/**
 * Flux: where things come from, what they depend on, and every object that a Kustomization or HelmRelease applied.
 * Sources: kustomize.toolkit.fluxcd.io/v1, helm.toolkit.fluxcd.io/v2, source.toolkit.fluxcd.io/v1, source.extensions.fluxcd.io/v1beta1,
 * notification.toolkit.fluxcd.io/v1 and v1beta3, image.toolkit.fluxcd.io/v1.
 */
import { selectorFromMap } from '../../model/selector.ts';
import type { Found, Kind, KindRef, Outcome, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { namesQualified } from '../qualified-name.ts';
import { ConfigMap, Namespace, namespaced, Secret, ServiceAccount } from '../refs.ts';
import { groupIn, names, refersTo, relation, selectorText, textAt, valueAt } from '../relations.ts';
import { columns, healthBy } from './custom-resource.ts';
import { repository } from './repository.ts';

const SOURCE = 'source.toolkit.fluxcd.io';
const EXTENSIONS = 'source.extensions.fluxcd.io';
const NOTIFICATION = 'notification.toolkit.fluxcd.io';
const IMAGE = 'image.toolkit.fluxcd.io';

export const Kustomization = namespaced('kustomize.toolkit.fluxcd.io', 'Kustomization');
export const HelmRelease = namespaced('helm.toolkit.fluxcd.io', 'HelmRelease');
const GitRepository = namespaced(SOURCE, 'GitRepository');
const OCIRepository = namespaced(SOURCE, 'OCIRepository');
const HelmRepository = namespaced(SOURCE, 'HelmRepository');
const HelmChart = namespaced(SOURCE, 'HelmChart');
const Bucket = namespaced(SOURCE, 'Bucket');
const ExternalArtifact = namespaced(SOURCE, 'ExternalArtifact');
const ArtifactGenerator = namespaced(EXTENSIONS, 'ArtifactGenerator');
const Provider = namespaced(NOTIFICATION, 'Provider');
const ImageRepository = namespaced(IMAGE, 'ImageRepository');
const ImagePolicy = namespaced(IMAGE, 'ImagePolicy');
const ImageUpdateAutomation = namespaced(IMAGE, 'ImageUpdateAutomation');

/** The Flux kinds that others refer to by kind alone. */
const groups: Readonly<Record<string, string>> = Object.fromEntries(
  [
    Kustomization,
    HelmRelease,
    GitRepository,
    OCIRepository,
    HelmRepository,
    HelmChart,
    Bucket,
    ExternalArtifact,
    ImageRepository,
    ImagePolicy,
    ImageUpdateAutomation,
  ].map((each) => [each.kind, each.group]),
);

const health = healthBy({
  good: ['Ready'],
  bad: ['Stalled'],
  progressing: ['Reconciling'],
  progressingReasons: ['Progressing', 'DependencyNotReady'],
});

/** With a kubeconfig the objects live in another cluster, which is not this graph. */
const isHere = ({ object }: Found): boolean => valueAt(object, 'spec.kubeConfig') === undefined;

const sourced = (path: string): Relation =>
  refersTo('SYNCS_FROM', path, 'a Flux source', { defaultGroup: SOURCE, namespace: 'namespace' });

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

const readyColumns = { ready: '@Ready', status: '@Ready.message' };

const kustomization = kind({
  group: Kustomization.group,
  name: Kustomization.kind,
  plural: 'kustomizations',
  namespaced: true,
  summary: columns(readyColumns),
  health,
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
  summary: columns(readyColumns),
  health,
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

const signsIn: readonly Relation[] = [
  names(
    'USES_SECRET',
    'spec.{secretRef,certSecretRef,proxySecretRef,verify.secretRef,sts.secretRef,sts.certSecretRef}',
    Secret,
  ),
  names('USES_TOKEN_OF', 'spec.serviceAccountName', ServiceAccount),
];

const gitRepository = kind({
  group: SOURCE,
  name: GitRepository.kind,
  plural: 'gitrepositories',
  namespaced: true,
  summary: columns({ url: 'spec.url', ...readyColumns }),
  health,
  relations: [repository('spec.url'), ...signsIn, names('SYNCS_FROM', 'spec.include[*].repository', GitRepository)],
});

const ociRepository = kind({
  group: SOURCE,
  name: OCIRepository.kind,
  plural: 'ocirepositories',
  namespaced: true,
  summary: columns({ url: 'spec.url', ...readyColumns }),
  health,
  relations: [repository('spec.url'), ...signsIn],
});

const helmRepository = kind({
  group: SOURCE,
  name: HelmRepository.kind,
  plural: 'helmrepositories',
  namespaced: true,
  summary: columns({ url: 'spec.url', ...readyColumns }),
  health: (object: unknown) =>
    // An OCI repository is only an address that charts use: it has no state of its own.
    valueAt(object, 'spec.type') === 'oci' ? { status: 'healthy' } : health(object),
  relations: [repository('spec.url'), names('USES_SECRET', 'spec.{secretRef,certSecretRef}', Secret)],
});

const bucket = kind({
  group: SOURCE,
  name: Bucket.kind,
  plural: 'buckets',
  namespaced: true,
  summary: columns({ endpoint: 'spec.endpoint', ...readyColumns }),
  health,
  relations: [
    repository('spec.endpoint', { attributes: ({ up }) => ({ bucket: textAt(up(1), 'bucketName') ?? '' }) }),
    ...signsIn,
  ],
});

const helmChart = kind({
  group: SOURCE,
  name: HelmChart.kind,
  plural: 'helmcharts',
  namespaced: true,
  summary: columns({
    chart: 'spec.chart',
    version: 'spec.version',
    sourceKind: 'spec.sourceRef.kind',
    sourceName: 'spec.sourceRef.name',
    ...readyColumns,
  }),
  health,
  relations: [sourced('spec.sourceRef'), names('USES_SECRET', 'spec.verify.secretRef', Secret)],
});

const externalArtifact = kind({
  group: SOURCE,
  name: ExternalArtifact.kind,
  plural: 'externalartifacts',
  namespaced: true,
  summary: columns({ ...readyColumns, source: 'spec.sourceRef.name' }),
  health,
  relations: [refersTo('SYNCS_FROM', 'spec.sourceRef', 'any', { namespace: 'namespace' })],
});

const artifactGenerator = kind({
  group: EXTENSIONS,
  name: ArtifactGenerator.kind,
  plural: 'artifactgenerators',
  namespaced: true,
  summary: columns(readyColumns),
  health,
  relations: [sourced('spec.sources[*]'), names('PRODUCES', 'spec.artifacts[*]', ExternalArtifact)],
});

const imageRepository = kind({
  group: IMAGE,
  name: ImageRepository.kind,
  plural: 'imagerepositories',
  namespaced: true,
  summary: columns({ image: 'spec.image', tags: 'status.lastScanResult.tagCount', ...readyColumns }),
  health,
  relations: [
    repository('spec.image'),
    names('USES_SECRET', 'spec.{secretRef,certSecretRef,proxySecretRef}', Secret),
    names('USES_TOKEN_OF', 'spec.serviceAccountName', ServiceAccount),
  ],
});

const imagePolicy = kind({
  group: IMAGE,
  name: ImagePolicy.kind,
  plural: 'imagepolicies',
  namespaced: true,
  summary: columns({ image: 'status.latestRef.name', tag: 'status.latestRef.tag', ...readyColumns }),
  health,
  relations: [names('SYNCS_FROM', 'spec.imageRepositoryRef', ImageRepository, { namespace: 'namespace' })],
});

const imageUpdateAutomation = kind({
  group: IMAGE,
  name: ImageUpdateAutomation.kind,
  plural: 'imageupdateautomations',
  namespaced: true,
  summary: columns(readyColumns),
  health,
  relations: [
    sourced('spec.sourceRef'),
    relation(
      'DEPENDS_ON',
      'spec',
      'ImagePolicy',
      { confidence: 'selector', note: 'those of policySelector; without one, all of its namespace' },
      automated,
    ),
    names('USES_SECRET', 'spec.git.commit.signingKey.secretRef', Secret),
  ],
});

function automated({ value, namespace }: Found): Outcome | undefined {
  const wanted = valueAt(value, 'policySelector.matchLabels');
  if (valueAt(value, 'policySelector.matchExpressions') !== undefined) return undefined;
  const selector = wanted == null ? [] : selectorFromMap(wanted);
  if (selector === undefined) return undefined;
  const { group, kind: kindName } = ImagePolicy;
  return {
    target: { by: 'labels', group, kind: kindName, selector, namespaces: { type: 'names', names: [namespace] } },
    suffix: '.policySelector',
    value: selectorText(selector),
  };
}

/** `{kind, name, namespace?, matchLabels?}` of the notification controller; the name `*` means all of the namespace, or those labelled so. */
function fluxObject({ value, namespace: own }: Found): Outcome | undefined {
  const kindName = textAt(value, 'kind');
  const name = textAt(value, 'name');
  const group = groupIn(value) ?? groups[kindName ?? ''];
  if (kindName === undefined || name === undefined || group === undefined) return undefined;
  const namespace = textAt(value, 'namespace') ?? own;
  if (name !== '*') return { target: { by: 'name', group, kind: kindName, namespace, name }, suffix: '.name' };
  const labels = valueAt(value, 'matchLabels');
  const selector = labels === undefined ? [] : selectorFromMap(labels);
  if (selector === undefined) return undefined;
  const namespaces = { type: 'names', names: [namespace] } as const;
  return {
    target: { by: 'labels', group, kind: kindName, selector, namespaces },
    suffix: '.name',
    value: selectorText(selector),
  };
}

const FLUX_OBJECT = 'a Flux object';
const allOrOne = { note: 'the name * means all of the namespace, or those of matchLabels' };

const alert = kind({
  group: NOTIFICATION,
  name: 'Alert',
  plural: 'alerts',
  namespaced: true,
  relations: [
    names('NOTIFIES', 'spec.providerRef', Provider),
    relation('RECEIVES_FROM', 'spec.eventSources[*]', FLUX_OBJECT, allOrOne, fluxObject),
  ],
});

const provider = kind({
  group: NOTIFICATION,
  name: Provider.kind,
  plural: 'providers',
  namespaced: true,
  relations: [
    names('USES_SECRET', 'spec.{secretRef,certSecretRef,proxySecretRef}', Secret),
    names('USES_TOKEN_OF', 'spec.serviceAccountName', ServiceAccount),
  ],
});

const receiver = kind({
  group: NOTIFICATION,
  name: 'Receiver',
  plural: 'receivers',
  namespaced: true,
  summary: columns(readyColumns),
  health,
  relations: [
    relation('NOTIFIES', 'spec.resources[*]', FLUX_OBJECT, allOrOne, fluxObject),
    names('USES_SECRET', 'spec.secretRef', Secret),
  ],
});

export const flux: readonly Kind[] = [
  kustomization,
  helmRelease,
  gitRepository,
  ociRepository,
  helmRepository,
  bucket,
  helmChart,
  externalArtifact,
  artifactGenerator,
  imageRepository,
  imagePolicy,
  imageUpdateAutomation,
  alert,
  provider,
  receiver,
];
