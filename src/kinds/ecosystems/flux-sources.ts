/**
 * Flux's sources and image automation: where things come from and what is signed in with.
 * Sources: source.toolkit.fluxcd.io/v1, source.extensions.fluxcd.io/v1beta1, image.toolkit.fluxcd.io/v1.
 */
import { selectorFrom } from '../../model/selector.ts';
import type { Found, Kind, Outcome, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { labelled } from '../pod-peers.ts';
import { Secret, ServiceAccount } from '../refs.ts';
import { names, refersTo, relation, textAt, valueAt } from '../relations.ts';
import { columns } from './custom-resource.ts';
import {
  ArtifactGenerator,
  Bucket,
  EXTENSIONS,
  ExternalArtifact,
  fluxColumns,
  fluxHealth,
  GitRepository,
  HelmChart,
  HelmRepository,
  IMAGE,
  ImagePolicy,
  ImageRepository,
  ImageUpdateAutomation,
  OCIRepository,
  SOURCE,
  sourced,
} from './flux-refs.ts';
import { repository } from './repository.ts';

/** Secrets that a source signs in, verifies or trusts with; which there are depends on its kind. */
function signsIn(fields: string): readonly Relation[] {
  return [
    names('USES_SECRET', `spec.{${fields}}`, Secret),
    names('USES_TOKEN_OF', 'spec.serviceAccountName', ServiceAccount),
  ];
}

const gitRepository = kind({
  group: SOURCE,
  name: GitRepository.kind,
  plural: 'gitrepositories',
  namespaced: true,
  summary: columns({ url: 'spec.url', ...fluxColumns }),
  health: fluxHealth,
  relations: [
    repository('spec.url'),
    ...signsIn('secretRef,proxySecretRef,verify.secretRef'),
    names('SYNCS_FROM', 'spec.include[*].repository', GitRepository),
  ],
});

const ociRepository = kind({
  group: SOURCE,
  name: OCIRepository.kind,
  plural: 'ocirepositories',
  namespaced: true,
  summary: columns({ url: 'spec.url', ...fluxColumns }),
  health: fluxHealth,
  relations: [repository('spec.url'), ...signsIn('secretRef,certSecretRef,proxySecretRef,verify.secretRef')],
});

const helmRepository = kind({
  group: SOURCE,
  name: HelmRepository.kind,
  plural: 'helmrepositories',
  namespaced: true,
  summary: columns({ url: 'spec.url', ...fluxColumns }),
  health: (object: unknown) =>
    // An OCI repository is only an address that charts use: it has no state of its own.
    valueAt(object, 'spec.type') === 'oci' ? { status: 'healthy' } : fluxHealth(object),
  relations: [repository('spec.url'), names('USES_SECRET', 'spec.{secretRef,certSecretRef}', Secret)],
});

const bucket = kind({
  group: SOURCE,
  name: Bucket.kind,
  plural: 'buckets',
  namespaced: true,
  summary: columns({ endpoint: 'spec.endpoint', ...fluxColumns }),
  health: fluxHealth,
  relations: [
    repository('spec.endpoint', { attributes: ({ up }) => ({ bucket: textAt(up(1), 'bucketName') ?? '' }) }),
    ...signsIn('secretRef,certSecretRef,proxySecretRef,sts.secretRef,sts.certSecretRef'),
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
    ...fluxColumns,
  }),
  health: fluxHealth,
  relations: [sourced('spec.sourceRef'), names('USES_SECRET', 'spec.verify.secretRef', Secret)],
});

const externalArtifact = kind({
  group: SOURCE,
  name: ExternalArtifact.kind,
  plural: 'externalartifacts',
  namespaced: true,
  summary: columns({ ...fluxColumns, source: 'spec.sourceRef.name' }),
  health: fluxHealth,
  relations: [refersTo('SYNCS_FROM', 'spec.sourceRef', 'any', { namespace: 'namespace' })],
});

const artifactGenerator = kind({
  group: EXTENSIONS,
  name: ArtifactGenerator.kind,
  plural: 'artifactgenerators',
  namespaced: true,
  summary: columns(fluxColumns),
  health: fluxHealth,
  relations: [sourced('spec.sources[*]'), names('PRODUCES', 'spec.artifacts[*]', ExternalArtifact)],
});

const imageRepository = kind({
  group: IMAGE,
  name: ImageRepository.kind,
  plural: 'imagerepositories',
  namespaced: true,
  summary: columns({ image: 'spec.image', tags: 'status.lastScanResult.tagCount', ...fluxColumns }),
  health: fluxHealth,
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
  summary: columns({ image: 'status.latestRef.name', tag: 'status.latestRef.tag', ...fluxColumns }),
  health: fluxHealth,
  relations: [names('SYNCS_FROM', 'spec.imageRepositoryRef', ImageRepository, { namespace: 'namespace' })],
});

const imageUpdateAutomation = kind({
  group: IMAGE,
  name: ImageUpdateAutomation.kind,
  plural: 'imageupdateautomations',
  namespaced: true,
  summary: columns(fluxColumns),
  health: fluxHealth,
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
  const selector = selectorFrom(valueAt(value, 'policySelector') ?? {});
  return (
    selector && { ...labelled(ImagePolicy, selector, { type: 'names', names: [namespace] }), suffix: '.policySelector' }
  );
}

export const fluxSources: readonly Kind[] = [
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
];
