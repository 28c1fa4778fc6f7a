/** Whether a history is sound, who may read it, how full it is and how fast it grows; each finding says what to do. Reads only. */
import { existsSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { withoutPassword } from '../lib/address.ts';
import { bytesText } from '../lib/quantity.ts';
import type { Fill } from '../model/history.ts';
import { problemFrom } from '../model/problem.ts';
import { checkHistory } from '../sinks/history/check.ts';
import { versionOf } from '../sinks/history/copy.ts';
import type { Database } from '../sinks/history/database.ts';
import { openDatabase } from '../sinks/history/open.ts';
import { Queries } from '../sinks/history/queries.ts';
import type { Retention } from '../sinks/history/retention.ts';
import { tablesVersion } from '../sinks/history/schema.ts';
import { sizeOf } from '../sinks/history/size.ts';
import { sqliteFaults } from '../sinks/history/sqlite.ts';
import type { Finding } from '../sources/kubernetes/doctor.ts';

export interface DiagnoseOptions {
  readonly retention: Retention;
  /** `none` looks at nothing that takes long; `some` reads samples, `every` everything. */
  readonly versions: 'none' | 'some' | 'every';
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly progress?: (versions: number) => void;
}

/** Never throws. */
export async function diagnoseHistory(url: string, options: DiagnoseOptions): Promise<readonly Finding[]> {
  const where = withoutPassword(url);
  const isFile = !url.includes('://');
  if (isFile && !existsSync(url)) return [faultOf(`There is no history at ${where}: "kube-kg serve" keeps one`)];
  const files = isFile ? fileFindings(url) : [];
  try {
    await using database = await openDatabase(url, { readOnly: true });
    const version = await versionOf(database, where);
    if (version < tablesVersion)
      return [
        {
          status: 'warning',
          subject: 'history',
          message: `${where} has the tables of an earlier version (${version} of ${tablesVersion})`,
          remedy: 'Start "kube-kg serve" with it, which brings it up to date, or restore it to another place.',
        },
        ...files,
      ];
    return [
      ...(await contentFindings(database, where, options)),
      ...(isFile ? await diskFindings(database, url, options) : []),
      ...files,
    ];
  } catch (error) {
    const { code, message } = problemFrom(error);
    return [faultOf(message), ...(code === 'invalid-input' ? [] : files)];
  }
}

function faultOf(message: string): Finding {
  return { status: 'fault', subject: 'history', message, remedy: 'Name another with --history, or restore a backup.' };
}

async function contentFindings(
  database: Database,
  where: string,
  { retention, versions, now, progress }: DiagnoseOptions,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  if (versions !== 'none') {
    const every = versions === 'every';
    const faults = [
      ...(database.dialect === 'sqlite' ? await sqliteFaults(database, !every) : []),
      ...(await checkHistory(database, { every, ...(progress && { progress }) })),
    ];
    findings.push(
      faults.length === 0
        ? {
            status: 'ok',
            subject: 'history',
            message: `${where} is sound${every ? ': every version can be read' : ', and samples of it can be read; --verbose reads everything'}`,
          }
        : {
            status: 'fault',
            subject: 'history',
            message: [`${where} is damaged`, ...faults].join('\n'),
            remedy: 'Restore a backup ("kube-kg restore"), or move it away: "kube-kg serve" begins another.',
          },
    );
  }
  const fill = await new Queries(database).fill();
  findings.push(fillFinding(where, fill, await database.isHeld(), retention, now));
  return findings;
}

function fillFinding(
  where: string,
  { oldest, newest, versions, resources, edges, bytes, usedBytes, keptLess }: Fill,
  isHeld: boolean,
  { days, maxBytes }: Retention,
  now: number,
): Finding {
  const subject = 'how full it is';
  if (oldest === undefined || newest === undefined)
    return { status: 'ok', subject, message: `${where}: nothing has been observed yet` };
  const lines = [
    `${oldest} to ${newest}; ${isHeld ? 'a kube-kg writes to it' : 'nobody writes to it'}`,
    `${versions} versions of ${resources} resources, ${edges} edges`,
    `${bytesText(bytes)}${bytes - usedBytes > bytes / 20 ? `, ${bytesText(bytes - usedBytes)} of it free again` : ''}${maxBytes > 0 ? `; the limit is ${bytesText(maxBytes)} (${Math.round((100 * usedBytes) / maxBytes)} %)` : ''}`,
    ...keptLess.map(({ cluster, kind, oldest: since }) => `${kind} of ${cluster} only since ${since}`),
  ];
  const message = lines.join('\n');
  if (maxBytes > 0 && usedBytes > maxBytes * 1.05)
    return {
      status: 'warning',
      subject,
      message,
      remedy:
        'A running "kube-kg serve" shortens it within minutes; else do it with "kube-kg prune", or give it more room (history.maxSize).',
    };
  const overdue = days > 0 && Date.parse(oldest) < now - days * 1.1 * DAY_MS;
  return {
    status: 'ok',
    subject,
    message: overdue
      ? `${message}\nolder than history.days (${days}): it goes when it is written to, or with "kube-kg prune"`
      : message,
  };
}

const DAY_MS = 86_400_000;

/** Growth of the last day, and whether the disk has room for what may come. */
async function diskFindings(
  database: Database,
  path: string,
  { retention }: DiagnoseOptions,
): Promise<readonly Finding[]> {
  const { bavail, bsize } = await statfs(dirname(path));
  const free = bavail * bsize;
  const perDay = await growthPerDay(database);
  const { total } = await sizeOf(database);
  const most = Math.min(
    retention.maxBytes > 0 ? Math.max(0, retention.maxBytes - total) : Number.POSITIVE_INFINITY,
    perDay * (retention.days > 0 ? retention.days : 365),
  );
  const message = `about ${bytesText(perDay)} came in the last day; ${bytesText(free)} are free on its disk`;
  return [
    free > most
      ? { status: 'ok', subject: 'growth', message }
      : {
          status: 'warning',
          subject: 'growth',
          message: `${message}, and ${bytesText(most)} more may be needed`,
          remedy: 'Give the disk more room, or keep less: history.days, history.kindDays, history.maxSize.',
        },
  ];
}

/** Bytes of the versions of the last day that was observed, with what else comes with each. */
async function growthPerDay(database: Database): Promise<number> {
  const [row] = await database.rows(
    `SELECT count(*), coalesce(sum(length(body)), 0) FROM version
    WHERE moment > (SELECT coalesce(max(no), 0) FROM moment WHERE at <= (SELECT max(at) FROM moment) - ${DAY_MS * 1_000})`,
  );
  const [count = 0, bytes = 0] = (row ?? []).map(Number);
  return bytes + count * BESIDE;
}

/** Keys, entries of indexes, and a share of moments and edges. */
const BESIDE = 60;

function fileFindings(path: string): readonly Finding[] {
  const findings: Finding[] = [];
  const key = `${path}.key`;
  const open = [path, key].filter((file) => existsSync(file) && (statSync(file).mode & 0o077) !== 0);
  findings.push(
    open.length === 0
      ? { status: 'ok', subject: 'permissions', message: 'only its owner may read it' }
      : {
          status: 'warning',
          subject: 'permissions',
          message: `others may read ${open.join(', ')}`,
          remedy: `chmod 600 ${open.join(' ')}`,
        },
  );
  if (existsSync(path) && !existsSync(key))
    findings.push({
      status: 'warning',
      subject: 'key',
      message: `${key} is not there`,
      remedy:
        'Put it back beside the history, unless redaction.key is set: with another key every Secret seems to have changed once.',
    });
  return findings;
}
