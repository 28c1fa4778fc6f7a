/** ExternalDNS: names in DNS, and what they lead to. Source: externaldns.k8s.io/v1alpha1 (external-dns 0.19). */
import { hostOutcome } from '../addresses.ts';
import type { Kind, Outcome, Relation } from '../kind.ts';
import { kind } from '../kind.ts';
import { relation } from '../relations.ts';

const present = (outcome: Outcome | undefined): outcome is Outcome => outcome !== undefined;

/** Names, separated by commas, that an object of any kind wants to be known by. */
export const dnsNames: Relation = relation(
  'DEFINES',
  'metadata.annotations["external-dns.alpha.kubernetes.io/hostname"]',
  'ExternalHost (pseudo)',
  {},
  ({ value }) =>
    String(value)
      .split(',')
      .map((host) => hostOutcome(host.trim()))
      .filter(present),
);

const host = (edge: string, path: string): Relation =>
  relation(edge, path, 'ExternalHost (pseudo), or Service', {}, ({ value }) =>
    typeof value === 'string' ? hostOutcome(value) : undefined,
  );

const dnsEndpoint = kind({
  group: 'externaldns.k8s.io',
  name: 'DNSEndpoint',
  plural: 'dnsendpoints',
  namespaced: true,
  relations: [host('DEFINES', 'spec.endpoints[*].dnsName'), host('ROUTES_TO', 'spec.endpoints[*].targets[*]')],
});

export const externalDns: readonly Kind[] = [dnsEndpoint];
