/** Sealed Secrets: an encrypted Secret that the controller opens into one of the same name. Source: bitnami.com/v1alpha1. */
import type { Kind } from '../kind.ts';
import { kind } from '../kind.ts';
import { Secret } from '../refs.ts';
import { names } from '../relations.ts';
import { columns, healthBy } from './custom-resource.ts';

const sealedSecret = kind({
  group: 'bitnami.com',
  name: 'SealedSecret',
  plural: 'sealedsecrets',
  namespaced: true,
  summary: columns({ status: '@Synced.message', synced: '@Synced' }),
  health: healthBy({ good: ['Synced'] }),
  relations: [names('PRODUCES', 'metadata.name', Secret, { note: 'of the same name, whatever the template says' })],
});

export const sealedSecrets: readonly Kind[] = [sealedSecret];
