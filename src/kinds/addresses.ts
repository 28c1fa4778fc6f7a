/** Hosts, addresses and ranges that objects name: in-cluster hosts are Services, all others are pseudo resources. */
import { serviceOfHost } from './dns.ts';
import type { Outcome, Relation } from './kind.ts';
import { Service } from './refs.ts';
import { relation, textAt } from './relations.ts';

/** The Service that a host denotes inside the cluster, else the host as ExternalHost. */
export function hostOutcome(host: string): Outcome | undefined {
  const inside = serviceOfHost(host);
  if (inside) return { target: { by: 'name', group: Service.group, kind: Service.kind, ...inside } };
  const name = host.replace(/\.$/, '');
  return name === '' ? undefined : { target: { by: 'pseudo', kind: 'ExternalHost', namespace: '', name } };
}

/** The host of an `https://host:port/path` URL as an outcome; undefined when it is none. */
export function urlOutcome(url: unknown): Outcome | undefined {
  const parsed = typeof url === 'string' ? URL.parse(url) : null;
  return parsed === null || parsed.hostname === '' ? undefined : hostOutcome(parsed.hostname);
}

/** A block of addresses, `10.0.0.0/8`. */
export function cidrOutcome(cidr: string, attributes?: Outcome['attributes']): Outcome {
  return { target: { by: 'pseudo', kind: 'CIDR', namespace: '', name: cidr }, ...(attributes && { attributes }) };
}

/** Addresses of a load balancer's status, `ip` before `hostname`. */
export function addressesOf(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list.map((entry) => textAt(entry, 'ip') ?? textAt(entry, 'hostname')).filter((text) => text !== undefined);
}

/** The entries at the path are addresses at which the object is reached from outside; in-cluster host names are Services. */
export function exposedBy(path: string, field?: 'value'): Relation {
  return relation('EXPOSED_BY', path, 'LoadBalancer (pseudo), or Service', {}, ({ value }) => {
    const address = field ? textAt(value, field) : (textAt(value, 'ip') ?? textAt(value, 'hostname'));
    if (address === undefined) return undefined;
    const inside = serviceOfHost(address);
    return inside
      ? { target: { by: 'name', group: Service.group, kind: Service.kind, ...inside }, optional: true }
      : { target: { by: 'pseudo', kind: 'LoadBalancer', namespace: '', name: address } };
  });
}
