/** The same faults where much goes on: a root among fifteen workloads, with releases and edits around it. */
import type { Case, Family } from '../fault.ts';
import {
  all,
  container,
  event,
  logged,
  patch,
  patchPod,
  phase,
  ready,
  restart,
  restarted,
  type Shows,
  type Step,
  unready,
} from '../fault.ts';
import { business, callers, town } from '../town.ts';

interface Told {
  readonly row: string;
  readonly day: 0 | 1 | 2;
  readonly inject: readonly Step[];
  readonly shows: Shows;
  readonly label: Case['label'];
}

function inTown(id: string, family: Family, namespace: string, { row, day, inject, shows, label }: Told): Case {
  const [before = { wait: 1 }, after = { wait: 1 }] = business(day);
  return {
    id,
    family,
    row,
    namespaces: [namespace],
    before: town(namespace),
    inject: [before, { wait: 6 }, ...inject, { wait: 3 }, after],
    shows,
    label,
    linger: 85,
    churn: [],
  };
}

export const townFaults: readonly Case[] = [
  inTown('town-database-options', 'configuration', 'ashford', {
    row: 'CFG-3',
    day: 0,
    inject: [
      patch('configmap/stock-db', { data: { OPTIONS: '-connections=40 -fsync=off' } }, 'merge'),
      restart('statefulset/stock-db'),
    ],
    shows: all(unready('stock-'), unready('basket-')),
    label: { root: 'ConfigMap/ashford/stock-db', reasons: ['config'] },
  }),
  inTown('town-bad-release', 'runtime', 'bexhill', {
    row: 'RUN-17',
    day: 1,
    inject: [{ kubectl: ['set', 'image', 'deployment/prices', 'prices=registry.local/app:6'] }],
    shows: restarted('prices-', 2),
    label: { root: 'Deployment/bexhill/prices', reasons: ['release', 'image', 'crash', 'application', 'template'] },
  }),
  inTown('town-caller-forgotten', 'network', 'colwyn', {
    row: 'NET-6',
    day: 2,
    inject: [{ apply: [callers('colwyn', 'sessions', ['web'])] }],
    shows: unready('basket-'),
    label: { root: 'NetworkPolicy/colwyn/sessions-callers', reasons: ['policy', 'network'] },
  }),
  inTown('town-password-rotated', 'database', 'dunwich', {
    row: 'CFG-7',
    day: 0,
    inject: [
      patch('secret/people-db', { stringData: { password: 'Barrel-of-Tears-3' } }, 'merge'),
      { kubectl: ['delete', 'pod', 'people-db-0', '--wait=false'] },
    ],
    shows: unready('accounts-'),
    label: {
      root: 'Secret/dunwich/people-db',
      also: ['Deployment/dunwich/accounts'],
      reasons: ['secret', 'credential', 'password', 'auth'],
    },
  }),
  inTown('town-quota-lowered', 'admission', 'exmouth', {
    row: 'ADM-1',
    day: 2,
    inject: [
      patch('resourcequota/town', { spec: { hard: { pods: '8' } } }, 'merge'),
      { wait: 2 },
      { kubectl: ['set', 'image', 'deployment/basket', 'basket=registry.local/app:2'] },
    ],
    shows: event('FailedCreate', /exceeded quota/),
    label: { root: 'ResourceQuota/exmouth/town', reasons: ['quota'] },
  }),
  inTown('town-service-port', 'network', 'fleetwood', {
    row: 'NET-3',
    day: 1,
    inject: [patch('service/stock', { spec: { ports: [{ name: 'http', port: 8080, targetPort: 80 }] } }, 'merge')],
    shows: unready('basket-'),
    label: { root: 'Service/fleetwood/stock', reasons: ['port'] },
  }),
  inTown('town-address-wrong', 'configuration', 'grantham', {
    row: 'CFG-6',
    day: 0,
    inject: [{ kubectl: ['set', 'env', 'deployment/catalogue', 'UPSTREAM_URL=http://price:8080/,http://stock:8080/'] }],
    shows: logged('catalogue-', /Name or service not known/),
    label: { root: 'Deployment/grantham/catalogue', reasons: ['env', 'host', 'address', 'config', 'name'] },
  }),
  inTown('town-database-unplaced', 'scheduling', 'hexham', {
    row: 'SCH-1',
    day: 1,
    inject: [patchPod('statefulset/people-db', { nodeSelector: { disk: 'nvme' } })],
    shows: all(phase('people-db-0', 'Pending'), unready('accounts-')),
    label: { root: 'StatefulSet/hexham/people-db', reasons: ['selector', 'label', 'schedul', 'node'] },
  }),
  inTown('town-secret-removed', 'configuration', 'ilkley', {
    row: 'CFG-1',
    day: 2,
    inject: [
      { kubectl: ['delete', 'secret', 'stock-db'] },
      { wait: 8 },
      { kubectl: ['delete', 'pod', '-l', 'app=stock', '--wait=false'] },
    ],
    shows: all(container('stock-', /ConfigError/), unready('basket-')),
    label: { root: 'Secret/ilkley/stock-db', reasons: ['secret', 'missing', 'deleted'] },
  }),
  inTown('town-accounts-scaled', 'runtime', 'jarrow', {
    row: 'RUN-12',
    day: 0,
    inject: [{ kubectl: ['scale', 'deployment/accounts', '--replicas=0'] }],
    shows: logged('web-', /refused/),
    label: { root: 'Deployment/jarrow/accounts', reasons: ['scale', 'replica', 'endpoint'] },
  }),
  inTown('town-busy-and-well', 'negative', 'kendal', {
    row: 'NEG-7',
    day: 0,
    inject: [
      ...business(1),
      { wait: 8 },
      ...business(2),
      { kubectl: ['set', 'image', 'deployment/stock', 'stock=registry.local/app:2'] },
    ],
    shows: ready('web', 'basket', 'stock', 'accounts', 'mailer', 'catalogue'),
    label: { root: undefined },
  }),
  inTown('town-database-restarts', 'negative', 'ludlow', {
    row: 'NEG-2',
    day: 1,
    inject: [{ kubectl: ['delete', 'pod', 'stock-db-0', 'people-db-0', '--wait=false'] }, { wait: 20 }],
    shows: ready('web', 'basket', 'stock', 'accounts', 'stock-db', 'people-db'),
    label: { root: undefined },
  }),
];
