/** Databases, caches and queues, as far as names and images tell. */

import type { Resource } from '../model/resource.ts';
import { callsOf, declaredCallees } from './calls.ts';
import { type Case, milliseconds, text } from './case.ts';
import { containersOf } from './changes.ts';
import { cluesIn } from './clues.ts';
import { saidAbout } from './mechanisms/said.ts';
import { appOf, servicesIn } from './services.ts';
import type { Symptom } from './symptoms.ts';

const STORES =
  /postgres|pgsql|mysql|maria|mongo|redis|valkey|keydb|memcache|cassandra|scylla|couch|elastic|opensearch|kafka|redpanda|rabbit|activemq|nats|pulsar|etcd|cockroach|tidb|tikv|clickhouse|influx|neo4j|oracle|mssql|sqlserver|dynamo|minio|vault|zookeeper|db(?:[-_:.0-9]|$)|(?:^|[-_/])(?:db|sql|database|cache|broker|queue)(?:[-_:.0-9]|$)/i;

export function isStore(known: Case, app: Resource): boolean {
  return (
    STORES.test(app.name) ||
    containersOf(known.object(app.id)).some((container) => STORES.test(text(container['image'])))
  );
}

/** Whether a store tells of clients that it turns away, in whatever tone. */
function refusesAtLeast(known: Case, app: Resource, since: number): boolean {
  const members = [app, ...known.pods(app), ...known.spokenOf.values()].filter(
    (one) => one.id === app.id || appOf(known, one).id === app.id,
  );
  return members.some(({ id }) =>
    known
      .told(id)
      .slice(-TOLD_MAX)
      .some(
        ({ at, occurrence: { source, message = '' } }) =>
          source === 'log' &&
          milliseconds(at) >= since - MINUTE &&
          cluesIn(message).some(({ type }) => TURNS_AWAY.has(type)),
      ),
  );
}

const MINUTE = 60_000;
const TOLD_MAX = 50;
const TURNS_AWAY: ReadonlySet<string> = new Set(['unauthenticated', 'refuses', 'certificate']);

/** By what it says, and at which port, which kind of store a client speaks of; and how stores of the kind are called. */
const FLAVOURS: readonly { readonly words: RegExp; readonly ports: readonly number[]; readonly names: RegExp }[] = [
  {
    words: /mysql|mariadb|SQLSTATE\[HY000\]|\bERROR 1\d{3}\b|SQL Error: 1\d{3}\b|InnoDB|: "Too many connections"/i,
    ports: [3306],
    names: /mysql|maria|percona|galera/i,
  },
  {
    words: /psycopg|postgres|PSQLException|\bpq: |\bpgx\b|pg_hba|too many clients already|remaining connection slots/i,
    ports: [5432],
    names: /postgres|pgsql|(?:^|-)pg(?:-|$)|timescale/i,
  },
  {
    words: /redis|valkey|OOM command not allowed|READONLY You can|WRONGPASS|NOAUTH|MISCONF/i,
    ports: [6379, 26379],
    names: /redis|valkey|keydb|dragonfly/i,
  },
  {
    words: /mongo|SCRAM-SHA|sasl conversation|NotWritablePrimary|\(Unauthorized\) not authorized on/i,
    ports: [27017],
    names: /mongo/i,
  },
  { words: /rabbit|amqp|\bpika\b/i, ports: [5672, 5671], names: /rabbit/i },
  { words: /kafka|LEADER_NOT_AVAILABLE|NOT_COORDINATOR/i, ports: [9092, 9093], names: /kafka|redpanda/i },
  { words: /elasticsearch|opensearch|cluster_block_exception/i, ports: [9200], names: /elastic|opensearch/i },
  { words: /memcache/i, ports: [11211], names: /memcache/i },
];

/** Stores among some that are of the kind that words and ports speak of; all of them when these speak of none. */
function meant(
  stores: readonly Resource[],
  words: string,
  ports: readonly (number | undefined)[],
): readonly Resource[] {
  const flavours = FLAVOURS.filter(
    (one) => one.words.test(words) || ports.some((port) => port && one.ports.includes(port)),
  );
  if (flavours.length === 0) return stores;
  return stores.filter(({ name }) => flavours.some(({ names }) => names.test(name)));
}

/**
 * The store that a symptom speaks of: one that is called where the words stand, else the only one that the application is told to call, or the one of
 * its own name (`mongodb-geo` of `geo`). `isFlavoured`: only when the words are those of clients of such a store.
 */
export function storeOf(known: Case, symptom: Symptom, isFlavoured = false): Resource | undefined {
  const { whole } = symptom;
  const apps = (services: readonly Resource[]): readonly Resource[] => [
    ...new Map(services.map((service) => appOf(known, service)).map((app) => [app.id, app])).values(),
  ];
  const said = apps(callsOf(known, symptom).flatMap(({ callee }) => (callee && 'id' in callee ? [callee] : [])));
  const named = said.find((app) => isStore(known, app));
  if (named) return named;
  const told = apps(declaredCallees(known, symptom)).filter((app) => isStore(known, app));
  if (told.length === 1) return told[0];
  const beside = [
    ...servicesIn(known, whole),
    // Of whom nothing but the name is known.
    ...[...known.spokenOf.values()].filter((one) => one.pseudo && one.namespace === whole.namespace),
  ];
  const stores = (told.length > 0 ? told : apps(beside).filter((app) => isStore(known, app))).filter(
    ({ id }) => id !== whole.id,
  );
  const words = [symptom.message, ...saidAbout(known, symptom).map(({ clue }) => clue.text)];
  const ports = callsOf(known, symptom).map(({ clue }) => ('port' in clue ? clue.port : undefined));
  const fitting = meant(stores, words.join('\n'), ports);
  if (isFlavoured && fitting === stores) return undefined;
  const refusing = fitting.filter((app) => refusesAtLeast(known, app, symptom.since));
  if (refusing.length === 1) return refusing[0];
  const parts = whole.name.split('-').filter((part) => part.length > 2);
  const own = fitting.filter(({ name }) => parts.some((part) => name.split('-').includes(part)));
  const [only, ...others] = own.length > 0 ? own : fitting;
  return others.length === 0 ? only : undefined;
}
