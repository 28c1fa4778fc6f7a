/**
 * A webhook that everything must pass and that does not answer: its configuration names a Service that is not there, or trusts the wrong certificate; or who
 * stands behind the Service is not well. Source: apiserver pkg/util/webhook, pkg/util/proxy.
 */
import type { Resource } from '../../model/resource.ts';
import { type Case, listAt, text, treeAt } from '../case.ts';
import { deletionOf } from '../changes.ts';
import { absent, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { podsOf } from '../services.ts';
import { type Refusal, ruleChange } from './creation.ts';
import { configurationsOf } from './denials.ts';
import { changed } from './evidence.ts';
import { fieldChange, state } from './fields.ts';
import { changeBefore, kubectlName, saysSo } from './mechanism.ts';
import { faultsOf } from './service-faults.ts';

export function* webhooks(refusal: Refusal): Iterable<Hypothesis> {
  const { known, symptom, said } = refusal;
  const [, name, rest = ''] = /failed calling (?:admission )?webhook "([^"]+)"[:;] ?([\s\S]*)/.exec(said) ?? [];
  if (name === undefined) return;
  const why = rest.replace(/^(?:failed to call webhook: )?(?:Post "?[^\s"]+"?: )?/, '');
  const { whole } = symptom;
  const configurations = configurationsOf(known, whole, name);
  for (const configuration of configurations) yield* unanswered(refusal, configuration, name, why);
  if (configurations.length > 0) return;
  const subject = absent(whole, {
    group: 'admissionregistration.k8s.io',
    kind: 'ValidatingWebhookConfiguration',
    namespace: '',
    name,
  });
  yield {
    subject,
    reason: 'WebhookUnavailable',
    summary: `Webhook ${name}, which pods of ${titleOf(whole)} must pass, does not answer.`,
    evidence: [saysSo(symptom, weights.named)],
    path: [titleOf(subject), 'INTERCEPTS', titleOf(whole)],
    remedy: {
      summary: 'See who answers for the webhook.',
      commands: ['kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations'],
    },
  };
}

function* unanswered(refusal: Refusal, configuration: Resource, name: string, why: string): Iterable<Hypothesis> {
  const { known, symptom } = refusal;
  const { since, whole } = symptom;
  const path = [titleOf(configuration), 'INTERCEPTS', titleOf(whole)];
  const behind = [...behindIt(refusal, configuration, name, why, ['SENT_TO', ...path])];
  yield* behind;
  const isCertificate = /x509|certificate|tls:/i.test(why);
  const change = ruleChange(known, configuration, since, /^webhooks\b/, 'webhooks');
  const isBehind = behind.length > 0 && !isCertificate;
  yield {
    subject: configuration,
    reason: isCertificate
      ? 'WebhookCertificateInvalid'
      : /deadline exceeded|timeout|timed out/i.test(why)
        ? 'WebhookTimesOut'
        : 'WebhookUnavailable',
    summary: `Webhook ${name} of ${titleOf(configuration)}, which pods of ${titleOf(whole)} must pass, does not answer: ${why.slice(0, 200)}`,
    evidence: [
      saysSo(symptom, weights.named),
      state('no pod gets past it', isBehind ? 0 : weights.state, configuration),
      ...changed(change, since),
    ],
    path,
    remedy: {
      summary: isCertificate
        ? 'Put the right caBundle in.'
        : 'Bring its Service up, or let failurePolicy be Ignore, or delete the configuration.',
      commands: [`kubectl get ${kubectlName(configuration)} -o yaml`],
    },
  };
}

/** Why nobody answers for a webhook, where that is not its configuration. */
function* behindIt(
  { known, symptom }: Refusal,
  configuration: Resource,
  name: string,
  why: string,
  path: readonly string[],
): Iterable<Hypothesis> {
  const { since } = symptom;
  const webhook = listAt(known.object(configuration.id), 'webhooks').find((one) => text(one['name']) === name);
  const named = treeAt(treeAt(webhook, 'clientConfig'), 'service');
  if (named === undefined) return;
  const target = { group: '', kind: 'Service', namespace: text(named['namespace']), name: text(named['name']) };
  const service = known.view.byName({ cluster: configuration.cluster, ...target });
  const said = saysSo(symptom, weights.state);
  if (service === undefined) {
    const gone = deletionOf(known, target);
    const subject = absent(configuration, target);
    if (gone)
      yield {
        subject,
        reason: 'ServiceDeleted',
        summary: `${titleOf(subject)}, which answers for the webhook ${name}, was deleted.`,
        evidence: [said, state('it does not exist', weights.missing, subject), ...changed(gone, since)],
        path: [titleOf(subject), ...path],
        remedy: { summary: 'Make the Service again.', commands: [`kubectl get services -n ${target.namespace}`] },
      };
    return;
  }
  if (/x509|certificate|tls:/i.test(why)) yield* certificates(known, service, since, said, path);
  else
    yield* faultsOf(known, {
      service,
      since,
      evidence: [said],
      path: [titleOf(service), ...path].slice(1),
      port: typeof named['port'] === 'number' ? named['port'] : 443,
    });
}

/** The certificate with which it answers was changed. */
function* certificates(
  known: Case,
  service: Resource,
  since: number,
  said: ReturnType<typeof saysSo>,
  path: readonly string[],
): Iterable<Hypothesis> {
  const secrets = new Map<string, Resource>();
  for (const pod of podsOf(known, service))
    for (const secret of known.targets(pod.id, 'MOUNTS')) if (secret.kind === 'Secret') secrets.set(secret.id, secret);
  for (const secret of secrets.values()) {
    const change =
      fieldChange(known, secret, since, /^data\b/, 'data') ??
      changeBefore(known, secret, since, ({ verb, fields }) => verb === 'changed' && fields.length > 0);
    if (change)
      yield {
        subject: secret,
        reason: 'CertificateChanged',
        summary: `${titleOf(secret)}, with which the webhook behind ${titleOf(service)} answers, was changed.`,
        evidence: [said, ...changed(change, since), state('its certificate is not trusted', weights.usual, secret)],
        path: [titleOf(secret), 'MOUNTS', titleOf(service), ...path],
        remedy: {
          summary: 'Put the certificate of the Secret and the caBundle in step.',
          commands: [`kubectl get ${kubectlName(secret)}`],
        },
      };
  }
}
