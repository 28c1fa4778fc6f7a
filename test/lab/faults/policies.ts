/** NetworkPolicies that stop what they should let through. Nothing in the cluster says so: only those who wait for an answer do. */
import { caller } from '../callers.ts';
import type { Case } from '../fault.ts';
import { unready } from '../fault.ts';
import { named, served } from '../manifests.ts';

type Tree = Readonly<Record<string, unknown>>;

const linger = 80;

function policy(namespace: string, name: string, spec: Tree): Tree {
  return named('networking.k8s.io/v1', 'NetworkPolicy', namespace, name, { spec });
}

function callersOf(app: string, callers: readonly string[]): Tree {
  const from = callers.map((name) => ({ podSelector: { matchLabels: { app: name } } }));
  return { podSelector: { matchLabels: { app } }, policyTypes: ['Ingress'], ingress: [{ from }] };
}

export const policyFaults: readonly Case[] = [
  {
    id: 'policy-denies-all',
    family: 'network',
    row: 'NET-6',
    namespaces: ['ironmonger'],
    before: [
      ...served('ironmonger', 'nails', { replicas: 2 }),
      ...caller('ironmonger', 'counter', 'http://nails:8080/'),
    ],
    inject: [
      {
        apply: [
          policy('ironmonger', 'hardening', {
            podSelector: { matchLabels: { app: 'nails' } },
            policyTypes: ['Ingress'],
            ingress: [],
          }),
        ],
      },
    ],
    shows: unready('counter-'),
    label: { root: 'NetworkPolicy/ironmonger/hardening', reasons: ['policy', 'network'] },
    linger,
  },
  {
    id: 'policy-forgets-dns',
    family: 'network',
    row: 'NET-6',
    namespaces: ['cordwainer'],
    before: [...served('cordwainer', 'lasts'), ...caller('cordwainer', 'boots', 'http://lasts:8080/', 'java')],
    inject: [
      {
        apply: [
          policy('cordwainer', 'boots-egress', {
            podSelector: { matchLabels: { app: 'boots' } },
            policyTypes: ['Egress'],
            egress: [{ to: [{ podSelector: { matchLabels: { app: 'lasts' } } }] }],
          }),
        ],
      },
    ],
    shows: unready('boots-'),
    label: { root: 'NetworkPolicy/cordwainer/boots-egress', reasons: ['policy', 'network', 'dns'] },
    linger,
  },
  {
    id: 'policy-loses-a-caller',
    family: 'network',
    row: 'NET-6',
    namespaces: ['bindery'],
    before: [
      ...served('bindery', 'glue'),
      ...caller('bindery', 'spines', 'http://glue:8080/', 'python'),
      ...caller('bindery', 'covers', 'http://glue:8080/'),
      policy('bindery', 'glue-callers', callersOf('glue', ['spines', 'covers'])),
    ],
    inject: [{ apply: [policy('bindery', 'glue-callers', callersOf('glue', ['covers']))] }],
    shows: unready('spines-'),
    label: { root: 'NetworkPolicy/bindery/glue-callers', reasons: ['policy', 'network'] },
    linger,
  },
  {
    id: 'policy-wrong-port',
    family: 'network',
    row: 'NET-6',
    namespaces: ['clockwork'],
    before: [
      ...served('clockwork', 'escapement', { port: 8443, args: [] }),
      ...caller('clockwork', 'pendulum', 'http://escapement:8443/', 'node'),
      ...caller('clockwork', 'chimes', 'http://pendulum:8080/'),
    ],
    inject: [
      {
        apply: [
          policy('clockwork', 'escapement', {
            podSelector: { matchLabels: { app: 'escapement' } },
            policyTypes: ['Ingress'],
            ingress: [{ ports: [{ port: 443, protocol: 'TCP' }] }],
          }),
        ],
      },
    ],
    shows: unready('chimes-'),
    label: { root: 'NetworkPolicy/clockwork/escapement', reasons: ['policy', 'network'] },
    linger,
  },
];
