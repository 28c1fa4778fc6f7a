/** etcd, one member, its data in the cluster's folder. */
import { join } from 'node:path';
import { built } from '../build.ts';
import { listening, type Program } from '../runner.ts';
import type { Site } from './site.ts';

export async function etcd({ directory, machine, ports }: Site): Promise<Program> {
  const client = etcdUrl({ machine, ports });
  const peer = `http://${machine.address}:${ports.etcdPeer}`;
  return {
    name: 'etcd',
    argv: [
      join(await built('etcd'), 'etcd'),
      `--data-dir=${join(directory, 'etcd')}`,
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      '--unsafe-no-fsync',
    ],
    ready: () => listening(machine.address, ports.etcd),
  };
}

/**
 * Compacts etcd's history up to now, as an API server does every five minutes, and returns the revision. Page tokens and resource versions
 * from before it are then answered with 410, except those that the API server can still answer from its own memory (watches from its window,
 * pages for 15 s more): restart it to lose that too.
 */
export async function compactEtcd(site: Pick<Site, 'machine' | 'ports'>): Promise<number> {
  const call = async (path: string, body: unknown): Promise<{ header: { revision: string } }> => {
    const response = await fetch(etcdUrl(site) + path, { method: 'POST', body: JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`etcd ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as { header: { revision: string } };
  };
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const { revision } = (await call('/v3/kv/range', { key: base64('compact_rev_key') })).header;
  // API servers watch this key to learn what was compacted (k8s.io/apiserver, storage/etcd3/compact.go).
  await call('/v3/kv/put', { key: base64('compact_rev_key'), value: base64(revision) });
  await call('/v3/kv/compaction', { revision, physical: true });
  return Number(revision);
}

function etcdUrl({ machine, ports }: Pick<Site, 'machine' | 'ports'>): string {
  return `http://${machine.address}:${ports.etcd}`;
}
