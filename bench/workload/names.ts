/**
 * Names, uids and instants of the synthetic estate. Everything is a pure function of the seed and a key, so that any object
 * can name any other without looking at it and no table of what was made needs to be kept.
 */
import { hash32, type Random, seededRandom } from '../../test/support/random.ts';

export const domains: readonly string[] = (
  'payments checkout catalog search inventory shipping billing ledger orders accounts identity profile reviews pricing ' +
  'promotions loyalty fraud risk messaging notifications email media images video analytics reporting forecast recommend ' +
  'feeds partners gateway webhooks export import documents contracts support tickets fleet telemetry'
).split(' ');

export const roles: readonly string[] =
  'api web worker consumer scheduler gateway admin sync indexer cache proxy events'.split(' ');

const environments = 'prod staging dev qa uat perf demo pr-4711 pr-4720 pr-4802 eu us'.split(' ');

/** Kubernetes' own alphabet for generated names: no vowels, no digits that look like letters (apimachinery `rand.SafeEncodeString`). */
const safeAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

const systemNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];
export const systemNamespaceCount = systemNamespaces.length;

export function namespaceName(index: number): string {
  const system = systemNamespaces[index];
  if (system !== undefined) return system;
  const team = index - systemNamespaceCount;
  const environment = environments[Math.floor(team / domains.length) % environments.length];
  const round = Math.floor(team / (domains.length * environments.length));
  return `${domains[team % domains.length]}-${environment}${round === 0 ? '' : `-${round}`}`;
}

/** A random source of its own for one thing of the estate. */
export function randomFor(seed: number, key: string): Random {
  return seededRandom(`${seed}/${key}`);
}

/** A version 4 UUID that depends on seed and key only. */
export function uidFor(seed: number, key: string): string {
  const words = [0, 1, 2, 3].map((word) => hash32(`${word}/${seed}/${key}`).toString(16).padStart(8, '0'));
  const [a, b, c, d] = words as [string, string, string, string];
  const variant = '89ab'[Number.parseInt(c.charAt(0), 16) % 4];
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`;
}

/** A generated suffix as controllers append it: `x7k2p`. */
export function suffixFor(seed: number, key: string, length = 5): string {
  const random = randomFor(seed, `suffix/${key}`);
  let suffix = '';
  while (suffix.length < length) suffix += safeAlphabet[random.int(safeAlphabet.length)];
  return suffix;
}

export function digestFor(seed: number, key: string): string {
  let digest = '';
  for (let word = 0; word < 8; word++) digest += hash32(`digest/${word}/${seed}/${key}`).toString(16).padStart(8, '0');
  return `sha256:${digest}`;
}

/** What the census shows as "now", in milliseconds since 1970: 2026-11-20T00:00:00Z. */
export const censusTime = Date.UTC(2026, 10, 20);

/** RFC 3339 with seconds, as the API server writes `metav1.Time`. */
export function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

export const minuteMs = 60_000;
export const dayMs = 86_400_000;
