/** A history as the first version of the tables could hold, made by no code of the program, which knows later ones only. */
import { zstdCompressSync } from 'node:zlib';
import { timeOfMicroseconds } from '../../src/model/time.ts';
import type { Database } from '../../src/sinks/history/database.ts';
import { named, START } from './history-life.ts';

/** Writes it into tables of that version, which are empty. Returns the lines of its second moment. */
export async function firstHistory(db: Database): Promise<readonly string[]> {
  const of = named('old');
  const words = 'words of a text that lends them to others '.repeat(50);
  const texts = [`${words}1`, `${words}2`];
  await db.script(`
    INSERT INTO moment (no, at) VALUES (1, ${START}), (2, ${START + 1_000_000});
    INSERT INTO kind (no, cluster, api_group, name, pseudo) VALUES (1, 'c', '', 'ConfigMap', 0), (2, 'c', '', 'Host', 1);
    INSERT INTO resource (no, kind, namespace, name, uid, since, until) VALUES
      (1, 1, 'shop', 'old', 'uid-old', 1, NULL), (2, 1, 'shop', 'gone', '', 1, 2), (3, 2, '', 'host', '', 1, NULL);
    INSERT INTO dictionary (no, alike, body) VALUES (1, '1/shop/old', ${blob(db, zstdCompressSync(words))});
    INSERT INTO version (resource, moment, base, dictionary, body) VALUES
      (1, 1, NULL, 1, ${blob(db, zstdCompressSync(texts[0] ?? '', { dictionary: Buffer.from(words) }))}),
      (1, 2, 1, NULL, ${blob(db, zstdCompressSync(texts[1] ?? '', { dictionary: Buffer.from(texts[0] ?? '') }))});
    INSERT INTO edge_type (no, name) VALUES (1, 'USES');
    INSERT INTO edge (source, target, type, since, until) VALUES (1, 3, 1, 1, NULL);
    INSERT INTO observation (no, moment, body) VALUES (1, 1, '{}');
  `);
  const host = named('host', { kind: 'Host', pseudo: true, namespace: '', uid: '' });
  return [
    JSON.stringify(['edge', 'USES', of.id, host.id, timeOfMicroseconds(START)]),
    JSON.stringify(['observed', '{}']),
    JSON.stringify(['resource', of.id, timeOfMicroseconds(START + 1_000_000), texts[1]]),
    JSON.stringify(['resource', host.id, null, null]),
  ].sort();
}

function blob({ dialect }: Database, bytes: Buffer): string {
  return dialect === 'sqlite' ? `x'${bytes.toString('hex')}'` : `'\\x${bytes.toString('hex')}'`;
}
