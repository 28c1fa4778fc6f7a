/**
 * Who may attach to a listener: `allowedRoutes` of Gateways and ListenerSets, `allowedListeners` of Gateways.
 * Source: gateway.networking.k8s.io/v1 AllowedRoutes (namespaces default Same, kinds by protocol), AllowedListeners (default None).
 */
import type { Listener } from '../model/reference.ts';
import { selectorFrom } from '../model/selector.ts';
import { GATEWAY_GROUP, GATEWAY_GROUP_X } from './gateway-refs.ts';
import { textAt } from './relations.ts';

const route = (kind: string) => ({ group: GATEWAY_GROUP, kind });
const HTTP = [route('HTTPRoute'), route('GRPCRoute')];
const TLS = [route('TLSRoute'), route('TCPRoute')];
const TCP = [route('TCPRoute')];
const UDP = [route('UDPRoute')];
/** Protocols of implementations' own take any route; only ListenerSets are not routes. */
const ANY = [...HTTP, route('TLSRoute'), ...TCP, ...UDP];
const byProtocol: Readonly<Record<string, Listener['kinds']>> = { HTTP, HTTPS: HTTP, TLS, TCP, UDP };

const LISTENER_SETS = [
  { group: GATEWAY_GROUP, kind: 'ListenerSet' },
  { group: GATEWAY_GROUP_X, kind: 'XListenerSet' },
];

/** The listeners of a Gateway's spec, and one more that ListenerSets attach to. */
export function gatewayListeners(object: unknown): readonly Listener[] {
  const { allowedListeners } = specOf(object) as { allowedListeners?: { namespaces?: unknown } };
  const sets: Listener = {
    section: '',
    from: fromNamespaces(allowedListeners?.namespaces, 'None'),
    kinds: LISTENER_SETS,
  };
  return [...setListeners(object), sets];
}

/** The listeners of a spec. The API requires at least one; a spec without the field says nothing, and gets the defaults of one. */
export function setListeners(object: unknown): readonly Listener[] {
  const { listeners } = specOf(object) as { listeners?: unknown };
  return Array.isArray(listeners) ? listeners.map(listenerFrom) : [listenerFrom({})];
}

const specOf = (object: unknown): object => (object as { spec?: object }).spec ?? {};

function listenerFrom(value: unknown): Listener {
  const { port, allowedRoutes } = value as {
    port?: unknown;
    allowedRoutes?: { namespaces?: unknown; kinds?: unknown };
  };
  const kinds = kindsFrom(allowedRoutes?.kinds) ?? byProtocol[textAt(value, 'protocol') ?? ''] ?? ANY;
  return {
    section: textAt(value, 'name') ?? '',
    ...(typeof port === 'number' && { port }),
    from: fromNamespaces(allowedRoutes?.namespaces, 'Same'),
    kinds,
  };
}

/** A malformed selector admits nobody. */
function fromNamespaces(value: unknown, otherwise: 'Same' | 'None'): Listener['from'] {
  const from = textAt(value, 'from') ?? otherwise;
  if (from === 'All' || from === 'Same' || from === 'None') return from;
  const selector = from === 'Selector' ? selectorFrom((value as { selector?: unknown }).selector) : undefined;
  return selector === undefined ? 'None' : { selector };
}

/** An absent or empty list leaves the kinds to the protocol. */
function kindsFrom(list: unknown): Listener['kinds'] {
  if (!Array.isArray(list) || list.length === 0) return undefined;
  return list.map((entry: { group?: string; kind?: string }) => ({
    group: entry.group ?? GATEWAY_GROUP,
    kind: entry.kind ?? '',
  }));
}
