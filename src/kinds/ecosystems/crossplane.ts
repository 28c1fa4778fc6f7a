/**
 * Crossplane itself: definitions, compositions, packages and usages. Composites, claims and managed resources have kinds of their own
 * making: see crossplane-resources.ts. Sources: apiextensions, pkg, ops and protection .crossplane.io (crossplane 1.x and 2.0).
 */
import { definitionOf } from '../definition.ts';
import type { Kind, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { clusterScoped, Secret } from '../refs.ts';
import { names, namesPseudo, refersTo, relation, textAt, valueAt } from '../relations.ts';
import { label } from './attributes.ts';
import { Composition, CompositionRevision, EXTENSIONS, PACKAGES } from './crossplane-refs.ts';
import { crossplaneUsages } from './crossplane-usages.ts';
import { type Column, columns, healthBy } from './custom-resource.ts';

const CompositionFunction = clusterScoped(PACKAGES, 'Function');
const ImageConfig = clusterScoped(PACKAGES, 'ImageConfig');
const DeploymentRuntimeConfig = clusterScoped(PACKAGES, 'DeploymentRuntimeConfig');

/** Where Crossplane keeps its Secrets unless it is installed elsewhere. */
const home = {
  namespace: () => 'crossplane-system',
  confidence: 'naming',
  note: 'in Crossplane’s own namespace, by default crossplane-system',
} as const;

/** The definition of a kind in the group of the object's spec. */
const defines = (path: string): Relation =>
  relation('DEFINES', path, 'CustomResourceDefinition', {}, ({ value, object }) => {
    const group = textAt(valueAt(object, 'spec'), 'group');
    const kindName = textAt(value, 'kind');
    if (group === undefined || kindName === undefined) return undefined;
    return { target: definitionOf(group, kindName), suffix: '.kind', value: `${kindName}.${group}` };
  });

const compositeResourceDefinition = kind({
  group: EXTENSIONS,
  name: 'CompositeResourceDefinition',
  plural: 'compositeresourcedefinitions',
  namespaced: false,
  summary: columns({ established: '@Established', offered: '@Offered' }),
  health: healthBy({ good: ['Established', 'Offered'], progressingReasons: ['WatchingCompositeResource'] }),
  relations: [
    defines('spec.names'),
    defines('spec.claimNames'),
    names('CONFIGURED_BY', 'spec.{defaultCompositionRef,enforcedCompositionRef}', Composition),
  ],
});

const pipeline = (path: string): readonly Relation[] => [
  names('DEPENDS_ON', `${path}.pipeline[*].functionRef`, CompositionFunction),
  names('USES_SECRET', `${path}.pipeline[*].credentials[*].secretRef`, Secret, { namespace: 'namespace' }),
];

const composes: readonly Relation[] = [
  relation('APPLIES_TO', 'spec.compositeTypeRef', 'CustomResourceDefinition', {}, ({ value }) => {
    const kindName = textAt(value, 'kind');
    const group = textAt(value, 'apiVersion')?.split('/')[0];
    if (group === undefined || kindName === undefined) return undefined;
    return { target: definitionOf(group, kindName), suffix: '.kind', value: `${kindName}.${group}` };
  }),
  ...pipeline('spec'),
];
const composed = { xrKind: 'spec.compositeTypeRef.kind', xrApiVersion: 'spec.compositeTypeRef.apiVersion' };

const composition = kind({
  group: EXTENSIONS,
  name: Composition.kind,
  plural: 'compositions',
  namespaced: false,
  summary: columns(composed),
  relations: composes,
});

const compositionRevision = kind({
  group: EXTENSIONS,
  name: CompositionRevision.kind,
  plural: 'compositionrevisions',
  namespaced: false,
  summary: columns({ revision: 'spec.revision', ...composed }),
  relations: [
    names('REVISION_OF', 'metadata.labels["crossplane.io/composition-name"]', Composition, { optional: true }),
    ...composes,
  ],
});

const pulled: readonly Relation[] = [
  names('PULLS_WITH', 'spec.packagePullSecrets[*]', Secret, home),
  names('CONFIGURED_BY', 'status.appliedImageConfigRefs[*]', ImageConfig, { optional: true }),
];
const runtime: readonly Relation[] = [
  refersTo('CONFIGURED_BY', 'spec.runtimeConfigRef', DeploymentRuntimeConfig.kind, {
    defaultGroup: PACKAGES,
    defaultKind: DeploymentRuntimeConfig.kind,
  }),
];
const packageHealth = healthBy({
  good: ['Installed', 'Healthy', 'RevisionHealthy', 'RuntimeHealthy'],
  progressingReasons: ['UnpackingPackage', 'UnknownPackageRevisionHealth'],
});

/** A package, and the revision that it runs. */
function installed(name: string, plural: string, relations: readonly Relation[]): Kind {
  return kind({
    group: PACKAGES,
    name,
    plural,
    namespaced: false,
    summary: columns({ installed: '@Installed', healthy: '@Healthy', package: 'spec.package' }),
    health: packageHealth,
    relations: [
      namesPseudo('USES_IMAGE', 'spec.package', 'Image'),
      names('USES_REVISION', 'status.currentRevision', clusterScoped(PACKAGES, `${name}Revision`)),
      ...pulled,
      ...relations,
    ],
  });
}

function revision(name: string, plural: string, relations: readonly Relation[]): Kind {
  const parent = label('pkg.crossplane.io/package');
  const cells: Readonly<Record<string, Column>> = {
    healthy: '@RevisionHealthy',
    runtime: '@RuntimeHealthy',
    revision: 'spec.revision',
    image: 'spec.image',
    state: 'spec.desiredState',
    package: parent,
  };
  return kind({
    group: PACKAGES,
    name: `${name}Revision`,
    plural,
    namespaced: false,
    summary: columns(cells),
    health: packageHealth,
    idle: (object: unknown) => valueAt(object, 'spec.desiredState') === 'Inactive',
    relations: [
      namesPseudo('USES_IMAGE', 'spec.image', 'Image'),
      names('REVISION_OF', 'metadata.labels["pkg.crossplane.io/package"]', clusterScoped(PACKAGES, name), {
        confidence: 'naming',
      }),
      refersTo('MANAGES', 'status.objectRefs[*]', 'a definition, a composition or a webhook configuration'),
      ...pulled,
      ...relations,
    ],
  });
}

const tls = names('USES_SECRET', 'spec.{tlsClientSecretName,tlsServerSecretName}', Secret, home);

const imageConfig = kind({
  group: PACKAGES,
  name: ImageConfig.kind,
  plural: 'imageconfigs',
  namespaced: false,
  relations: [
    names('PULLS_WITH', 'spec.registry.authentication.pullSecretRef', Secret, home),
    names('TRUSTS', 'spec.verification.cosign.authorities[*].key.secretRef', Secret, home),
  ],
});

const OPERATIONS = 'ops.crossplane.io';
const Operation = clusterScoped(OPERATIONS, 'Operation');
const running = names('PRODUCES', 'status.runningOperationRefs[*]', Operation, { optional: true });

const operation = (name: string, plural: string, relations: readonly Relation[]): Kind =>
  kind({
    group: OPERATIONS,
    name,
    plural,
    namespaced: false,
    health: healthBy({ good: ['Synced', 'Succeeded'], progressingReasons: ['PipelineRunning'] }),
    relations,
  });

export const crossplane: readonly Kind[] = [
  compositeResourceDefinition,
  composition,
  compositionRevision,
  installed('Provider', 'providers', runtime),
  installed('Function', 'functions', runtime),
  installed('Configuration', 'configurations', []),
  revision('Provider', 'providerrevisions', [tls, ...runtime]),
  revision('Function', 'functionrevisions', [tls, ...runtime]),
  revision('Configuration', 'configurationrevisions', []),
  imageConfig,
  kind({ ...DeploymentRuntimeConfig, name: DeploymentRuntimeConfig.kind, plural: 'deploymentruntimeconfigs' }),
  operation('Operation', 'operations', [
    ...pipeline('spec'),
    refersTo('MANAGES', 'status.appliedResourceRefs[*]', 'any', { namespace: 'namespace', optional: true }),
  ]),
  operation('CronOperation', 'cronoperations', [...pipeline('spec.operationTemplate.spec'), running]),
  operation('WatchOperation', 'watchoperations', [...pipeline('spec.operationTemplate.spec'), running]),
  ...crossplaneUsages,
];
