/** Databases, and those that cannot use them. */
import type { Case } from '../fault.ts';
import { logged, patch, patchContainer, restart, restarted, unready } from '../fault.ts';
import { configMap, database, deployment, secret, served, statefulSet, variable, variableFrom } from '../manifests.ts';

type Tree = Readonly<Record<string, unknown>>;

/** The account of a database, as its clients and itself read it. */
function account(namespace: string, name: string, username: string): Tree {
  return secret(namespace, name, { username, password: `${username}-Zeppelin-77` });
}

function login(from: string): readonly Tree[] {
  return [
    variableFrom('DATABASE_USER', 'secretKeyRef', from, 'username'),
    variableFrom('DATABASE_PASSWORD', 'secretKeyRef', from, 'password'),
  ];
}

export const databaseFaults: readonly Case[] = [
  {
    id: 'database-read-only',
    family: 'database',
    row: 'DB-1',
    namespaces: ['archive'],
    before: [
      account('archive', 'folios-db', 'folios'),
      ...database('archive', 'folios-db', 'folios-db'),
      ...served('archive', 'catalogue', {
        args: ['-ready=all', '-tongue=java', '-database=folios-db:5432'],
        env: login('folios-db'),
      }),
    ],
    inject: [patchContainer('statefulset/folios-db', { command: ['app', 'database', '-read-only'] })],
    shows: unready('catalogue-'),
    label: { root: 'StatefulSet/archive/folios-db', also: ['Service/archive/folios-db'] },
    linger: 80,
  },
  {
    id: 'database-connections-few',
    family: 'database',
    row: 'DB-2',
    namespaces: ['stables'],
    before: [
      account('stables', 'horses-db', 'horses'),
      ...database('stables', 'horses-db', 'horses-db'),
      deployment('stables', 'groom', {
        replicas: 3,
        args: ['-exit', '-tongue=python', '-database=horses-db:5432'],
        env: [...login('horses-db'), variable('POOL_IDLE_TIMEOUT', '60')],
      }),
    ],
    inject: [patchContainer('statefulset/horses-db', { command: ['app', 'database', '-connections=0'] })],
    shows: restarted('groom-', 2),
    label: { root: 'StatefulSet/stables/horses-db', also: ['Service/stables/horses-db'] },
  },
  {
    id: 'database-pool-leaks',
    family: 'database',
    row: 'DB-2',
    namespaces: ['kennel'],
    before: [
      account('kennel', 'dogs-db', 'dogs'),
      ...database('kennel', 'dogs-db', 'dogs-db', ['-connections=6']),
      deployment('kennel', 'walker', {
        args: ['-ready=all', '-every=1s', '-database=dogs-db:5432'],
        env: [...login('dogs-db'), variable('POOL_IDLE_TIMEOUT', '60')],
      }),
    ],
    inject: [{ kubectl: ['set', 'env', 'deployment/walker', 'POOL_IDLE_TIMEOUT=0'] }],
    shows: unready('walker-'),
    label: { root: 'Deployment/kennel/walker', reasons: [] },
    linger: 80,
  },
  {
    id: 'database-password-rotated',
    family: 'database',
    row: 'CFG-7',
    namespaces: ['mint'],
    before: [
      account('mint', 'coins-db', 'coins'),
      ...database('mint', 'coins-db', 'coins-db'),
      deployment('mint', 'press', {
        args: ['-ready=all', '-database=coins-db:5432'],
        env: login('coins-db'),
        replicas: 2,
      }),
    ],
    inject: [
      patch('secret/coins-db', { stringData: { password: 'coins-Balloon-12' } }, 'merge'),
      { kubectl: ['delete', 'pod', 'coins-db-0'] },
    ],
    shows: unready('press-'),
    label: {
      root: 'Secret/mint/coins-db',
      also: ['Deployment/mint/press'],
      reasons: ['secret', 'credential', 'password', 'auth'],
    },
    linger: 80,
  },
  {
    id: 'database-user-dropped',
    family: 'database',
    row: 'CFG-8',
    namespaces: ['registry-office'],
    before: [
      account('registry-office', 'births-db', 'births'),
      ...database('registry-office', 'births-db', 'births-db', ['-users=births,reports']),
      deployment('registry-office', 'certificates', {
        args: ['-exit', '-tongue=node', '-database=births-db:5432'],
        env: login('births-db'),
      }),
    ],
    inject: [patchContainer('statefulset/births-db', { command: ['app', 'database', '-users=reports'] })],
    shows: restarted('certificates-', 2),
    label: { root: 'StatefulSet/registry-office/births-db', also: ['Service/registry-office/births-db'] },
  },
  {
    id: 'database-port-in-client',
    family: 'database',
    row: 'CFG-9',
    namespaces: ['observatory'],
    before: [
      account('observatory', 'stars-db', 'stars'),
      ...database('observatory', 'stars-db', 'stars-db'),
      deployment('observatory', 'telescope', {
        args: ['-exit', '-tongue=java'],
        env: [...login('stars-db'), variable('DATABASE_ADDRESS', 'stars-db:5432')],
      }),
    ],
    inject: [{ kubectl: ['set', 'env', 'deployment/telescope', 'DATABASE_ADDRESS=stars-db:3306'] }],
    shows: restarted('telescope-', 2),
    label: { root: 'Deployment/observatory/telescope', reasons: ['env', 'port', 'address', 'config'] },
  },
  {
    id: 'database-scaled-away',
    family: 'database',
    row: 'RUN-12',
    namespaces: ['library'],
    before: [
      account('library', 'loans-db', 'loans'),
      ...database('library', 'loans-db', 'loans-db'),
      ...served('library', 'loans', { args: ['-ready=all', '-database=loans-db:5432'], env: login('loans-db') }),
      ...served('library', 'desk', { args: ['-ready=all', '-tongue=python', '-upstream=http://loans:8080/'] }),
    ],
    inject: [{ kubectl: ['scale', 'statefulset/loans-db', '--replicas=0'] }],
    shows: unready('desk-'),
    label: {
      root: 'StatefulSet/library/loans-db',
      reasons: ['scale', 'replica'],
      symptoms: ['Pod/library/loans-*', 'Pod/library/desk-*'],
    },
    linger: 80,
  },
  {
    id: 'database-chain-of-three',
    family: 'database',
    row: 'CFG-3',
    namespaces: ['academy'],
    before: [
      account('academy', 'grades-db', 'grades'),
      configMap('academy', 'grades-db-options', { OPTIONS: '-connections=50' }),
      statefulSet('academy', 'grades-db', {
        command: ['sh', '-c', 'exec app database $OPTIONS'],
        env: [...login('grades-db'), variableFrom('OPTIONS', 'configMapKeyRef', 'grades-db-options', 'OPTIONS')],
        ready: '',
        container: {
          ports: [{ name: 'postgres', containerPort: 5432 }],
          readinessProbe: { tcpSocket: { port: 5432 }, periodSeconds: 3 },
        },
      }),
      database('academy', 'grades-db', 'grades-db')[1] ?? {},
      ...served('academy', 'grades', { args: ['-ready=all', '-database=grades-db:5432'], env: login('grades-db') }),
      ...served('academy', 'portal', { args: ['-ready=all', '-tongue=node', '-upstream=http://grades:8080/'] }),
    ],
    inject: [
      patch('configmap/grades-db-options', { data: { OPTIONS: '-max-connections=50' } }, 'merge'),
      restart('statefulset/grades-db'),
    ],
    shows: unready('portal-'),
    label: {
      root: 'ConfigMap/academy/grades-db-options',
      reasons: ['config'],
      symptoms: ['Pod/academy/grades-db-0', 'Pod/academy/grades-*', 'Pod/academy/portal-*'],
    },
    linger: 90,
  },
  {
    id: 'external-host-unknown',
    family: 'database',
    row: 'DB-5',
    namespaces: ['customs'],
    before: [
      ...served('customs', 'declarations'),
      deployment('customs', 'tariffs', { env: [variable('UPSTREAM_URL', 'http://declarations:8080/healthz')] }),
    ],
    inject: [
      {
        kubectl: ['set', 'env', 'deployment/tariffs', 'UPSTREAM_URL=http://rates.partner.example.net/v2/tariffs'],
      },
      patchContainer('deployment/tariffs', { command: ['app', 'serve', '-tongue=python', '-ready=all'] }),
    ],
    shows: logged('tariffs-', /Name or service not known/),
    label: { root: 'Deployment/customs/tariffs', also: ['*/*/rates.partner.example.net'], reasons: [] },
    linger: 80,
  },
];
