/** Flux's notifications: what alerts hear of, whom they tell, and what receivers wake. Source: notification.toolkit.fluxcd.io/v1, v1beta3. */
import { selectorFromMap } from '../../model/selector.ts';
import type { Found, Kind, Outcome } from '../kind.ts';
import { kind } from '../kind.ts';
import { labelled } from '../pod-peers.ts';
import { Secret, ServiceAccount } from '../refs.ts';
import { groupIn, names, relation, textAt, valueAt } from '../relations.ts';
import { columns } from './custom-resource.ts';
import {
  Bucket,
  ExternalArtifact,
  fluxColumns,
  fluxHealth,
  GitRepository,
  HelmChart,
  HelmRelease,
  HelmRepository,
  ImagePolicy,
  ImageRepository,
  ImageUpdateAutomation,
  Kustomization,
  NOTIFICATION,
  OCIRepository,
  Provider,
} from './flux-refs.ts';

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
  const target = { group, kind: kindName, namespaced: true };
  return { ...labelled(target, selector, { type: 'names', names: [namespace] }), suffix: '.name' };
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
  summary: columns(fluxColumns),
  health: fluxHealth,
  relations: [
    relation('NOTIFIES', 'spec.resources[*]', FLUX_OBJECT, allOrOne, fluxObject),
    names('USES_SECRET', 'spec.secretRef', Secret),
  ],
});

export const fluxNotification: readonly Kind[] = [alert, provider, receiver];
