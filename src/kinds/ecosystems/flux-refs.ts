/** Names and habits that the kinds of Flux share. */
import type { Relation } from '../kind.ts';
import { namespaced } from '../refs.ts';
import { refersTo } from '../relations.ts';
import { healthBy } from './custom-resource.ts';

export const SOURCE = 'source.toolkit.fluxcd.io';
export const EXTENSIONS = 'source.extensions.fluxcd.io';
export const NOTIFICATION = 'notification.toolkit.fluxcd.io';
export const IMAGE = 'image.toolkit.fluxcd.io';

export const Kustomization = namespaced('kustomize.toolkit.fluxcd.io', 'Kustomization');
export const HelmRelease = namespaced('helm.toolkit.fluxcd.io', 'HelmRelease');
export const GitRepository = namespaced(SOURCE, 'GitRepository');
export const OCIRepository = namespaced(SOURCE, 'OCIRepository');
export const HelmRepository = namespaced(SOURCE, 'HelmRepository');
export const HelmChart = namespaced(SOURCE, 'HelmChart');
export const Bucket = namespaced(SOURCE, 'Bucket');
export const ExternalArtifact = namespaced(SOURCE, 'ExternalArtifact');
export const ArtifactGenerator = namespaced(EXTENSIONS, 'ArtifactGenerator');
export const Provider = namespaced(NOTIFICATION, 'Provider');
export const ImageRepository = namespaced(IMAGE, 'ImageRepository');
export const ImagePolicy = namespaced(IMAGE, 'ImagePolicy');
export const ImageUpdateAutomation = namespaced(IMAGE, 'ImageUpdateAutomation');

export const fluxHealth = healthBy({
  good: ['Ready'],
  bad: ['Stalled'],
  progressing: ['Reconciling'],
  progressingReasons: ['Progressing', 'DependencyNotReady'],
});

export const fluxColumns = { ready: '@Ready', status: '@Ready.message' };

export const sourced = (path: string): Relation =>
  refersTo('SYNCS_FROM', path, 'a Flux source', { defaultGroup: SOURCE, namespace: 'namespace' });
