/**
 * How bad a log record is: by the level that its format gives it, else by its words. Formats: JSON (whatever library), logfmt, klog and glog, log4j and
 * its relatives, Python, Go, .NET, Ruby, Rust, Serilog, nginx, Redis, PostgreSQL; the words are those by which Vector's usual rules judge. Pure.
 */
import type { Severity } from '../../model/change.ts';

export interface Judged {
  readonly severity: Severity;
  /** The record says so itself; otherwise its words do. */
  readonly isSaid: boolean;
}

const NAMES: Readonly<Record<Severity, string>> = {
  debug: 'trace trce trc debug dbug dbg verbose vrb fine finer finest silly d t v',
  info: 'info information informational inf notice config log normal i',
  warning: 'warn warning wrn warnung w',
  error: 'error err eror severe fail failure e medium high',
  critical: 'fatal ftl critical crit emergency emerg alert panic dpanic f c p',
};

const BY_NAME: ReadonlyMap<string, Severity> = new Map(
  Object.entries(NAMES).flatMap(([severity, names]) =>
    names.split(' ').map((name) => [name, severity as Severity] as const),
  ),
);

/** What a level is called in whatever program; undefined for what is no level. */
export function severityNamed(level: string): Severity | undefined {
  return BY_NAME.get(level.trim().toLowerCase());
}

/** Levels as numbers: pino and bunyan count by tens; OpenTelemetry from 1 to 24; GELF and syslog backwards from 7. */
export function severityNumbered(level: number, scale: 'tens' | 'otel' | 'syslog'): Severity {
  const steps = {
    tens: [30, 40, 50, 60],
    otel: [9, 13, 17, 21],
    // As if 7 was the least.
    syslog: [1, 3, 4, 5],
  }[scale];
  const value = scale === 'syslog' ? 7 - level : level;
  const [info = 0, warning = 0, error = 0, critical = 0] = steps;
  if (value >= critical) return 'critical';
  if (value >= error) return 'error';
  if (value >= warning) return 'warning';
  return value >= info ? 'info' : 'debug';
}

const HEAD_MAX = 200;
const LEVEL = 'TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|SEVERE|FATAL|CRITICAL|CRIT|ALERT|EMERG|PANIC';

/** Where formats put their level, the most certain first; the first group is it. */
const FORMATS: readonly RegExp[] = [
  /^([IWEF])\d{4} \d\d:\d\d:\d\d/, // klog, glog
  /^([DIWEF]), \[\d{4}-/, // Ruby
  /(?:^|[\s{,])"?(?:level|lvl|severity|levelname|log\.level|loglevel)"?[=:]\s*"?([A-Za-z]+)\b/i, // logfmt, and JSON that was cut off
  /^(DEBUG|INFO|WARNING|ERROR|CRITICAL):/, // Python
  /^(trce|dbug|info|warn|fail|crit): /, // .NET
  /^.{0,60}?\[(?:[\w.-]{1,30}:)?(trace|debug|info|notice|warn|warning|error|crit|critical|alert|emerg|fatal)\](?=\W|$)/i, // nginx, Apache, Envoy
  /^\[?[\d:.,TZ+ -]{5,40} ?(VRB|DBG|INF|WRN|ERR|FTL)\]?(?=\s)/, // Serilog, zerolog
  /^\S{8,40}\s+(?:\S{1,40}\s+){0,2}?(trace|debug|info|warn|error|dpanic|panic|fatal)\t/, // zap
  new RegExp(`^(?:\\S{1,60}\\s+){0,6}?[\\[(<|"']?(${LEVEL})(?=[\\s\\])>|"':,;.(-]|$)`), // log4j and whatever writes its level in capitals
  /^(panic|fatal|error|err|critical|warning|warn|info|debug)(?:\[\d+\])?:(?=\s|$)/i,
];

/** Redis marks warnings with `#`. */
const REDIS = /^\d+:[MSCX] \d\d \w{3} (?:\d{4} )?[\d:.]+ ([.\-*#]) /;

const FATAL = /\b(?:fatal error|segfault|segmentation fault|panic|panicked)\b/i;
const ERROR = /exceptions?(?!\w)|\btraceback\b|\bstack trace\b|\b\w*Error: /i;
const WARNING = /\b(?:failed|failure|cannot)\b/i;

/** How bad the text of a record is, which is of no structure that says it. */
export function severityOfText(text: string): Judged {
  const head = text.length > HEAD_MAX ? text.slice(0, HEAD_MAX) : text;
  for (const format of FORMATS) {
    const named = severityNamed(format.exec(head)?.[1] ?? '');
    if (named !== undefined) return { severity: named, isSaid: true };
  }
  const mark = REDIS.exec(head)?.[1];
  if (mark !== undefined) return { severity: mark === '#' ? 'warning' : 'info', isSaid: true };
  if (FATAL.test(text)) return { severity: 'critical', isSaid: false };
  if (ERROR.test(text)) return { severity: 'error', isSaid: false };
  return { severity: WARNING.test(text) ? 'warning' : 'info', isSaid: false };
}
