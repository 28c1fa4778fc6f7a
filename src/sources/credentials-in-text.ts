/**
 * What looks like a credential: by the name that a value has, and by the shape of a value or of a part of a text.
 * Knows nothing of Kubernetes. Two rules keep it useful: what is a reference, a path, a switch or a hash is left as it is, and of a text
 * only the secret part is replaced (the host of a connection URL stays readable).
 * Every replacement is `redacted:` + 16 hex digits and is recognised again, so that redacting twice changes nothing.
 * Whoever may write an object chooses the text: no expression here may take more than a time in proportion to its length.
 */

/** Turns a secret into its fingerprint. */
export type Fingerprint = (secret: string) => string;

const FINGERPRINT = /^redacted:[0-9a-f]{16}$/;

export function isFingerprint(value: string): boolean {
  return value.length === 25 && FINGERPRINT.test(value);
}

/**
 * How surely a name announces a credential.
 * 3: nothing else is ever called so (password, API key, client secret) · 2: token · 1: `secret`, `credentials`, and where a credential is
 * kept (`passwordSecret`, `tokenKey`), which in API fields and annotations mostly name an object · 0: no credential.
 */
export type Grade = 0 | 1 | 2 | 3;

const grades = new Map<string, Grade>();
const GRADES_KEPT = 20_000;

/** The grade of a name in any style (`DB_PASSWORD`, `apiKey`, `--auth-token`). Remembers what it was asked, up to a limit. */
export function credentialGrade(name: string): Grade {
  const known = grades.get(name);
  if (known !== undefined) return known;
  if (grades.size >= GRADES_KEPT) grades.clear();
  const grade = name.length > 200 ? 0 : gradeOf(name);
  grades.set(name, grade);
  return grade;
}

const STRONG =
  /(password|passwd|passphrase|passwort|pword|apikey|secretkey|privatekey|accesskey|clientsecret|accesstoken)$/;
const KEY_OF = new Set(
  'api app access account auth client consumer deploy encryption hmac jwt license master private secret service session shared signing ssh storage subscription'.split(
    ' ',
  ),
);
/** What a secret is itself called by; after other words it is an object that holds something. */
const SECRET_OF = new Set('app client consumer cookie hmac jwt session shared signing webhook'.split(' '));
/** Words after the credential's own that make the name one of something about it. */
const ABOUT = new Set(
  `address age alg algorithm allowed arn audience backend checksum class config count dir directory disabled duration enable enabled
  endpoint engine env expiration expires expiry field file filename format header headers host hours id interval issuer keys kind length
  limit location manager max min mode mount name names namespace optional path paths period policy port prefix projection provider ref refs
  region reloader required role rotation scope scopes seconds selector size source store suffix template timeout ttl type uri url user
  username version volume`.split(/\s+/),
);
/** Words that, wherever they stand, make `secret` the name of a Kubernetes object or of a mechanism. */
const MECHANISM = new Set(
  'inject image pull tls ssl cert certificate allow enable disable max min csi provider'.split(' '),
);

function gradeOf(name: string): Grade {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '' && !/^\d+$/.test(word));
  const last = words.at(-1);
  if (last === undefined) return 0;
  const secretId = last === 'id' && words.at(-2) === 'secret';
  if (ABOUT.has(last) && !secretId) return 0;
  let grade: Grade = 0;
  for (let at = 0; at < words.length; at++) {
    const found = gradeOfWord(words[at] ?? '', words[at - 1], words);
    if (found > grade) grade = found;
  }
  return grade > 1 && isPlace(last, words.at(-2)) ? 1 : grade;
}

/** Whether a name that ends so says where something is kept: the Secret for a password, the key of a token in one. */
function isPlace(last: string, before = ''): boolean {
  return (last === 'secret' && !SECRET_OF.has(before)) || (last === 'key' && !KEY_OF.has(before));
}

function gradeOfWord(word: string, before: string | undefined, words: readonly string[]): Grade {
  if (STRONG.test(word)) return 3;
  if (word === 'pwd' || word === 'pass') return words.length > 1 && before !== 'old' ? 3 : 0;
  if (word === 'key') return before !== undefined && KEY_OF.has(before) ? 3 : 0;
  if (word === 'authorization' || word === 'salt') return words.length === 1 || word === 'salt' ? 3 : 0;
  if (word === 'cookie') return before === undefined || before === 'erlang' ? 3 : 0;
  if (word.endsWith('token')) return 2;
  if (!(word.endsWith('secret') || word === 'credential' || word === 'credentials')) return 0;
  if (words.some((other) => MECHANISM.has(other))) return 0;
  return word === 'secret' && before !== undefined && SECRET_OF.has(before) ? 3 : 1;
}

const SWITCH = /^(true|false|yes|no|on|off|none|null|nil|enabled|disabled|-?\d{1,9}(\.\d+)?)$/i;
const PASSWORD = /passw|passphrase|pwd|pass$/i;
const REFERENCE = /^(\$\([\w.-]+\)|\$\{[^{}]*\}|\$[A-Za-z_]\w*|\{\{.*\}\})$/s;
const PATH = /^\.{0,2}(\/[\w.@-]+){2,}\/?$/;

/** What a credential-like name may hold without harm: nothing, a switch, a number, a reference to another value, a file's path. */
function isHarmless(name: string, value: string): boolean {
  if (value === '' || isFingerprint(value) || REFERENCE.test(value)) return true;
  if (PATH.test(value)) return true;
  return SWITCH.test(value) && !(PASSWORD.test(name) && /^\d/.test(value));
}

const OBJECT_NAME = /^[a-z0-9](?:[a-z0-9./:-]{0,500}[a-z0-9])?$/;
const HASH = /^[0-9a-f]{32,}$/;

/** Whether a value may be the name of an object, also with its namespace or a key. Passwords with a capital and hexadecimal keys are none. */
export function mayBeName(value: string): boolean {
  return OBJECT_NAME.test(value) && !HASH.test(value);
}

/** The value that goes with a name of at least that grade: its fingerprint, the value itself where it is harmless, or undefined: judge it by its shape. */
export function redactNamed(name: string, value: string, grade: Grade, fingerprint: Fingerprint): string | undefined {
  const found = credentialGrade(name);
  if (found === 0 || found < grade) return undefined;
  return isHarmless(name, value) ? value : fingerprint(value);
}

const HASHED =
  /(checksum|hash|digest|sha\d*|etag|revision|uid|commit|version|fingerprint|signature|certificate|bundle|public)/i;
const WORD = /^[A-Za-z0-9+/_-]{20,4096}={0,2}$/;
const SEPARATOR = /[+/_=-]/g;

/**
 * Whether a whole value is one long random word: hardly a separator, and lower, upper and digits take turns as often as only chance makes
 * them. Of random words of 32 letters nineteen in twenty are told; of names, hashes and ids none should be.
 */
export function looksRandom(name: string, value: string): boolean {
  if (value.length < 20 || !WORD.test(value) || HASHED.test(name)) return false;
  const letters = value.replace(SEPARATOR, '');
  return value.length - letters.length <= 1 + value.length / 16 && isRandom(letters);
}

function isRandom(letters: string): boolean {
  let [lower, upper, digit, turns, digitTurns, previous] = [0, 0, 0, 0, 0, 0];
  for (let at = 0; at < letters.length; at++) {
    const code = letters.charCodeAt(at);
    const type = code >= 97 ? 1 : code >= 65 ? 2 : 3;
    if (type === 1) lower++;
    else if (type === 2) upper++;
    else digit++;
    if (at > 0 && type !== previous) {
      turns++;
      if (type === 3 || previous === 3) digitTurns++;
    }
    previous = type;
  }
  return lower > 1 && upper > 1 && digit > 1 && digitTurns > 1 && turns / letters.length > 0.38;
}

const SHAPES =
  /(?<pem>-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----[\s\S]*?(?:-----END (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----|$(?![\s\S])))|(?<![\w-])(?<jwt>eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)|(?<scheme>\b[a-z][a-z0-9+.-]{1,30}:\/\/)(?<user>[^\s:/?#@"'<>]*)(?<secret>:[^\s/?#"'<>]+)?@|(?<![\w-])(?<known>(?:AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_\w{30,}|github_pat_\w{30,}|glpat-[\w-]{18,}|xox[abeoprs]-[\w-]{10,}|[rs]k_live_\w{16,}|sk-[\w-]{20,}|AIza[\w-]{35}|ya29\.[\w-]{20,}|npm_\w{30,}|hv[sbr]\.[\w-]{20,}|dop_v1_[0-9a-f]{40,}|SG\.[\w-]{16,}\.[\w-]{16,}|pypi-[\w-]{40,})|(?<hook>hooks\.slack\.com\/services\/)(?<path>[\w/]{20,})|\b(?<type>[Bb]earer )(?<bearer>(?=[\w.~+/-]*\d)[\w.~+/-]{16,}=*)|\b(?<way>[Bb]asic )(?<=[Aa]uthorization["']? ?[:=] ?["']?[Bb]asic )(?<basic>[A-Za-z0-9+/]{6,}={0,2})/g;
/** Every shape holds one of these; most texts hold none, and this is the cheaper question. */
const HINT =
  /-----BEGIN |eyJ|:\/\/[^\s/]*@|A[KS]IA|gh[pousr]_|github_pat_|glpat-|xox|k_live_|sk-|AIza|ya29\.|npm_|hv[sbr]\.|dop_v1_|SG\.|pypi-|hooks\.slack|earer |asic /;
const ASSIGNED = /(?<![\w.])([A-Za-z_][\w.-]{0,63})\\{0,3}["']?[ \t]{0,8}[=:][ \t]{0,8}/g;
/** Quoted, quoted inside a quoted text, a reference, or up to the next space or separator. */
const VALUE =
  /(?<open>\\{0,3}["'])(?<quoted>[^\n]*?)(?<!(?:^|[^\\])\\)\k<open>|(?<reference>\$\{[^\s{}]*\}|\$\([^\s()]*\)|\{\{[^{}]*\}\})|(?<bare>[^\s"'&;]+)/y;

/** No API server stores so much. Of sixteen million letters in a row the expressions run out of stack. */
const TEXT_MAX = 4 * 1024 * 1024;

/** The text with every credential in it replaced that can be told by its shape: private keys, JWTs, passwords in URLs, tokens of known make. */
export function redactShapes(text: string, fingerprint: Fingerprint): string {
  if (text.length > TEXT_MAX) return fingerprint(text);
  if (text.length < 8 || !HINT.test(text)) return text;
  return text.replace(SHAPES, (match, ...rest) => {
    const groups = rest.at(-1) as Readonly<Record<string, string | undefined>>;
    const { scheme, hook, type, basic } = groups;
    if (scheme !== undefined) return redactUserInfo(match, scheme, groups['user'] ?? '', groups['secret'], fingerprint);
    if (hook !== undefined) return hook + fingerprint(groups['path'] ?? '');
    if (type !== undefined) return type + fingerprint(groups['bearer'] ?? '');
    if (basic !== undefined) return groups['way'] + fingerprint(basic);
    return fingerprint(match);
  });
}

function redactUserInfo(
  match: string,
  scheme: string,
  user: string,
  secret: string | undefined,
  fingerprint: Fingerprint,
): string {
  if (secret === undefined) return looksRandom('', user) || user.length > 30 ? `${scheme}${fingerprint(user)}@` : match;
  const password = secret.slice(1);
  if (isFingerprint(password) || isFingerprint(user + secret) || REFERENCE.test(password)) return match;
  return `${scheme}${user}:${fingerprint(password)}@`;
}

/** Every name of a credential holds one of these (`gradeOf`); most texts hold none. */
const NAMED = /pass|pw|key|auth|salt|cookie|token|secret|credential/i;

/**
 * Besides the shapes, what is assigned to a name of a credential: `--password=x`, `token: x`, `"apiKey": "x"`.
 * In `prose` a colon assigns less: `failed to get secret: not found`, `volume "default-token" : secret not found`.
 */
export function redactText(text: string, fingerprint: Fingerprint, prose = false): string {
  const shaped = redactShapes(text, fingerprint);
  if (!NAMED.test(shaped)) return shaped;
  let redacted = '';
  let done = 0;
  ASSIGNED.lastIndex = 0;
  for (let found = ASSIGNED.exec(shaped); found !== null; found = ASSIGNED.exec(shaped)) {
    const name = found[1] ?? '';
    const start = ASSIGNED.lastIndex;
    const grade = prose && !found[0].includes('=') ? 2 : 1;
    if (credentialGrade(name) < grade) continue;
    VALUE.lastIndex = start;
    const value = VALUE.exec(shaped)?.groups;
    if (value === undefined) continue;
    const { open = '', quoted, reference, bare = '' } = value;
    if (prose && quoted === undefined && found[0].includes(' :')) continue;
    const secret = quoted ?? reference ?? withoutClosing(bare);
    redacted += `${shaped.slice(done, start)}${open}${redactNamed(name, secret, 1, fingerprint) ?? secret}${open}`;
    done = start + open.length + secret.length + open.length;
    ASSIGNED.lastIndex = done;
  }
  return done === 0 ? shaped : redacted + shaped.slice(done);
}

/** The value without what closes the list or object that it stands in. A loop, since an expression would look at each run of these once a character. */
function withoutClosing(value: string): string {
  let end = value.length;
  while (end > 1 && ',}])'.includes(value.charAt(end - 1))) end--;
  return value.slice(0, end);
}
