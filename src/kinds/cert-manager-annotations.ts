/**
 * What other objects ask of cert-manager by annotation, a certificate for an Ingress or Gateway, a CA bundle for a webhook or API; and what it
 * notes on the Secrets that it fills.
 * Source: cert-manager pkg/apis/certmanager/v1, annotations of ingress-shim and cainjector.
 */
import type { Relation } from './kind.ts';
import { namesQualified } from './qualified-name.ts';
import { namespaced, Secret } from './refs.ts';
import { names, namesPseudo, relation, textAt } from './relations.ts';

const GROUP = 'cert-manager.io';
const Certificate = namespaced(GROUP, 'Certificate');

const annotation = (name: string): string => `metadata.annotations["${GROUP}/${name}"]`;

/** The issuer whom cert-manager asks for the TLS Secrets of this object. `issuer-kind` and `issuer-group` name issuers of other groups. */
export const issuerAnnotations: readonly Relation[] = [
  issuer('issuer', 'Issuer'),
  issuer('cluster-issuer', 'ClusterIssuer'),
];

const mark = { confidence: 'naming', note: 'a mark of cert-manager on what it has issued' } as const;

/** What cert-manager writes on the Secrets that it fills. */
export const issuedSecret: readonly Relation[] = [
  names('BELONGS_TO', annotation('certificate-name'), Certificate, mark),
  issuer('issuer-name', 'Issuer', mark),
];

function issuer(name: string, defaultKind: string, options: Partial<typeof mark> = {}): Relation {
  return relation('ISSUED_BY', annotation(name), `${defaultKind}, or any`, options, (found) => {
    const { value, up, namespace, lookup } = found;
    if (typeof value !== 'string' || value === '') return undefined;
    const kindName = textAt(up(1), `${GROUP}/issuer-kind`) ?? defaultKind;
    const { group, kind, namespaced: local } = lookup(textAt(up(1), `${GROUP}/issuer-group`) ?? GROUP, kindName);
    return { target: { by: 'name', group, kind, namespace: local ? namespace : '', name: value } };
  });
}

/** Where cainjector takes the CA bundle from that it writes into webhooks, APIServices and CRDs. */
export const caInjection: readonly Relation[] = [
  namesQualified('CERTIFIES', annotation('inject-ca-from'), Certificate),
  namesQualified('CERTIFIES', annotation('inject-ca-from-secret'), Secret, {
    note: 'takes effect only when the Secret carries the annotation cert-manager.io/allow-direct-injection',
  }),
  namesPseudo('CERTIFIES', annotation('inject-apiserver-ca'), 'CertificateAuthority', {
    read: ({ value }) => (value === 'true' ? 'kube-apiserver' : undefined),
  }),
];
