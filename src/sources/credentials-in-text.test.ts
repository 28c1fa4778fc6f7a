import assert from 'node:assert/strict';
import { test } from 'node:test';
import { credentialGrade, isFingerprint, looksRandom, redactShapes, redactText } from './credentials-in-text.ts';

const fingerprint = (secret: string): string =>
  isFingerprint(secret) ? secret : `redacted:${String(secret.length).padStart(16, '0')}`;

test('X10 names announce credentials in every style of writing', () => {
  const expected: Readonly<Record<string, number>> = {
    PASSWORD: 3,
    DB_PASSWORD: 3,
    dbPassword: 3,
    PGPASSWORD: 3,
    mysql_root_passwd: 3,
    DB_PWD: 3,
    'db.pass': 3,
    API_KEY: 3,
    apiKey: 3,
    apikey: 3,
    'x-api-key': 3,
    AWS_SECRET_ACCESS_KEY: 3,
    PRIVATE_KEY: 3,
    signingKey: 3,
    ENCRYPTION_KEY: 3,
    DD_APP_KEY: 3,
    ADMIN_PASSWORD_HASH: 3,
    '--password': 3,
    Authorization: 3,
    PASSWORD_1: 3,
    SSH_PASSPHRASE: 3,
    TOKEN: 2,
    GITHUB_TOKEN: 2,
    authToken: 2,
    '--token': 2,
    CLIENT_SECRET: 3,
    clientSecret: 3,
    JWT_SECRET: 3,
    SECRET: 1,
    existingSecret: 1,
    passwordSecret: 1,
    apiTokenSecret: 1,
    tokenKey: 1,
    GOOGLE_APPLICATION_CREDENTIALS: 1,
    VAULT_SECRET_ID: 1,
    PWD: 0,
    OLDPWD: 0,
    KEY: 0,
    PUBLIC_KEY: 0,
    SECRET_NAME: 0,
    secretName: 0,
    TOKEN_FILE: 0,
    passwordSecretRef: 0,
    TOKEN_TTL: 0,
    tokenUrl: 0,
    MAX_TOKENS: 0,
    imagePullSecret: 0,
    TLS_SECRET: 0,
    KEYCLOAK_URL: 0,
    COMPASS: 0,
    AUTHOR: 0,
    SECRETARY: 0,
    '': 0,
    PASSWORD_POLICY: 0,
    username: 0,
  };
  for (const [name, grade] of Object.entries(expected)) assert.equal(credentialGrade(name), grade, name);
  assert.equal(credentialGrade('password'.repeat(100)), 0, 'a name of 800 letters is no name');
});

test('X11 shapes are found inside a text, and only the secret part is replaced', () => {
  const cases: readonly [string, RegExp][] = [
    ['see eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.c2lnbmF0dXJl now', /^see redacted:\S+ now$/],
    ['key AKIAIOSFODNN7EXAMPLE.', /^key redacted:\S{16}\.$/],
    ['ghp_0123456789abcdefghijABCDEFGHIJ012345', /^redacted:/],
    ['Bearer abcdef0123456789abcdef', /^Bearer redacted:/],
    [
      'https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXX',
      /^https:\/\/hooks\.slack\.com\/services\/redacted:/,
    ],
    ['a\n-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nb', /^a\nredacted:\S+\nb$/],
    ['-----BEGIN EC PRIVATE KEY-----\nMIIE cut off', /^redacted:\S+$/],
    [
      'jdbc:mysql://u:p@h:3306/d and http://u2:p2@h2',
      /^jdbc:mysql:\/\/u:redacted:\S+@h:3306\/d and http:\/\/u2:redacted:\S+@h2$/,
    ],
  ];
  for (const [text, expected] of cases) {
    const redacted = redactShapes(text, fingerprint);
    assert.match(redacted, expected);
    assert.equal(redactShapes(redacted, fingerprint), redacted, 'twice');
  }
});

test('X12 what only resembles a credential is left alone', () => {
  for (const text of [
    'https://example.com/a@b',
    'http://host:8080/path',
    'git@github.com:org/repo.git',
    'registry:5000/app@sha256:0123',
    '-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----',
    'eyJ is how JSON begins in base64',
    'Bearer authentication is required here',
    'a sk-ip and a glpat',
    'user:password',
  ]) {
    assert.equal(redactShapes(text, fingerprint), text);
  }
});

test('X13 assignments are understood in shell, properties, YAML, JSON and JSON within JSON', () => {
  const cases: readonly [string, RegExp][] = [
    ['--password=a,b}c --v=2', /^--password=redacted:\S{16} --v=2$/],
    ['-Dspring.datasource.password=x', /^-Dspring\.datasource\.password=redacted:/],
    ['export TOKEN="a b c"; run', /^export TOKEN="redacted:\S{16}"; run$/],
    ["password: 'it is'\nuser: u", /^password: 'redacted:\S{16}'\nuser: u$/],
    ['{"password":"a\\"b","user":"u"}', /^\{"password":"redacted:\S{16}","user":"u"\}$/],
    ['{\\"apiKey\\":\\"secret value\\",\\"x\\":1}', /^\{\\"apiKey\\":\\"redacted:\S{16}\\",\\"x\\":1\}$/],
    ['https://h/p?token=abc&x=1', /^https:\/\/h\/p\?token=redacted:\S{16}&x=1$/],
    ['Server=db;User=sa;Password=p;Encrypt=true', /^Server=db;User=sa;Password=redacted:\S{16};Encrypt=true$/],
    ['{password: abc, user: u}', /^\{password: redacted:\S{16}, user: u\}$/],
  ];
  for (const [text, expected] of cases) {
    const redacted = redactText(text, fingerprint);
    assert.match(redacted, expected);
    assert.equal(redactText(redacted, fingerprint), redacted, 'twice');
  }
  for (const text of [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is the reference to be left alone
    'token: ${TOKEN}',
    'password: true',
    'secretName: db',
    'tokens=4096',
    'a: b',
    'password:\n  from: file',
  ]) {
    assert.equal(redactText(text, fingerprint), text);
  }
});

test('X14 random words are told from names, hashes and ids', () => {
  for (const word of ['aB3dE6gH9jK2mN5pQ8sT', 'q8Zt3LwNc0VbXy7RkP2sHd5J/mFgA1eUo9TiWxYz']) {
    assert.ok(looksRandom('VALUE', word), word);
  }
  for (const word of [
    'short1A',
    'd670460b4b4aece5915caf5c68d12f560a9fe3e4',
    '0f8fad5b-d9cb-469f-a165-70867728950e',
    'my-Deployment-Name-With-Words2',
    'ReadWriteOncePodVolume2',
    'web-5d8c7b9f6d-xyz12-abcde',
    'JAVA_8_OPTS-Xmx512mXms256m',
    'us-East-1a-Node-Group-B2',
    '/opt/App2/Data/Files/Current',
    'https://example.com/Path1',
    '2026-01-01T00:00:00Z-2026',
  ]) {
    assert.ok(!looksRandom('VALUE', word), word);
  }
  assert.ok(!looksRandom('checksum', 'aB3dE6gH9jK2mN5pQ8sT'));
});

/** Milliseconds to redact so much of a text, the best of a few. */
function costOf(text: (length: number) => string, length: number): number {
  const hostile = text(length);
  const times = [1, 2].map(() => {
    const began = performance.now();
    redactText(hostile, fingerprint);
    redactText(hostile, fingerprint, true);
    return performance.now() - began;
  });
  return Math.min(...times);
}

test('X15 hostile text costs no more than its length', () => {
  const units =
    ', } ] ) " \' \\ = : a a= a- -a eyJ eyJaaaaaaaaa. SG.aaaaaaaaaaaaaaaaa. :// a-a://b a://b:c sk- ${ {{ -----BEGIN -----END password= password=" password=\\" password=, password=${';
  for (const unit of [' ', '\n', 'A ', 'Bearer ', 'password :', ...units.split(' ')]) {
    for (const begin of ['', 'password=', 'password: \\"']) {
      const text = (length: number): string => `${begin}${unit.repeat(length / unit.length)}x`;
      const [little, much] = [costOf(text, 5_000), costOf(text, 50_000)];
      // Ten times the text; what is quadratic takes a hundred times as long.
      assert.ok(much < 35 * little + 10, `${JSON.stringify(text(20))}: ${little} ms, then ${much} ms`);
    }
  }
  for (const begin of ['eyJ', 'sk-', 'Bearer 1', 'password=']) {
    for (const length of [1_000_000, 20_000_000]) {
      assert.ok(redactText(begin + 'a'.repeat(length), fingerprint).length <= length + begin.length);
    }
  }
});

test('X16 a bare value ends before what closes its list or object', () => {
  assert.equal(redactText('{a: {password: hunter}}, b]', fingerprint), `{a: {password: ${fingerprint('hunter')}}}, b]`);
  assert.equal(redactText('password=a,},b),', fingerprint), `password=${fingerprint('a,},b')}),`);
  assert.equal(redactText('password=$(SECRET), token=$(T)]', fingerprint), 'password=$(SECRET), token=$(T)]');
  assert.equal(redactText('password=)', fingerprint), `password=${fingerprint(')')}`);
});
