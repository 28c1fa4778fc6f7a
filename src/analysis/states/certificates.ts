/** Certificates of cert-manager that have expired, or cannot be renewed. What is being issued for the first time is on its way. Source: cert-manager.io/v1. */
import { milliseconds, treeAt } from '../case.ts';
import { conditionOf, MINUTE, type Read } from './state.ts';

/** So long an issuer may take. */
const ISSUING_MS = 10 * MINUTE;

export const certificate: Read = (known, resource) => {
  const object = known.object(resource.id);
  const ready = conditionOf(object, 'Ready');
  const ends = milliseconds(treeAt(object, 'status')?.['notAfter']);
  const isExpired = ends > 0 && ends <= known.now;
  const isStuck = ready?.status === 'False' && ends > 0 && known.now - ready.at > ISSUING_MS;
  if (!isExpired && !isStuck) return undefined;
  return {
    resource,
    whole: resource,
    reason: isExpired ? 'CertificateExpired' : 'CertificateNotRenewed',
    message: ready?.message ?? '',
    since: isExpired ? ends : (ready?.at ?? known.now),
    severity: isExpired ? 'critical' : 'warning',
  };
};
