/**
 * The configuration: one schema, one `load()`. A YAML file and environment variables `KG_SECTION_KEY`, environment over file.
 * Invalid configuration stops the start with every problem listed at once; secrets print as `***`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { withoutPassword } from '../lib/address.ts';
import { nearest } from '../lib/nearest.ts';
import { placeOf, plainWords } from '../lib/plain-words.ts';
import { bytesIn } from '../lib/quantity.ts';
import { Problem } from '../model/problem.ts';
import { detectorSettings } from './detector-settings.ts';
import { logsSchema } from './log-settings.ts';
import { remediationSettings } from './remediation-settings.ts';
import { historyIn, isResourcesFile, settingsOfResources } from './resources-file.ts';

const list = z.array(z.string().min(1));
const positive = z.int().positive();

export const configSchema = z.strictObject({
  kubernetes: z
    .strictObject({
      kubeconfig: z
        .string()
        .optional()
        .describe('kubeconfig file; default: KUBECONFIG, ~/.kube/config, or the service account of the pod'),
      contexts: list.default([]).describe('kubeconfig contexts to watch; default: the current one'),
      namespaces: list.default([]).describe('namespaces to watch where listing the whole cluster is not allowed'),
      include: list
        .default([])
        .describe(
          'kinds to watch, as Kind, plural, short name, group/Kind, plural.group or with *; `custom` for every custom resource; default: all',
        ),
      exclude: list.default([]).describe('kinds to leave out'),
      streamingLists: z
        .enum(['auto', 'always', 'never'])
        .default('auto')
        .describe('first lists through the watch (KEP-3157)'),
      pageSize: positive.default(500).describe('objects a page of a list'),
    })
    .prefault({}),
  kubeview: z
    .strictObject({
      url: z
        .url({ protocol: /^https?$/, hostname: /./ })
        .refine((url) => new URL(url).username === '', 'must not hold a user name or password: KubeView asks for none')
        .optional()
        .describe(
          'KubeView v2 to learn the cluster from, instead of a kubeconfig; beside the contexts where some are set',
        ),
      clientId: z
        .string()
        .min(1)
        .default('kube-kg')
        .describe('what KubeView calls us; each connection adds something of its own'),
      cluster: z
        .string()
        .min(1)
        .optional()
        .describe('what its cluster is called; default: the address of the API server that KubeView names'),
      refreshSeconds: positive
        .default(300)
        .describe('seconds between two fetches of everything; what KubeView does not stream is as old as the last one'),
      include: list
        .default([])
        .describe('namespaces to follow, with * for any letters; default: all that KubeView lists'),
      exclude: list.default([]).describe('namespaces to leave out'),
    })
    .prefault({}),
  server: z
    .strictObject({
      host: z.string().default('127.0.0.1').describe('address to listen on; others than loopback need a token'),
      port: z.int().min(0).max(65_535).default(8080).describe('TCP port; 0 takes a free one'),
      token: z
        .string()
        .min(16)
        .optional()
        .describe(
          'bearer token that every request must carry, but those of probes and for the documentation; at least 16 characters',
        ),
      allowedHosts: list
        .default([])
        .describe(
          'further names under which it may be asked (Host header); addresses always may. With a token and on other addresses than loopback every name may, unless some are listed',
        ),
      origins: list.default([]).describe('origins of web pages that may read answers, for example https://ui.example'),
      insecure: z.boolean().default(false).describe('listen on other addresses without a token'),
    })
    .prefault({}),
  graph: z
    .strictObject({
      windowMax: positive.default(50_000).describe('Events and other occurrences kept of a cluster'),
      feedEntriesMax: positive.default(100_000).describe('diff entries kept for followers that come back'),
      relations: z
        .string()
        .optional()
        .describe('YAML file with user-defined relations; `serve` takes edits of it over'),
    })
    .prefault({}),
  logs: logsSchema,
  history: z
    .strictObject({
      url: z
        .string()
        .min(1)
        .regex(
          /^(?:postgres(?:ql)?:\/\/|(?![a-z][a-z0-9+.-]*:\/\/))/i,
          'must be a file, or like postgres://USER:PASSWORD@HOST:5432/DATABASE?schema=kube_kg',
        )
        .optional()
        .describe(
          'where history is kept: a SQLite file, or a PostgreSQL database by its URL (`?schema=`, default `kube_kg`). `serve` beside clusters takes `kube-kg/history.db` in XDG_STATE_HOME (~/.local/state) when nothing is said',
        ),
      enabled: z.boolean().default(true).describe('keep a history'),
      days: z
        .number()
        .nonnegative()
        .default(14)
        .describe('days of which everything is kept, 0.5 is twelve hours; 0: no limit by age. See history.md'),
      kindDays: z
        .record(z.string().min(1), z.number().positive())
        .default({})
        .describe(
          'days for kinds of which less is kept, by Kind or group/Kind: `{Event: 3, apps/ReplicaSet: 7}`, in the variable `Event=3,apps/ReplicaSet=7`',
        ),
      maxSize: z
        .string()
        .refine((text) => text === '0' || bytesIn(text) !== undefined, 'write a size as 500MB or 2GiB; 0: no limit')
        .default('10GB')
        .describe('room that history may take; the oldest goes first. 0: no limit'),
      pruneMinutes: z.number().positive().default(10).describe('minutes between two looks for what is to go'),
      readableHours: z
        .number()
        .nonnegative()
        .default(24)
        .describe('hours for which SQL reads what changed and what objects were as text; 0: not at all. See sql.md'),
      readableSize: z
        .string()
        .refine((text) => text === '0' || bytesIn(text) !== undefined, 'write a size as 500MB or 2GiB; 0: no limit')
        .default('500MB')
        .describe(
          'room that such texts may take, at most a quarter of maxSize; what was seen least recently goes first',
        ),
      queryMax: positive
        .max(10_000)
        .default(1_000)
        .describe('events on a page of the watch history; see watch-events.md'),
    })
    .prefault({}),
  intake: z
    .strictObject({
      enabled: z.boolean().default(true).describe('take what others send; see intake.md. Never beside a recording'),
      token: z
        .string()
        .min(16)
        .optional()
        .describe('bearer token that senders must show, and that opens nothing else; default: server.token'),
      cluster: z
        .string()
        .min(1)
        .optional()
        .describe('cluster of records that name none; default: the one that is followed'),
      maxBody: z
        .string()
        .refine((text) => bytesIn(text) !== undefined, 'write a size as 500kB or 16MB')
        .default('16MB')
        .describe('largest body of a request, unpacked'),
      logs: z
        .enum(['telling', 'all'])
        .default('telling')
        .describe('log records to keep: those that tell of trouble, by severity or by what they say, or all'),
      deadLetters: positive.default(10_000).describe('rejected records that are kept to be corrected and sent again'),
    })
    .prefault({}),
  neo4j: z
    .strictObject({
      uri: z
        .string()
        .regex(
          /^(?:bolt|neo4j)(?:\+s|\+ssc)?:\/\/[^@\s]+$/,
          'must be like bolt://host:7687 or neo4j+s://host, without user and password',
        )
        .optional()
        .describe('Neo4j that `serve` keeps equal to the graph; see neo4j.md'),
      user: z.string().min(1).default('neo4j').describe('user who may write and make indexes there'),
      password: z.string().min(1).optional().describe('password of that user; without it, nobody logs in'),
      database: z.string().min(1).optional().describe('database there; default: that of the user'),
      keepEnded: z.boolean().default(false).describe('keep what is gone, with `validFrom` and `validTo`'),
      batchSize: positive.max(100_000).default(2_000).describe('nodes and relationships of a transaction'),
    })
    .prefault({}),
  cypher: z
    .strictObject({
      idleSeconds: z
        .int()
        .nonnegative()
        .default(0)
        .describe('drop the embedded Cypher store when unused for so long; 0 keeps it'),
      rowsMax: positive.default(10_000).describe('rows a query may return'),
      timeoutMs: positive.default(30_000).describe('time a query may take, in milliseconds'),
    })
    .prefault({}),
  analysis: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe('keep incidents, and conclude what happenings have to do with each other; needs a history'),
      settleMs: z
        .int()
        .min(0)
        .max(60_000)
        .default(500)
        .describe('wait so long for more after something happened, in milliseconds'),
      rest: z.number().min(0).default(20).describe('rest so many times as long as analysis took'),
      resolveSeconds: z
        .number()
        .positive()
        .default(60)
        .describe('an incident whose symptoms are gone for so long is resolved'),
      reopenSeconds: z
        .number()
        .nonnegative()
        .default(600)
        .describe('one whose symptoms come back within this is the same'),
      incidents: positive.default(200).describe('resolved incidents that are kept in the graph; history keeps all'),
      escalation: z.boolean().default(true).describe('occurrences that come again and again are worse than they say'),
      escalationMinutes: z.number().positive().default(5).describe('within so many minutes'),
      escalationThreshold: positive.default(3).describe('at least so many others of the same'),
    })
    .prefault({}),
  detectors: z.strictObject(detectorSettings).prefault({}),
  scorer: z
    .strictObject({
      url: z
        .url({ protocol: /^https?$/, hostname: /./ })
        .optional()
        .describe(
          'a model that scores how unusual things are, asked by POST; default: robust statistics. See hooks.md',
        ),
      timeoutMs: positive
        .max(30_000)
        .default(2_000)
        .describe('how long it may take to answer; then the default scores'),
      token: z.string().min(1).optional().describe('bearer token that it is shown'),
    })
    .prefault({}),
  remediation: z.strictObject(remediationSettings).prefault({}),
  redaction: z
    .strictObject({
      key: z.string().min(16).optional().describe('key of the fingerprints; default: a random one for each process'),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
});

export type Config = z.infer<typeof configSchema>;

/** Keys that never leave the process. */
const secrets = new Set(['server.token', 'intake.token', 'redaction.key', 'neo4j.password', 'scorer.token']);

/** Variables of the systems that this program replaces, accepted as aliases. */
export const environmentAliases: Readonly<Record<string, string>> = {
  KUBILITICS_PORT: 'server.port',
  KUBILITICS_DATABASE_PATH: 'history.url',
  BADGER_PATH: 'history.url',
  RETENTION_DAYS: 'history.days',
  SERVER_PORT: 'server.port',
  KUBILITICS_KUBECONFIG_PATH: 'kubernetes.kubeconfig',
  KUBILITICS_LOG_LEVEL: 'log.level',
  KUBEVIEW_URL: 'kubeview.url',
  CLIENT_ID: 'kubeview.clientId',
  SEVERITY_ESCALATION_ENABLED: 'analysis.escalation',
  SEVERITY_ESCALATION_WINDOW_MIN: 'analysis.escalationMinutes',
  SEVERITY_ESCALATION_THRESHOLD: 'analysis.escalationThreshold',
  INCIDENT_CLUSTERING_ENABLED: 'analysis.enabled',
  NEO4J_URI: 'neo4j.uri',
  NEO4J_USER: 'neo4j.user',
  NEO4J_PASSWORD: 'neo4j.password',
};

/** Aliases that name a folder, where the setting is the file in it. */
const folderAliases = new Set(['BADGER_PATH']);

type Sections = Record<string, Record<string, unknown>>;

export interface LoadOptions {
  /** File given by the user; must exist, as must that of `CONFIG_PATH`. Without either, `kube-kg.yaml` is read when present. */
  readonly file?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Set by command line options, over everything else: `{'server.port': 9000}`. */
  readonly overrides?: Readonly<Record<string, unknown>>;
  /** Told what was ignored on purpose. */
  readonly note?: (text: string) => void;
}

const DEFAULT_FILE = 'kube-kg.yaml';

/** The whole configuration, or Problem `invalid-config` with every fault in `details`. */
export function load({ file, environment, overrides = {}, note = () => undefined }: LoadOptions): Config {
  const problems: string[] = [];
  const sections = readFile(file ?? (environment['CONFIG_PATH'] || undefined), problems);
  const links = new Set(serviceLinks(environment));
  if (links.size > 0)
    note(`${[...links].join(', ')}: set by Kubernetes for a Service of that name, not settings; ignored`);
  if (environment['KUBEVIEW_URL'] && environment['OTEL_EXPORTER_OTLP_ENDPOINT'])
    note('OTEL_EXPORTER_OTLP_ENDPOINT: telemetry is not sent yet; ignored');
  const own = Object.fromEntries(Object.entries(environment).filter(([name]) => !links.has(name)));
  for (const [path, text] of environmentSettings(own, problems)) put(sections, path, fromText(path, text));
  for (const [path, value] of Object.entries(overrides)) if (value !== undefined) put(sections, path, value);
  const result = configSchema.safeParse(sections, { error: plainWords });
  if (!result.success) problems.push(...result.error.issues.flatMap(issueText));
  if (problems.length > 0 || !result.success) {
    throw new Problem(
      'invalid-config',
      `The configuration has ${problems.length} fault${problems.length === 1 ? '' : 's'}; correct what is listed and try again.`,
      { details: problems },
    );
  }
  return result.data;
}

function readFile(file: string | undefined, problems: string[]): Sections {
  const path = file ?? DEFAULT_FILE;
  if (file === undefined && !existsSync(path)) return {};
  try {
    const content: unknown = parse(readFileSync(path, 'utf8'));
    if (content === null || content === undefined) return {};
    if (typeof content === 'object' && !Array.isArray(content))
      return sectionsFrom(withoutEmpty(content), path, problems);
    problems.push(`${path}: not a mapping of sections`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'no such file' : (message.split('\n')[0] ?? '').replace(/:$/, '');
    problems.push(`${path}: ${why}`);
  }
  return {};
}

/** The sections of a file of our own, or of the one of a service that this program replaces. */
function sectionsFrom(content: Record<string, unknown>, path: string, problems: string[]): Sections {
  if (!isResourcesFile(content)) return content as Sections;
  const { settings, faults } = settingsOfResources(content);
  problems.push(...faults.map((fault) => `${path}: ${fault}`));
  const sections: Sections = {};
  for (const [setting, value] of Object.entries(settings)) put(sections, setting, value);
  return sections;
}

/** A section or setting with nothing behind its colon is as if it were not there. */
function withoutEmpty(content: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(content)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => [key, typeof value === 'object' && !Array.isArray(value) ? withoutEmpty(value) : value]),
  );
}

/** Every setting as `section.key`. */
export function settingPaths(): string[] {
  return Object.entries(configSchema.shape).flatMap(([section, schema]) =>
    Object.keys(sectionShape(schema)).map((key) => `${section}.${key}`),
  );
}

function sectionShape(schema: z.ZodPrefault<z.ZodObject>): z.ZodRawShape {
  return schema.unwrap().shape;
}

/** `server.feedEntriesMax` → `KG_SERVER_FEED_ENTRIES_MAX`. */
export function environmentName(path: string): string {
  return `KG_${path.replace('.', '_').replace(/([a-z0-9])([A-Z])/g, '$1_$2')}`.toUpperCase();
}

function* environmentSettings(environment: LoadOptions['environment'], problems: string[]): Iterable<[string, string]> {
  const names = new Map(settingPaths().map((path) => [environmentName(path), path]));
  for (const [alias, path] of Object.entries(environmentAliases)) {
    const text = environment[alias];
    if (text !== undefined && text !== '') yield [path, folderAliases.has(alias) ? historyIn(text) : text];
  }
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith('KG_') || text === undefined) continue;
    const path = names.get(name);
    if (path !== undefined) yield [path, text];
    else problems.push(`${name}: no such setting${hint(name, names.keys())}`);
  }
}

const LINK = /^(?:tcp|udp|sctp):\/\//;
const LINK_NAME = /^(KG_(?:\w+_)?|KUBILITICS_(?:\w+_)?|SERVER_)PORT(?:_\d+_(?:TCP|UDP|SCTP))?$/;

/**
 * What Kubernetes puts into every pod for each Service of its namespace (core/v1 PodSpec `enableServiceLinks`): a Service `kg` makes
 * `KG_PORT=tcp://10.0.0.1:80`, `KG_SERVICE_HOST=10.0.0.1`, `KG_PORT_80_TCP_ADDR=10.0.0.1` and more.
 */
function serviceLinks(environment: LoadOptions['environment']): string[] {
  const linked = Object.entries(environment).flatMap(([name, text = '']) => {
    const [, service] = LINK.test(text) ? (LINK_NAME.exec(name) ?? []) : [];
    return service === undefined ? [] : [{ name, service }];
  });
  const others = [...new Set(linked.map(({ service }) => service))].flatMap((service) => {
    const belongs = new RegExp(`^${service}(?:SERVICE_(?:HOST|PORT(?:_\\w+)?)|PORT_\\d+_\\w+)$`);
    return Object.keys(environment).filter((name) => belongs.test(name));
  });
  return [...linked.map(({ name }) => name), ...others];
}

function hint(word: string, known: Iterable<string>): string {
  const [best] = nearest(word, known);
  return best === undefined ? '' : `; did you mean ${best}?`;
}

function fromText(path: string, text: string): unknown {
  const [section = '', key = ''] = path.split('.');
  let schema: unknown = sectionShape(configSchema.shape[section as keyof typeof configSchema.shape] as never)[key];
  while (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional) schema = schema.unwrap();
  if (schema instanceof z.ZodArray)
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  if (schema instanceof z.ZodNumber) return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
  if (schema instanceof z.ZodRecord) return pairsIn(text);
  if (schema instanceof z.ZodBoolean)
    return { true: true, '1': true, false: false, '0': false }[text.toLowerCase()] ?? text;
  return text;
}

/** `a=1,b=2` → numbers by name. */
function pairsIn(text: string): unknown {
  const pairs = text.split(',').map((pair) => pair.split('='));
  return Object.fromEntries(pairs.map(([name = '', number]) => [name.trim(), Number(number?.trim() || Number.NaN)]));
}

function put(sections: Sections, path: string, value: unknown): void {
  const [section = '', key = ''] = path.split('.');
  const existing = sections[section];
  if (typeof existing === 'object' && existing !== null) existing[key] = value;
  else sections[section] = { [key]: value };
}

function issueText(issue: z.core.$ZodIssue): string[] {
  const where = placeOf(issue.path);
  if (issue.code !== 'unrecognized_keys') return [`${where || 'configuration'}: ${issue.message}`];
  const known = settingPaths();
  const candidates =
    where === '' ? Object.keys(configSchema.shape) : known.filter((path) => path.startsWith(`${where}.`));
  return issue.keys.map((key) => {
    const full = where === '' ? key : `${where}.${key}`;
    return `${full}: no such ${where === '' ? 'section' : 'setting'}${hint(full, candidates)}`;
  });
}

/** The configuration as users may see it. */
export function printable(config: Config): Sections {
  const copy = structuredClone(config) as Sections;
  for (const path of secrets) {
    const [section = '', key = ''] = path.split('.');
    const values = copy[section];
    if (values?.[key] !== undefined) values[key] = '***';
  }
  for (const values of Object.values(copy))
    for (const [key, value] of Object.entries(values))
      if (typeof value === 'string') values[key] = withoutPassword(value);
  return copy;
}
