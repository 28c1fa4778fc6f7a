/** Names that the files of Crossplane share. */
import { clusterScoped } from '../refs.ts';

export const EXTENSIONS = 'apiextensions.crossplane.io';
export const PACKAGES = 'pkg.crossplane.io';
export const Composition = clusterScoped(EXTENSIONS, 'Composition');
export const CompositionRevision = clusterScoped(EXTENSIONS, 'CompositionRevision');
