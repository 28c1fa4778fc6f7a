/**
 * Services that free text names, as pods resolve names (kubernetes dns specification 1.1): `http://orders.shop.svc.cluster.local:8080/` calls
 * Service orders of namespace shop. Names of one or two parts count where something says that they are hosts: a scheme before, a port behind,
 * or a key like DB_HOST; and every finding is a heuristic, linked only when such a Service exists.
 */
import type { Found, Outcome } from './kind.ts';
import { Service } from './refs.ts';
import { textAt } from './relations.ts';

const TEXT_MAX = 65_536;

/** What separates the words of a command line, a file of settings, a list or a DSN; the comma is left to those who read a list. */
const SEPARATORS = /[\s;&|<>(){}[\]"'`$]+/;
/** Names of variables, flags and settings whose value is a host: DB_HOST, --redis-addr, bootstrapServers. */
const HOST_KEY = /(?:hosts?|.hostname|addrs?|address(?:es)?|ur[li]s?|endpoints?|servers?|brokers?|upstreams?)$/i;
/** Keys whose `name:1234` is no host and port. */
const OTHER_KEY = /image|tag|version|digest/i;
const SERVICE_NAME = /^(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** A pod of a StatefulSet is resolved by its headless Service, `pod.service`. */
const ORDINAL = /-\d+$/;

/** Services that a text names; undefined when there are none. */
export function dnsTargets(
  found: Pick<Found, 'value' | 'namespace'> & Partial<Pick<Found, 'steps' | 'up'>>,
): readonly Outcome[] | undefined {
  const { value, namespace } = found;
  if (typeof value !== 'string' || value.length < 2 || value.length > TEXT_MAX) return undefined;
  const name = keyOf(found);
  if (!/[:=]|\.svc/.test(value) && !isHostKey(name)) return undefined;
  const outcomes = new Map<string, Outcome>();
  for (const [word, key] of wordsOf(value, name)) {
    for (const host of hostsIn(word, key))
      for (const outcome of servicesOf(host, namespace)) outcomes.set(String(outcome.value), outcome);
  }
  return outcomes.size === 0 ? undefined : [...outcomes.values()];
}

/** Words with what they are called: a lone one as the text, others by the word before, as in `host: orders`, `host = orders`, `--host orders`. */
function* wordsOf(text: string, name: string): Iterable<readonly [word: string, key: string]> {
  const words = text.split(SEPARATORS).filter((word) => word !== '');
  if (words.length === 1) yield [words[0] ?? '', name];
  else
    for (const [index, word] of words.entries()) {
      const before = words[index - 1] ?? '';
      if (/^[:=]$/.test(before)) yield [word, words[index - 2] ?? ''];
      else yield [word, /[:=]$|^-/.test(before) ? before.replace(/[:=]$/, '') : ''];
    }
}

/** What the text is called: the variable, the flag before it, else its field. */
function keyOf({ steps, up }: Partial<Pick<Found, 'steps' | 'up'>>): string {
  const step = steps?.at(-1);
  const holder = up?.(1);
  if (typeof step === 'number') {
    const before: unknown = Array.isArray(holder) ? holder[step - 1] : undefined;
    return typeof before === 'string' && before.startsWith('-') ? before : '';
  }
  return (step === 'value' ? textAt(holder, 'name') : undefined) ?? step ?? '';
}

const hostKeys = new Map<string, boolean>();
const HOST_KEYS_MAX = 10_000;

/** Names of variables and flags are few, and asked for again with every pod. */
function isHostKey(key: string): boolean {
  let known = hostKeys.get(key);
  if (known === undefined) {
    known = HOST_KEY.test(key);
    if (hostKeys.size < HOST_KEYS_MAX) hostKeys.set(key, known);
  }
  return known;
}

/** Hosts of one word that are meant as such; a fully qualified one is at home anywhere. */
function hostsIn(word: string, outerKey: string): readonly string[] {
  const [, innerKey, rest = word] = word.includes('=') ? (/^([\w.-]+)=(.*)$/.exec(word) ?? []) : [];
  const key = innerKey ?? outerKey;
  if (rest.includes('://')) {
    const authorities = [...rest.matchAll(/:\/\/([^/?#]+?)(?=[/?#]|,[a-z][\w+.-]*:\/\/|$)/g)];
    return authorities
      .flatMap(([, authority = '']) => authority.slice(authority.lastIndexOf('@') + 1).split(','))
      .flatMap((entry) => /^([\w.-]+)(?::\d*)?$/.exec(entry)?.[1] ?? []);
  }
  const meant = isHostKey(key);
  if (!meant && !rest.includes(':') && !rest.includes('.svc')) return [];
  return rest.split(',').flatMap((entry) => {
    const [, host, port] = /^(?:[^@/]*@)?([\w.-]+)(?::(\d{2,5}))?(?:\/.*)?$/.exec(entry) ?? [];
    if (host === undefined) return [];
    return meant || (port !== undefined && !OTHER_KEY.test(key)) || /\.svc(?:\.|$)/.test(host) ? [host] : [];
  });
}

/** Services that a host may be, seen from a namespace (`` where there is none). */
function servicesOf(host: string, namespace: string): readonly Outcome[] {
  if (/^[\d.]+$/.test(host)) return isClusterAddress(host) ? [addressedBy(host)] : [];
  const labels = host.replace(/\.$/, '').split('.');
  const [first = '', second = '', third = ''] = labels;
  const svc = labels.lastIndexOf('svc');
  if (svc >= 2) return service(labels[svc - 2], labels[svc - 1]);
  const ofPod = ORDINAL.test(first);
  if (labels.length === 1) return service(first, namespace);
  if (labels.length === 2) return [...service(first, second), ...(ofPod ? service(second, namespace) : [])];
  return labels.length === 3 && ofPod ? service(second, third) : [];
}

function service(name = '', namespace = ''): readonly Outcome[] {
  if (!SERVICE_NAME.test(name) || !SERVICE_NAME.test(namespace)) return [];
  const { group, kind } = Service;
  return [{ target: { by: 'name', group, kind, namespace, name }, value: `${name}.${namespace}` }];
}

/** Whether an IPv4 address may be a Service's: neither this host, nor loopback, link-local, multicast. */
function isClusterAddress(address: string): boolean {
  return /^(?!0\.|127\.|169\.254\.|2[2-5]\d\.)\d{1,3}(?:\.\d{1,3}){3}$/.test(address);
}

/** Selectable fact of a Service, one for each of its addresses. */
export function addressFact(address: string): string {
  return `address:${address}`;
}

function addressedBy(address: string): Outcome {
  const { group, kind } = Service;
  const selector = [{ key: addressFact(address), operator: 'In', values: ['true'] }] as const;
  return { target: { by: 'labels', group, kind, selector, namespaces: { type: 'all' } }, value: address };
}

const CLUSTER_HOST = /^([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.[a-z0-9.-]+)?\.?$/;

/** The Service that a host name denotes inside a cluster, or undefined when it is a host elsewhere. */
export function serviceOfHost(host: string): { readonly name: string; readonly namespace: string } | undefined {
  const [, name, namespace] = CLUSTER_HOST.exec(host) ?? [];
  return name === undefined || namespace === undefined ? undefined : { name, namespace };
}
