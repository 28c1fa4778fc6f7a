/**
 * What messages name: hosts, ports, files, keys, who was refused what. Messages of kubelets, runtimes and programs in whatever language; a clue is
 * typed, and where it leads is for mechanisms to say.
 */
export type Clue =
  /** A connection that did not come to be, or was answered with an error. */
  | {
      readonly type: 'connection';
      readonly host: string;
      readonly port: number | undefined;
      readonly how: Failing;
      readonly text: string;
    }
  /** A name that DNS does not know, or DNS itself does not answer. */
  | { readonly type: 'lookup'; readonly host: string; readonly dnsDown: boolean; readonly text: string }
  /** Refused by the API server. */
  | {
      readonly type: 'forbidden';
      readonly user: string;
      readonly verb: string;
      readonly resource: string;
      readonly text: string;
    }
  /** A service refuses who asks. */
  | { readonly type: 'unauthenticated'; readonly text: string }
  /** A store answers, and will not do what is asked: it takes no writes, no more clients, no more data, or its tables are locked. */
  | { readonly type: 'refuses'; readonly what: Refusing; readonly text: string }
  /** A proxy or mesh between the two does not let the call through. */
  | { readonly type: 'denied'; readonly text: string }
  | { readonly type: 'variable'; readonly name: string; readonly text: string }
  | {
      readonly type: 'file';
      readonly path: string;
      readonly how: 'missing' | 'denied' | 'unreadable';
      readonly text: string;
    }
  | { readonly type: 'full'; readonly what: 'disk' | 'memory' | 'files' | 'connections'; readonly text: string }
  | { readonly type: 'port-taken'; readonly port: number | undefined; readonly text: string }
  | { readonly type: 'command'; readonly command: string; readonly text: string }
  | { readonly type: 'certificate'; readonly text: string }
  | { readonly type: 'architecture'; readonly text: string }
  | { readonly type: 'configuration'; readonly text: string }
  | { readonly type: 'exception'; readonly text: string };

export type Refusing = 'writes' | 'clients' | 'data' | 'slow';

/** How a connection fails. `refused`: somebody is there and nobody listens · `timeout`: nobody answers, as a firewall or policy has it. */
export type Failing = 'refused' | 'timeout' | 'reset' | 'unreachable' | 'error';

const HOST = String.raw`[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?){0,8}`;
const FAILING: readonly (readonly [pattern: RegExp, how: Failing])[] = [
  [/connection refused|ECONNREFUSED|actively refused|connect failed: 111/i, 'refused'],
  [/i\/o timeout|ETIMEDOUT|timed? ?out|deadline exceeded|did not respond/i, 'timeout'],
  [/connection reset|ECONNRESET|broken pipe|EPIPE|unexpected EOF|closed the connection/i, 'reset'],
  [/no route to host|EHOSTUNREACH|network is unreachable|ENETUNREACH|unreachable/i, 'unreachable'],
  [
    /can'?t connect|cannot connect|could(?:n'?t| not) (?:connect|be established)|failed to (?:connect|establish)|unable to (?:connect|contact|reach)|status(?: of| code)?[ :=]+5\d\d|no suitable servers found|does not answer|connection (?:to [^\n]{1,80} )?failed|communications link failure|max retries exceeded|bad gateway|(?:service )?unavailable\b|\b50[234]\b/i,
    'error',
  ],
];

/** Everything that a message names, each once. */
export function cluesIn(message: string): readonly Clue[] {
  const text = message.length > 4_000 ? message.slice(0, 4_000) : message;
  const unknown = [...lookups(text)];
  const names = new Set(unknown.map((clue) => ('host' in clue ? clue.host : '')));
  // What is not found is not called.
  const called = [...connections(text)].filter((clue) => !('host' in clue && names.has(clue.host)));
  return [...unknown, ...called, ...refusals(text), ...others(text)];
}

/** How programs say that they did not find a name. */
const LOOKUPS: readonly RegExp[] = [
  new RegExp(
    String.raw`lookup (${HOST})\.?(?: on [\d.:\[\]a-f]+)?: (?:no such host|server misbehaving|i\/o timeout|[^\n]*timeout)`,
    'gi',
  ),
  new RegExp(
    String.raw`(?:could not resolve(?: host)?|couldn't resolve host|getaddrinfo (?:ENOTFOUND|EAI_AGAIN)|name resolution[^'"\n]*|unknown host|bad address|UnknownHostException|failed to resolve|nodename nor servname[^'"\n]*|can't resolve)[:\s'"]*(${HOST})?`,
    'gi',
  ),
  new RegExp(`(${HOST}):? (?:name or service not known|temporary failure in name resolution|no such host)`, 'gi'),
  new RegExp(`server can't find (${HOST}): NXDOMAIN`, 'gi'),
  new RegExp(`host not found in upstream ['"]?(${HOST})`, 'gi'),
  new RegExp(`getaddrinfo for (${HOST}) failed`, 'gi'),
  new RegExp(String.raw`no such host is known\.? \((${HOST})`, 'gi'),
  // c-ares, in gRPC
  new RegExp(
    String.raw`DNS resolution failed for (?:dns:\/*)?(${HOST})(?::\d+)?: [^\n]*?(?:not found|no data|could not contact dns|timeout|refused)`,
    'gi',
  ),
];

function* lookups(text: string): Iterable<Clue> {
  const found = new Set<string>();
  for (const pattern of LOOKUPS) {
    for (const match of text.matchAll(pattern)) {
      const named = match[1] === undefined || NO_HOST.test(match[1]) ? undefined : match[1];
      const [address] = named === undefined ? addressesIn(text) : [];
      const host = (named ?? address?.host ?? '').toLowerCase();
      if (found.has(host) || NO_HOST.test(host)) continue;
      found.add(host);
      const dnsDown =
        /i\/o timeout|server misbehaving|timeout|could not contact/i.test(match[0]) ||
        /EAI_AGAIN|temporary failure in name/i.test(text);
      yield { type: 'lookup', host, dnsDown, text };
    }
  }
}

/** How a connection failed, of which a text tells. */
export function howOf(text: string): Failing | undefined {
  return FAILING.find(([pattern]) => pattern.test(text))?.[1];
}

function* connections(text: string): Iterable<Clue> {
  const how = howOf(text) ?? (isAnswer(text) ? 'error' : undefined);
  if (how === undefined) return;
  const found = new Set<string>();
  for (const { host, port } of addressesIn(text)) {
    const key = `${host}:${port}`;
    if (found.has(key)) continue;
    found.add(key);
    yield { type: 'connection', host, port, how, text };
  }
}

const ADDRESSES: readonly RegExp[] = [
  new RegExp(String.raw`\b[a-z][a-z0-9+.-]*:\/\/(?:[^\s/@"']*@)?(${HOST})(?::(\d{1,5}))?`, 'gi'),
  new RegExp(String.raw`(?<![\w./-])(${HOST}):(\d{2,5})(?!\d|[:.]\d)`, 'gi'),
  // Java: a name with its address, or without one yet.
  new RegExp(String.raw`(?<![\w./:-])(${HOST})\/(?:<unresolved>|[\d.]{7,15})?:?(\d{2,5})(?![\w./-])`, 'gi'),
  new RegExp(String.raw`\bhost[=:] ?['"]?(${HOST})['"]?,? port[=:] ?(\d{2,5})`, 'gi'),
  // A name of several words is none of a sentence.
  new RegExp(
    String.raw`(?:connect(?: to)?|reach|call(?:ing)?|(?:get|fetch|read|receive)\b[^\n]{0,40} from) ['"]?((?=[a-z0-9.]*-)${HOST})()(?=['",;)\s]|$)`,
    'gi',
  ),
  /\((\d{1,3}(?:\.\d{1,3}){3})\)()/g,
  /(?:host|address|server|to) ['"]?(\d{1,3}(?:\.\d{1,3}){3})()/gi,
  new RegExp(String.raw`\b(${HOST}\.svc(?:\.cluster\.local)?)()`, 'gi'),
  new RegExp(
    // Words alone mean anything; a port or quotes say that it is a name.
    String.raw`(?:host|server(?: (?:on|at))?|upstream|connect(?:ing|ion)? to|reach|service|database|broker) (?:(?:['"](?=${HOST}['"]))|(?=${HOST}[ ,]+port ))(${HOST})['"]?(?:[ ,]+port (\d{1,5}))?`,
    'gi',
  ),
];
/** Addresses in a text: of URLs, `host:port`, IPs, and names of Services. */
function* addressesIn(text: string): Iterable<{ readonly host: string; readonly port: number | undefined }> {
  for (const pattern of ADDRESSES) {
    for (const [, host = '', port] of text.matchAll(pattern)) {
      if (NO_HOST.test(host)) continue;
      const number = Number(port);
      yield { host: host.toLowerCase(), port: port && number > 0 && number < 65_536 ? number : undefined };
    }
  }
}

/** What stands before a colon and a number, and is no host: words, numbers, files of source code. */
const NO_HOST =
  /^(?:\d+|line|col|column|error|code|status|port|pid|tid|id|at|time|level|attempts?|retry|retries|version|count|err(?:no)?|exit|desc|http|getaddrinfo|gethostbyname)$|\.(?:go|py|java|js|mjs|ts|rb|rs|cs|c|cc|cpp|h|kt|scala|php|ex|exs|erl|clj)$/i;

const REFUSALS: readonly (readonly [pattern: RegExp, what: Refusing])[] = [
  [
    /cluster_block_exception|read-only-allow-delete|flood.stage|read.only option|read.only (?:transaction|replica|mode|database|user)|(?:database|server|table|node|cluster) is (?:in )?read.only|READONLY You can|NotWritablePrimary|not (?:master|primary)\b|super.read.only|read_only/i,
    'writes',
  ],
  [
    /too many (?:connections|clients)|remaining connection slots|max(?:imum)? number of (?:clients|connections)|connection pool (?:is )?(?:exhausted|full|timed? ?out)|pool (?:is )?exhausted|ERROR 1040|HikariPool[^\n]*not available|QueuePool limit|connection limit exceeded/i,
    'clients',
  ],
  [
    /publishers will be blocked|memory resource limit alarm set|disk resource limit alarm set|OOM command not allowed|used memory > 'maxmemory'|MISCONF Redis|SERVER_ERROR out of memory/i,
    'data',
  ],
  [
    /lock wait timeout|deadlock (?:found|detected)|(?:statement|lock|query) time(?:d )?out|canceling statement due to (?:statement|lock|conflict)|slow query|long.running (?:query|transaction)|query execution was interrupted/i,
    'slow',
  ],
];
const CERTIFICATE =
  /certificate[^\n]{0,40}(?:expired|not yet valid|unknown authority|invalid|verify failed|is not valid)|x509:|tls: handshake|SSL[^\n]{0,20}(?:error|failed)/i;
const DENIED =
  /RBAC: access denied|rbac_access_denied|access denied by (?:policy|authorization)|denied by (?:network )?policy|no healthy upstream|upstream connect error or disconnect\/reset before headers|filter_chain_not_found|(?:no|unknown) route (?:found|matched)|route_not_found|\bNR\b.*route|cluster_not_found|policy denied|\b403\b(?: forbidden)?|plaintext.*mtls|peer (?:is )?not authenticated/i;

const UNAUTHENTICATED =
  /authentication (?:failed|failure|error|required)|failed to authenticate|access denied for user|wrongpass|noauth|nopermiss?|invalid (?:username|user|password|credentials|api.?key|token)|(?:bad|wrong|incorrect) (?:username|password|credentials)|password (?:authentication|is incorrect|mismatch)|login failed|not authorized|ACCESS_REFUSED|requires authentication|no pg_hba\.conf entry|role "[^"]+" does not exist|permission denied for (?:table|relation|schema|database)|SCRAM|\b401\b|unauthorized|unauthenticated/i;

/** Whether somebody answered, and not as was wished. */
function isAnswer(text: string): boolean {
  return (
    DENIED.test(text) ||
    UNAUTHENTICATED.test(text) ||
    CERTIFICATE.test(text) ||
    REFUSALS.some(([pattern]) => pattern.test(text))
  );
}

function* refusals(text: string): Iterable<Clue> {
  for (const [pattern, what] of REFUSALS) if (pattern.test(text)) yield { type: 'refuses', what, text };
  if (DENIED.test(text)) yield { type: 'denied', text };
}

/** How programs say that a variable is missing; a shell, a library for settings, or their own words. */
const VARIABLE = new RegExp(
  [
    String.raw`\b[Ee]nv(?:ironment)?(?: var(?:iable)?)? ['"\x60$]?([A-Z][A-Z0-9_]{2,})['"\x60]? (?:is |was )?(?:not set|undefined|missing|required|must be set|not defined|unset|empty|not found)`,
    String.raw`(?:[Vv]ariable|[Ss]etting) ['"\x60$]?([A-Z][A-Z0-9_]{2,})['"\x60]? (?:is |was )?(?:not set|undefined|missing|required|must be set|not defined|unset|empty|not found)`,
    String.raw`(?:[Mm]issing|[Rr]equired|[Uu]ndefined|[Uu]nset|[Mm]ust set)[^\n.]{0,40}?\b[Ee]nv(?:ironment)?(?: variable)?s?[:= ]+['"\x60$[]*([A-Z][A-Z0-9_]{2,})`,
    String.raw`\b([A-Z][A-Z0-9_]{2,})(?: environment variable)? (?:is not set|must be set|is required|not set|is undefined|is missing|is empty)`,
    String.raw`\b([A-Z][A-Z0-9_]{2,}): (?:parameter (?:null or )?not set|unbound variable)`,
    'required key ([A-Z][A-Z0-9_]{2,}) missing value',
    'KeyError: [\'"]([A-Z][A-Z0-9_]{2,})[\'"]',
    String.raw`process\.env\.([A-Z][A-Z0-9_]{2,}) is (?:undefined|not)`,
  ].join('|'),
  'g',
);

function* others(text: string): Iterable<Clue> {
  const forbidden = /User "([^"]+)" cannot (\w+) resource "([^"]+)"/i.exec(text);
  if (forbidden)
    yield { type: 'forbidden', user: forbidden[1] ?? '', verb: forbidden[2] ?? '', resource: forbidden[3] ?? '', text };
  if (UNAUTHENTICATED.test(text)) yield { type: 'unauthenticated', text };
  for (const [, ...names] of text.matchAll(VARIABLE)) {
    const name = names.find((one) => one !== undefined) ?? '';
    yield { type: 'variable', name, text };
  }
  const file =
    /(?:(?:open|stat|read|load|find|access|exec)\w*[: ]+['"]?|['"])?(\/[\w./-]{2,})['"]?:? (?:\w+: )?(no such file|not found|permission denied|is a directory|read-only)|(?:no such file or directory|permission denied|cannot open|failed to (?:open|read|load|parse))[^\n/]{0,30}['"]?(\/[\w./-]{2,})/i.exec(
      text,
    );
  if (file)
    yield {
      type: 'file',
      path: file[1] ?? file[3] ?? '',
      how: /permission|denied|read-only/i.test(file[0])
        ? 'denied'
        : /parse|load|read/i.test(file[0]) && !/no such/i.test(file[0])
          ? 'unreadable'
          : 'missing',
      text,
    };
  if (
    /no space left|disk (?:is )?full|ENOSPC|disk quota exceeded|disk watermark[^\n]{0,20} exceeded|disk usage exceeded|(?:transaction )?log for database [^\n]{0,60} is full|storage (?:is )?full|drive path full|StorageFull/i.test(
      text,
    )
  )
    yield { type: 'full', what: 'disk', text };
  else if (/out of memory|cannot allocate memory|OutOfMemoryError|ENOMEM|heap limit/i.test(text))
    yield { type: 'full', what: 'memory', text };
  else if (/too many open files|EMFILE/i.test(text)) yield { type: 'full', what: 'files', text };
  else if (/too many connections|too many clients|connection pool|remaining connection slots/i.test(text))
    yield { type: 'full', what: 'connections', text };
  const taken = /address already in use|EADDRINUSE|port (\d+) is already in use|bind: address/i.exec(text);
  if (taken)
    yield { type: 'port-taken', port: Number(taken[1] ?? /:(\d{2,5})\b/.exec(text)?.[1] ?? 0) || undefined, text };
  const command =
    /exec: "([^"]+)": (?:executable file not found|stat|permission|no such file)|(?:exec|sh|bash|line \d+)[^\n]{0,20}: (\S+): (?:command )?not found|unable to start container process[^\n]*?"([^"]+)"/i.exec(
      text,
    );
  if (command) yield { type: 'command', command: command[1] ?? command[2] ?? command[3] ?? '', text };
  if (CERTIFICATE.test(text)) yield { type: 'certificate', text };
  if (/exec format error/i.test(text)) yield { type: 'architecture', text };
  if (
    /(?:config(?:uration)?|settings|yaml|json|toml|properties|ini)\b[^\n]{0,80}(?:error|invalid|unknown|unexpected|cannot|failed|malformed|missing|bad|not valid|unsupported)|(?:invalid|unknown|unexpected|malformed|failed to parse|cannot parse|parse error|syntax error|unsupported|unrecognized|bad)[^\n]{0,80}(?:config|configuration|setting|option|directive|yaml|json|toml|value|key|level|mode|property)/i.test(
      text,
    )
  )
    yield { type: 'configuration', text };
  if (
    /panic:|segfault|segmentation fault|exception|traceback|fatal error|assertion failed|stack overflow|null pointer|core dumped/i.test(
      text,
    )
  )
    yield { type: 'exception', text };
}
