/**
 * Which log records are kept, as data: phrases that tell of trouble, by what kind of trouble it is. A record passes when it is an error, or says one of
 * them. The first table is the log filter of the kgroot pipeline (74 patterns, `+` stands for "and"); bare numbers there are whole words that count
 * nothing. The second is what else our analysis understands.
 */

export type Category =
  | 'container'
  | 'image'
  | 'probe'
  | 'network'
  | 'resources'
  | 'crash'
  | 'database'
  | 'security'
  | 'storage'
  | 'http'
  | 'configuration'
  | 'access';

/** Phrases by category, separated by `·`; all parts joined by `+` must be there. Lower case. */
export const phrases: Readonly<Partial<Record<Category, string>>> = {
  container:
    'crashloopbackoff · back-off restarting failed container · oom killed · oomkilled · exit code · exited with code · container died · pod evicted',
  image:
    'imagepullbackoff · errimagepull · failed to pull image · image not found · manifest unknown · unauthorized + registry',
  probe: 'readiness probe failed · liveness probe failed · startup probe failed · probe timeout · health check failed',
  network:
    'connection refused · connection reset · connection timeout · i/o timeout · dial tcp + timeout · no route to host · network unreachable · dns lookup failed · could not resolve · unable to connect · deadline exceeded',
  resources:
    'out of memory · disk full · no space left · too many open files · resource exhausted · quota exceeded · cpu throttling · eviction threshold',
  crash:
    'panic: · fatal error · segfault · segmentation fault · core dumped · stack overflow · null pointer · assertion failed',
  database:
    'database + connection failed · database + connection lost · database + query timeout · database + deadlock · database + duplicate key · database + constraint violation · database + too many connections · database + connection pool',
  security:
    'certificate + expired · certificate + invalid · certificate + verify failed · certificate + untrusted · tls handshake + failed · authentication failed · permission denied',
  storage: 'failed to mount · volume + failed · persistentvolume + error · failed to attach · io error',
  http: '500 · 502 · 503 · 504 · internal server error · bad gateway · service unavailable · gateway timeout',
};

/** What programs of many languages say, and no phrase above covers. */
export const further: readonly (readonly [category: Category, pattern: RegExp])[] = [
  [
    'network',
    /\b(?:ECONN(?:REFUSED|RESET|ABORTED)|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|ENOTFOUND|EAI_AGAIN)\b|no such host|getaddrinfo|name resolution|name or service not known|unknown ?host|host not found|bad address|\bNXDOMAIN\b|can(?:'t|not) (?:connect|resolve)|could(?:n't| not) connect|failed to (?:connect|resolve)|connection (?:closed|failed|timed out)|max retries exceeded|communications link failure|unexpected EOF|network is unreachable|upstream connect error|no healthy upstream|does not answer|timed? ?out\b/i,
  ],
  [
    'resources',
    /\b(?:ENOSPC|ENOMEM|EMFILE)\b|disk quota exceeded|cannot allocate memory|OutOfMemoryError|heap (?:limit|out of memory)|OOM command not allowed|MISCONF Redis/i,
  ],
  [
    'crash',
    /traceback \(most recent call last\)|unhandled (?:exception|rejection|promise)|uncaught (?:exception|error)|\bpanicked at\b|goroutine \d+ \[|\bcrashed\b|core dump|\b[A-Za-z]\w*(?:Exception|Error)\b(?=:|$| in )/i,
  ],
  [
    'database',
    /too many (?:connections|clients)|connection pool|QueuePool limit|HikariPool|remaining connection slots|lock wait timeout|deadlock (?:found|detected)|(?:statement|lock|query) time(?:d )?out|canceling statement|READONLY You can|read.only (?:transaction|mode|option)|role "[^"]+" does not exist|no pg_hba\.conf entry|ER_\w+|SQLSTATE/i,
  ],
  [
    'security',
    /x509:|tls: |SSL[^\n]{0,20}(?:error|failed)|unknown authority|certificate is not valid|handshake failure/i,
  ],
  [
    'access',
    /is forbidden|cannot (?:get|list|watch|create|update|patch|delete) resource|access denied|\bunauthori[sz]ed\b|unauthenticated|authentication (?:required|failure|error)|failed to authenticate|login failed|not authorized|WRONGPASS|NOAUTH|invalid (?:credentials|password|token|api.?key)|password authentication|RBAC: |\b40[13]\b(?! ?(?:ms|s|bytes)\b)/i,
  ],
  [
    'storage',
    /no such file or directory|\b(?:EACCES|ENOENT|EROFS|EIO)\b|read-only file system|input\/output error|cannot open|is a directory/i,
  ],
  [
    'configuration',
    /(?:is|was) (?:not set|required|missing|undefined|not defined)\b|must be set|unbound variable|parameter (?:null or )?not set|missing value|KeyError|command not found|executable file not found|exec format error|address already in use|EADDRINUSE|(?:config(?:uration)?|yaml|json|toml|settings)\b[^\n]{0,60}(?:error|invalid|unknown|unexpected|malformed|missing|unsupported)|(?:invalid|unknown|unexpected|malformed|failed to parse|parse error|syntax error|unsupported|unrecognized)[^\n]{0,60}(?:config|option|directive|yaml|json|toml|value|key|flag)/i,
  ],
];
