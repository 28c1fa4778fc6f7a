/**
 * Certificates that are not accepted: expired, of an authority that nobody knows, or not fitting their key. The Secret that holds it is why: one of who
 * complains, or of whom it calls.
 */
import type { Resource } from '../../model/resource.ts';
import { callsOf } from '../calls.ts';
import { type Case, listAt, text, treeAt } from '../case.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { podsOf } from '../services.ts';
import type { Symptom } from '../symptoms.ts';
import { changed } from './evidence.ts';
import { fieldChange, state } from './fields.ts';
import { saying } from './lines.ts';
import { downTo, kubectlName, type Mechanism } from './mechanism.ts';

const EXPIRED =
  /certificate(?: \S+){0,4} (?:has |is )?expired|CERT_HAS_EXPIRED|expired certificate|certificate expired|certificate is not yet valid|not yet valid/i;
const REJECTED =
  /x509: certificate|certificate verify failed|signed by unknown authority|self[- ]signed certificate|unable to (?:get local issuer|verify the first)|unknown ca\b|bad certificate|PKIX path|SSLHandshakeException|certificate (?:is )?(?:invalid|unknown|not trusted)/i;
/** It cannot even read its own. */
const OWN =
  /key (?:does not|doesn't) match|key values mismatch|failed to find any PEM data|bad end line|no start line|invalid PEM|(?:load|read|pars)\w* (?:the )?(?:x509 |tls )?(?:key pair|certificate|cert\b)/i;

export const certificates: Mechanism = function* (known, symptom) {
  if (/^(?:FailedCreate|Unschedulable|FailedMount)$|^ErrImage|^ImagePull/.test(symptom.reason)) return;
  const own = saying(known, symptom, OWN);
  const expired = saying(known, symptom, EXPIRED);
  const line = own ?? expired ?? saying(known, symptom, REJECTED);
  if (line === undefined || symptom.resource.kind === 'Node') return;
  const called = own ? [] : calledBy(known, symptom);
  const held = [...new Set([...called.flatMap((one) => secretsOf(known, one)), ...secretsOf(known, symptom.resource)])];
  for (const secret of held) {
    const change = fieldChange(known, secret, symptom.since, /^(?:data|stringData)\b/, 'data');
    if (change === undefined && held.length > 3) continue;
    yield ofSecret(
      known,
      symptom,
      secret,
      [
        { ...line.evidence, weight: expired || own ? weights.state : weights.usual },
        ...changed(change, symptom.since),
        state(
          held.length === 1
            ? 'it holds the only certificate in question'
            : `one of ${held.length} certificates in question`,
          held.length === 1 ? weights.usual : weights.edge,
          secret,
        ),
        ...issuing(known, secret),
      ],
      expired !== undefined,
    );
  }
};

/** Pods that answer for whom the sufferer calls, where a call failed. */
function calledBy(known: Case, symptom: Symptom): readonly Resource[] {
  return callsOf(known, symptom).flatMap(({ callee }) => {
    if (callee === undefined || 'absent' in callee) return [];
    return callee.kind === 'Service' ? podsOf(known, callee).slice(0, 3) : [callee];
  });
}

/** Secrets with a certificate that a pod mounts or reads. */
function secretsOf(known: Case, pod: Resource): readonly Resource[] {
  return ['MOUNTS', 'READS_SECRET', 'USES_SECRET']
    .flatMap((type) => known.targets(pod.id, type))
    .filter((one) => {
      const object = known.object(one.id);
      const keys = Object.keys(treeAt(object, 'data') ?? {}).join(' ');
      return (
        one.kind === 'Secret' &&
        (text(object?.['type']) === 'kubernetes.io/tls' || /\.(?:crt|pem|cert|cer|p12|jks|key)\b/.test(keys))
      );
    });
}

/** What was to renew it does not. */
function* issuing(known: Case, secret: Resource): Iterable<Evidence> {
  const { cluster, namespace } = secret;
  for (const one of known.view.resources({ cluster, group: 'cert-manager.io', kind: 'Certificate', namespace })) {
    const object = known.object(one.id);
    if (treeAt(object, 'spec')?.['secretName'] !== secret.name) continue;
    const ready = listAt(treeAt(object, 'status'), 'conditions').find(({ type }) => type === 'Ready');
    if (ready?.['status'] === 'False')
      yield state(`${titleOf(one)} is not ready: ${text(ready['message'])}`, weights.usual, one);
  }
}

function ofSecret(
  known: Case,
  symptom: Symptom,
  secret: Resource,
  evidence: readonly Evidence[],
  isExpired: boolean,
): Hypothesis {
  const isOwn = secretsOf(known, symptom.resource).some(({ id }) => id === secret.id);
  return {
    subject: secret,
    reason: isExpired ? 'CertificateExpired' : 'CertificateRejected',
    summary: `The certificate in ${titleOf(secret)} ${isExpired ? 'has expired' : 'is not accepted'}.`,
    evidence,
    path: [titleOf(secret), isOwn ? 'MOUNTS' : 'CALLS', ...downTo(symptom)],
    remedy: {
      summary: 'Renew the certificate.',
      commands: [
        `kubectl get ${kubectlName(secret)} -o jsonpath='{.data.tls\\.crt}' | base64 -d | openssl x509 -noout -dates -issuer`,
      ],
    },
  };
}
