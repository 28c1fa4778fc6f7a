/** Databases, caches and queues, as far as names and images tell. */

import type { Resource } from '../model/resource.ts';
import { callsOf, declaredCallees } from './calls.ts';
import { type Case, text } from './case.ts';
import { containersOf } from './changes.ts';
import { appOf, servicesIn } from './services.ts';
import type { Symptom } from './symptoms.ts';

const STORES =
  /postgres|pgsql|mysql|maria|mongo|redis|valkey|keydb|memcache|cassandra|scylla|couch|elastic|opensearch|kafka|redpanda|rabbit|activemq|nats|pulsar|etcd|cockroach|tidb|tikv|clickhouse|influx|neo4j|oracle|mssql|sqlserver|dynamo|minio|vault|zookeeper|(?:^|[-_/])(?:db|sql|database|cache|broker|queue)(?:[-_:.0-9]|$)/i;

export function isStore(known: Case, app: Resource): boolean {
  return (
    STORES.test(app.name) ||
    containersOf(known.object(app.id)).some((container) => STORES.test(text(container['image'])))
  );
}

/**
 * The store that a symptom speaks of: one that is called where the words stand, else the only one that the application is told to call, or the one of
 * its own name (`mongodb-geo` of `geo`).
 */
export function storeOf(known: Case, symptom: Symptom): Resource | undefined {
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
  const parts = whole.name.split('-').filter((part) => part.length > 2);
  const own = stores.filter(({ name }) => parts.some((part) => name.split('-').includes(part)));
  const [only, ...others] = own.length > 0 ? own : stores;
  return others.length === 0 ? only : undefined;
}
