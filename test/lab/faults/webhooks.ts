/** Admission webhooks that do not answer, are not believed, refuse, or change what they should not. */
import { certificateFor } from '../certificates.ts';
import type { Case } from '../fault.ts';
import { container, event, restart } from '../fault.ts';
import { deployment, fromSecret, image, named, served, service } from '../manifests.ts';

type Tree = Readonly<Record<string, unknown>>;

const refused = (words: RegExp): Case['shows'] => event('FailedCreate', words);
const reasons = ['webhook', 'admission'];
const linger = 50;
const churn = ['noise'];

/** A webhook for the pods of a namespace, behind a Service of another. */
function webhook(of: string, name: string, at: string, more: Tree = {}, kind = 'Validating'): Tree {
  const [namespace, serviceName] = at.split('/');
  return named('admissionregistration.k8s.io/v1', `${kind}WebhookConfiguration`, '', name, {
    webhooks: [
      {
        name: `pods.${name}.example.com`,
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        clientConfig: { service: { namespace, name: serviceName, path: '/review' } },
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': of } },
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Fail',
        timeoutSeconds: 3,
        ...more,
      },
    ],
  });
}

/** The program behind it. */
function gate(namespace: string, name: string, args: readonly string[]): readonly object[] {
  const host = `${name}.${namespace}.svc`;
  const { certificate, key } = certificateFor(host);
  return [
    named('v1', 'Secret', namespace, `${name}-tls`, { stringData: { 'tls.crt': certificate, 'tls.key': key } }),
    deployment(namespace, name, {
      command: ['app', 'gate', ...args],
      ready: '',
      container: { readinessProbe: { tcpSocket: { port: 8443 }, periodSeconds: 3 } },
      mounts: { '/etc/tls': fromSecret(`${name}-tls`) },
    }),
    service(namespace, name, { name: 'https', port: 443, targetPort: 8443 }),
  ];
}

function trusting(host: string): Tree {
  return { caBundle: Buffer.from(certificateFor(host).certificate).toString('base64') };
}

function calling(at: string, more: Tree): Tree {
  const [namespace, name] = at.split('/');
  return { clientConfig: { service: { namespace, name, path: '/review' }, ...more } };
}

export const webhookFaults: readonly Case[] = [
  {
    id: 'webhook-service-missing',
    family: 'admission',
    row: 'ADM-5',
    namespaces: ['nursery'],
    before: served('nursery', 'cradles', { replicas: 2 }),
    inject: [
      { apply: [webhook('nursery', 'image-policy', 'policy-system/image-policy')] },
      { wait: 6 },
      restart('deployment/cradles'),
    ],
    shows: refused(/failed calling webhook/),
    label: {
      root: 'ValidatingWebhookConfiguration//image-policy',
      also: ['Service/policy-system/image-policy'],
      reasons: [...reasons, 'service'],
    },
    linger,
    churn,
  },
  {
    id: 'webhook-backend-scaled-away',
    family: 'admission',
    row: 'ADM-5',
    namespaces: ['tailor', 'tailor-guard'],
    get before() {
      const at = 'tailor-guard/sentry';
      const asked = webhook('tailor', 'sentry', at, calling(at, trusting('sentry.tailor-guard.svc')));
      return [...served('tailor', 'seams', { replicas: 2 }), ...gate('tailor-guard', 'sentry', []), asked];
    },
    inject: [
      { kubectl: ['-n', 'tailor-guard', 'scale', 'deployment/sentry', '--replicas=0'] },
      { wait: 8 },
      { kubectl: ['delete', 'pod', '-l', 'app=seams', '--wait=false'] },
    ],
    shows: refused(/failed calling webhook/),
    label: {
      root: 'Deployment/tailor-guard/sentry',
      also: ['ValidatingWebhookConfiguration//sentry'],
      reasons: [...reasons, 'scale', 'replica', 'endpoint'],
    },
    linger,
    churn,
  },
  {
    id: 'webhook-not-trusted',
    family: 'admission',
    row: 'ADM-5',
    namespaces: ['locksmith', 'locksmith-guard'],
    get before() {
      return [...served('locksmith', 'tumblers', { replicas: 2 }), ...gate('locksmith-guard', 'doorman', [])];
    },
    get inject() {
      const at = 'locksmith-guard/doorman';
      return [
        { apply: [webhook('locksmith', 'doorman', at, calling(at, trusting('doorman.elsewhere.svc')))] },
        { wait: 6 },
        restart('deployment/tumblers'),
      ];
    },
    shows: refused(/x509|certificate/),
    label: { root: 'ValidatingWebhookConfiguration//doorman', reasons: [...reasons, 'cert', 'tls', 'ca'] },
    linger,
    churn,
  },
  {
    id: 'webhook-never-answers',
    family: 'admission',
    row: 'ADM-6',
    namespaces: ['tollhouse', 'tollhouse-guard'],
    before: [
      ...served('tollhouse', 'coins', { replicas: 2 }),
      deployment('tollhouse-guard', 'scanner', {
        command: ['sh', '-c', 'while :; do nc -l -p 8443 >/dev/null; done'],
        image,
        ready: '',
      }),
      service('tollhouse-guard', 'scanner', { name: 'https', port: 443, targetPort: 8443 }),
    ],
    inject: [
      { apply: [webhook('tollhouse', 'scanner', 'tollhouse-guard/scanner', {}, 'Mutating')] },
      { wait: 6 },
      { kubectl: ['scale', 'deployment/coins', '--replicas=5'] },
    ],
    shows: refused(/failed calling webhook/),
    label: {
      root: 'MutatingWebhookConfiguration//scanner',
      also: ['Deployment/tollhouse-guard/scanner'],
      reasons: [...reasons, 'timeout'],
    },
    linger,
    churn,
    patience: 150,
  },
  {
    id: 'webhook-refuses',
    family: 'admission',
    row: 'ADM-5',
    namespaces: ['auctioneer', 'auctioneer-guard'],
    get before() {
      const args = ['-refuse=pods of this namespace need the annotation reviewed-by'];
      return [...served('auctioneer', 'gavel', { replicas: 2 }), ...gate('auctioneer-guard', 'notary', args)];
    },
    get inject() {
      const at = 'auctioneer-guard/notary';
      return [
        { apply: [webhook('auctioneer', 'notary', at, calling(at, trusting('notary.auctioneer-guard.svc')))] },
        { wait: 6 },
        restart('deployment/gavel'),
      ];
    },
    shows: refused(/denied the request/),
    label: { root: 'ValidatingWebhookConfiguration//notary', reasons: [...reasons, 'denied', 'policy'] },
    linger,
    churn,
  },
  {
    id: 'webhook-shrinks-memory',
    family: 'admission',
    row: 'ADM-7',
    namespaces: ['ceramics', 'ceramics-guard'],
    get before() {
      const smaller = [{ op: 'replace', path: '/spec/containers/0/resources/limits/memory', value: '17Mi' }];
      return [
        ...served('ceramics', 'glazes', { args: ['-hold=30'], replicas: 2 }),
        ...gate('ceramics-guard', 'autosize', [`-patch=${JSON.stringify(smaller)}`]),
      ];
    },
    get inject() {
      const at = 'ceramics-guard/autosize';
      return [
        {
          apply: [
            webhook('ceramics', 'autosize', at, calling(at, trusting('autosize.ceramics-guard.svc')), 'Mutating'),
          ],
        },
        { wait: 6 },
        restart('deployment/glazes'),
      ];
    },
    shows: container('glazes-', /^OOMKilled$/),
    label: {
      root: 'MutatingWebhookConfiguration//autosize',
      also: ['Deployment/ceramics-guard/autosize'],
      reasons: [...reasons, 'mutat', 'memory'],
    },
    linger,
    churn,
  },
];
