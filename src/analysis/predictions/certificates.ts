/**
 * Certificates that expire. What is in Secrets is not known; when it ends is told by who made it: cert-manager in the status of a Certificate, OpenShift, Cluster API
 * and others in annotations, exporters as a measurement in seconds since 1970. What will be renewed in time is not told.
 */
import type { KubeObject } from '../../model/change.ts';
import type { Resource } from '../../model/resource.ts';
import { type Case, milliseconds, text, treeAt } from '../case.ts';
import { conditionOf } from '../states/state.ts';
import { measured } from './metrics.ts';
import type { Prediction, Reader } from './prediction.ts';

const MINUTE = 60_000;
/** cert-manager renews at once; somewhat later it has not. */
const LATE_MS = 10 * MINUTE;
const ANNOTATIONS =
  /(?:certificate-not-after|certificates-expiry|\/expiry|\/not-after|certificate-expiration(?:-date)?)$/i;
const EXPIRY =
  /^(?:x509_cert_not_after|ssl_certificate_expiry_seconds|probe_ssl_earliest_cert_expiry|certmanager_certificate_expiration_timestamp_seconds|tls\.server\.not_after)$/;

export const certificates: Reader = function* (known) {
  for (const certificate of known.view.resources({ group: 'cert-manager.io', kind: 'Certificate' })) {
    const object = known.object(certificate.id);
    const status = treeAt(object, 'status');
    const at = milliseconds(status?.['notAfter']);
    if (at === 0 || isRenewed(known, object)) continue;
    yield expiry(known, certificate, at, text(treeAt(object, 'spec')?.['secretName']) || certificate.name);
  }
  for (const resource of known.view.resources()) {
    if (resource.pseudo || !CARRIERS.has(resource.kind)) continue;
    for (const [key, value] of Object.entries(known.object(resource.id)?.metadata.annotations ?? {})) {
      const at = ANNOTATIONS.test(key) ? milliseconds(value) : 0;
      if (at > 0) yield expiry(known, resource, at, resource.name);
    }
  }
  for (const { subject, name, points } of measured(known)) {
    const last = points.at(-1);
    if (last && EXPIRY.test(name) && last.value > 0) yield expiry(known, subject, last.value * 1_000, subject.name);
  }
};

/** Kinds that carry such annotations. */
const CARRIERS: ReadonlySet<string> = new Set([
  'Secret',
  'ConfigMap',
  'Machine',
  'KubeadmControlPlane',
  'KubeadmConfig',
]);

function isRenewed(known: Case, object: KubeObject | undefined): boolean {
  const renewal = milliseconds(treeAt(object, 'status')?.['renewalTime']);
  const isReady = conditionOf(object, 'Ready')?.status === 'True';
  return renewal > 0 && isReady && known.now <= renewal + LATE_MS;
}

function expiry(known: Case, subject: Resource, at: number, what: string): Prediction {
  const isOver = at <= known.now;
  const created = milliseconds(subject.createdAt) || known.begins;
  return {
    kind: 'certificate',
    subject,
    what,
    unit: 'time',
    value: known.now - created,
    limit: at - created,
    state: isOver ? 'exhausted' : 'rising',
    at,
    ...(!isOver && { earliest: at, latest: at }),
    points: 1,
    spanMs: 0,
    summary: `The certificate ${what} ${isOver ? 'has expired' : 'expires'}, and nothing says that it is renewed.`,
  };
}
