/** OpenShift's builds: from source and base images to a tag of a stream. Sources: build and image .openshift.io/v1 (openshift/api of July 2025). */
import type { Kind, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { ConfigMap, namespaced, Secret, ServiceAccount } from '../refs.ts';
import { names, namesPseudo, refersTo, relation, textAt, valueAt } from '../relations.ts';
import { carries } from './attributes.ts';
import { columns, healthByPhase } from './custom-resource.ts';
import { ImageStream, imageFrom } from './openshift-images.ts';
import { repository } from './repository.ts';

const GROUP = 'build.openshift.io';
const BuildConfig = namespaced(GROUP, 'BuildConfig');

const STRATEGY = 'spec.strategy.{dockerStrategy,sourceStrategy,customStrategy}';
const ENVIRONMENT =
  'spec.strategy.{dockerStrategy,sourceStrategy,customStrategy,jenkinsPipelineStrategy}.env[*].valueFrom';
const keyed = { optional: 'optional', attributes: carries(['key']) };

/** CommonSpec, which a BuildConfig and each of its Builds have. */
const build: readonly Relation[] = [
  relation('RUNS_AS', 'spec', ServiceAccount.kind, { note: 'serviceAccount, else builder' }, ({ value, namespace }) => {
    const said = textAt(value, 'serviceAccount');
    const { group, kind: kindName } = ServiceAccount;
    return {
      target: { by: 'name', group, kind: kindName, namespace, name: said ?? 'builder' },
      suffix: '.serviceAccount',
      ...(said === undefined && { optional: true }),
    };
  }),
  repository('spec.source.git.uri'),
  names('USES_SECRET', 'spec.source.sourceSecret', Secret),
  names('MOUNTS', 'spec.source.secrets[*].secret', Secret),
  names('MOUNTS', 'spec.source.configMaps[*].configMap', ConfigMap),
  imageFrom('USES_IMAGE', 'spec.source.images[*].from'),
  names('PULLS_WITH', 'spec.source.images[*].pullSecret', Secret),
  imageFrom('USES_IMAGE', `${STRATEGY}.from`),
  names('PULLS_WITH', `${STRATEGY}.pullSecret`, Secret),
  names('MOUNTS', 'spec.strategy.customStrategy.secrets[*].secretSource', Secret),
  names('MOUNTS', `${STRATEGY}.volumes[*].source.secret`, Secret, { name: 'secretName', optional: 'optional' }),
  names('MOUNTS', `${STRATEGY}.volumes[*].source.configMap`, ConfigMap, { optional: 'optional' }),
  names('READS_SECRET', `${ENVIRONMENT}.secretKeyRef`, Secret, keyed),
  names('READS', `${ENVIRONMENT}.configMapKeyRef`, ConfigMap, keyed),
  imageFrom('PRODUCES', 'spec.output.to'),
  names('USES_SECRET', 'spec.output.pushSecret', Secret),
];

const buildConfig = kind({
  group: GROUP,
  name: BuildConfig.kind,
  plural: 'buildconfigs',
  namespaced: true,
  summary: columns({ type: 'spec.strategy.type', from: 'spec.source.type', latest: 'status.lastVersion' }),
  relations: [
    ...build,
    names('USES_SECRET', 'spec.triggers[*].{github,generic,gitlab,bitbucket}.secretReference', Secret),
    imageFrom('RESTARTS_WITH', 'spec.triggers[*].imageChange.from'),
  ],
});

const finished = new Set(['Complete', 'Failed', 'Error', 'Cancelled']);

const oneBuild = kind({
  group: GROUP,
  name: 'Build',
  plural: 'builds',
  namespaced: true,
  summary: columns({
    type: 'spec.strategy.type',
    from: 'spec.source.type',
    status: 'status.phase',
    started: 'status.startTimestamp',
    duration: 'status.duration',
  }),
  health: healthByPhase('status.phase', {
    Complete: 'healthy',
    Running: 'healthy',
    New: 'warning',
    Pending: 'warning',
    Cancelled: 'warning',
    Failed: 'critical',
    Error: 'critical',
  }),
  idle: (object: unknown) => finished.has(String(valueAt(object, 'status.phase'))),
  relations: [
    ...build,
    refersTo('BELONGS_TO', 'status.config', BuildConfig.kind, {
      defaultGroup: GROUP,
      defaultKind: BuildConfig.kind,
      namespace: 'namespace',
    }),
    namesPseudo('PRODUCES', 'status.outputDockerImageReference', 'Image'),
  ],
});

const imageStream = kind({
  group: ImageStream.group,
  name: ImageStream.kind,
  plural: 'imagestreams',
  namespaced: true,
  summary: columns({
    imageRepository: (object) =>
      textAt(valueAt(object, 'status'), 'publicDockerImageRepository') ??
      textAt(valueAt(object, 'status'), 'dockerImageRepository'),
    tags: (object) => {
      const tags = valueAt(object, 'status.tags');
      return Array.isArray(tags) ? tags.map((entry) => String(entry?.tag)).join(',') : undefined;
    },
  }),
  relations: [imageFrom('SYNCS_FROM', 'spec.tags[*].from')],
});

export const openshiftBuilds: readonly Kind[] = [buildConfig, oneBuild, imageStream];
