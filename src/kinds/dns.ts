/** Service names in free text: `http://orders.shop.svc.cluster.local:8080/` calls Service orders of namespace shop. */
import type { Found, Outcome } from './kind.ts';
import { Service } from './refs.ts';

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const QUALIFIED = new RegExp(
  `(?<![A-Za-z0-9_.-])(${LABEL})\\.(${LABEL})\\.svc(?:\\.cluster\\.local\\.?)?(?![A-Za-z0-9_-])`,
  'g',
);
/** `host:port` or `scheme://host` with a bare or two-part name: the own namespace, or `name.namespace`. */
const LOCAL = new RegExp(
  `(?:(?:^|[\\s,=@"'])(${LABEL})(?:\\.(${LABEL}))?:\\d{2,5}(?![\\d.:])|://(?:[^@/\\s]*@)?(${LABEL})(?:\\.(${LABEL}))?(?=[:/?\\s]|$))`,
  'g',
);
const TEXT_MAX = 8192;

/** Services that a text names. Fully qualified names are nearly certain; `name:port` and `scheme://name` count only when such a Service exists. */
export function dnsTargets({ value, namespace }: Pick<Found, 'value' | 'namespace'>): readonly Outcome[] | undefined {
  if (typeof value !== 'string' || value.length < 4 || value.length > TEXT_MAX) return undefined;
  if (!value.includes('.svc') && !value.includes(':')) return undefined;
  const found = new Map<string, Outcome>();
  const add = (name: string, where: string): void => {
    found.set(`${where}/${name}`, {
      target: { by: 'name', group: Service.group, kind: Service.kind, namespace: where, name },
      value: `${name}.${where}`,
    });
  };
  for (const [, name, where] of value.matchAll(QUALIFIED)) if (name && where) add(name, where);
  for (const [, a, aSpace, b, bSpace] of value.matchAll(LOCAL)) {
    const name = a ?? b;
    if (name !== undefined && !/^\d+$/.test(name)) add(name, aSpace ?? bSpace ?? namespace);
  }
  return found.size === 0 ? undefined : [...found.values()];
}

const CLUSTER_HOST = new RegExp(`^(${LABEL})\\.(${LABEL})\\.svc(?:\\.[a-z0-9.-]+)?\\.?$`);

/** The Service that a host name denotes inside a cluster, or undefined when it is a host elsewhere. */
export function serviceOfHost(host: string): { readonly name: string; readonly namespace: string } | undefined {
  const [, name, namespace] = CLUSTER_HOST.exec(host) ?? [];
  return name === undefined || namespace === undefined ? undefined : { name, namespace };
}
