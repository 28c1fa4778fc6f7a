/**
 * Autoscalers that do not scale, and deliveries that fail: HelmReleases, Kustomizations, Applications. Only what has been so for minutes; that is how long
 * they take to come right by themselves. Sources: autoscaling/v2, helm.toolkit.fluxcd.io, kustomize.toolkit.fluxcd.io, argoproj.io.
 */
import { milliseconds, text, treeAt } from '../case.ts';
import { conditionOf, MINUTE, PATIENCE_MS, type Read } from './state.ts';

/** Metrics of new pods come after minutes. */
const METRICS_MS = 5 * MINUTE;

/** A choice: what it scales was scaled to nothing. */
const INTENDED = 'ScalingDisabled';

/** What its own specification, or that of what it scales, makes impossible. */
const IMPOSSIBLE =
  /missing (?:pod-level )?request for|\b(?:InvalidSelector|AmbiguousSelector|SelectorRequired|FailedGetScale)\b/;

export const autoscaler: Read = (known, resource) => {
  const object = known.object(resource.id);
  const created = milliseconds(object?.metadata.creationTimestamp);
  const faults = ['AbleToScale', 'ScalingActive'].map((type) => conditionOf(object, type));
  const fault = faults.find((one) => one?.status === 'False' && one.reason !== INTENDED);
  if (fault === undefined) return undefined;
  const { reason, message, at } = fault;
  const isImpossible = IMPOSSIBLE.test(`${reason} ${message}`);
  // Metrics that never came are nothing that happened.
  if (!isImpossible && at - created < METRICS_MS) return undefined;
  if (known.now - Math.max(at, created) < (isImpossible ? MINUTE : METRICS_MS)) return undefined;
  const since = at || created;
  return { resource, whole: resource, reason, message, since, severity: 'warning' };
};

/** Reasons of Ready that are on their way: fluxcd/pkg meta. */
const ON_ITS_WAY = /^(?:Progressing|ProgressingWithRetry|DependencyNotReady|ArtifactFailed|Suspended)$/;

export const fluxApplier: Read = (known, resource) => {
  const object = known.object(resource.id);
  if (treeAt(object, 'spec')?.['suspend'] === true) return undefined;
  const ready = conditionOf(object, 'Ready');
  if (ready?.status !== 'False' || ON_ITS_WAY.test(ready.reason) || known.now - ready.at < PATIENCE_MS)
    return undefined;
  const { reason, message, at } = ready;
  return { resource, whole: resource, reason, message, since: at, severity: 'warning' };
};

/** An Application of Argo CD: an error in its conditions, or an operation that failed. That something it manages is not well, that itself says. */
export const application: Read = (known, resource) => {
  const object = known.object(resource.id);
  const status = treeAt(object, 'status');
  const conditions = status?.['conditions'];
  const error = Array.isArray(conditions) ? conditions.find((one) => /Error$/.test(text(one?.type))) : undefined;
  const operation = treeAt(status, 'operationState');
  const phase = text(operation?.['phase']);
  const failed = phase === 'Failed' || phase === 'Error';
  if (error === undefined && !failed) return undefined;
  const since = milliseconds(error?.lastTransitionTime) || milliseconds(operation?.['finishedAt']) || known.now;
  if (error !== undefined && !failed && known.now - since < PATIENCE_MS) return undefined;
  if (failed && error === undefined && treeAt(status, 'sync')?.['status'] === 'Synced') return undefined;
  return {
    resource,
    whole: resource,
    reason: text(error?.type) || `Sync${phase}`,
    message: text(error?.message) || text(operation?.['message']),
    since,
    severity: 'warning',
  };
};
