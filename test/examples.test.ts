/** What the documentation says to type answers, word for word, about the recording of the demo. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { feedMessageSchema } from '../src/api/feed-messages.ts';
import { operations } from '../src/operations/index.ts';
import { type CommandSurroundings, type Ran, runIn } from './support/command.ts';

const root = resolve(import.meta.dirname, '..');
const SERVED = 'http://127.0.0.1:8080';
const recording = 'demo/shop.jsonl.gz';

interface Example {
  readonly document: string;
  readonly words: readonly string[];
}

/** The lines of a document's code in some languages. */
function codeIn(document: string, ...languages: readonly string[]): readonly string[] {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/^```(\w*)\n(.*?)^```/gms)]
    .filter(([, language = '']) => languages.includes(language))
    .flatMap(([, , code = '']) => code.trim().split('\n'));
}

/** The commands among them; in the help texts of cli.md they are examples at the end. */
function examplesIn(document: string): readonly Example[] {
  return codeIn(document, '', 'sh')
    .map((line) => wordsOf(line.trim()))
    .filter(([program = '']) => ['kube-kg', 'curl'].includes(program))
    .map((words) => ({ document, words }));
}

/** As a shell takes a line apart: quotes, and comments at the end. */
function wordsOf(line: string): readonly string[] {
  const words: string[] = [];
  for (const [, single, double, plain] of line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)) {
    if (plain?.startsWith('#')) break;
    words.push(single ?? double ?? plain ?? '');
  }
  return words;
}

/** Whether somebody is asked to do something: a recording has nobody who would. */
function isActing(words: readonly string[]): boolean {
  const method = words.includes('-X') ? words[words.indexOf('-X') + 1] : words.includes('-d') ? 'POST' : 'GET';
  const url = words.find((word) => word.startsWith(SERVED)) ?? '';
  return operations.some(({ acts, live, name, route }) => {
    const pattern = route
      .replace(/^\S+ /, '')
      .replaceAll(/\{\w+\.\.\.\}/g, '.+')
      .replaceAll(/\{\w+\}/g, '[^/]+');
    const isAsked = url !== '' && route.startsWith(`${method} `) && new RegExp(`/api/v1${pattern}$`).test(url);
    return (acts || live) && (words[1] === name || isAsked);
  });
}

const examples = [
  'README.md',
  'docs/reference/operations.md',
  'docs/reference/cli.md',
  'docs/reference/rca.md',
].flatMap(examplesIn);
const commands = examples.filter(
  ({ words }) =>
    words[0] !== 'curl' && words.includes(recording) && !['serve', 'mcp'].includes(words[1] ?? '') && !isActing(words),
);
const requests = examples.filter(({ words }) => words[0] === 'curl' && !words.includes('-N') && !isActing(words));

const WIDTH = 100;

const run = (argv: readonly string[], { terminal = false, ...more }: Surroundings = {}): Promise<Ran> =>
  runIn(
    { width: WIDTH, terminal: { stdout: terminal }, ...more },
    argv.map((word) => (word === recording ? join(root, recording) : word)),
  );

interface Surroundings extends Pick<CommandSurroundings, 'stop' | 'heard'> {
  readonly terminal?: boolean;
}

/** The same question to a server that holds the recording: reading it anew for each takes its time. */
function served(argv: readonly string[], server: string): readonly string[] {
  return argv.flatMap((word) =>
    word === '--file' ? ['--server', server] : argv[argv.indexOf(word) - 1] === '--file' ? [] : [word],
  );
}

/** Parts of every answer that say nothing about the question. */
const beside: ReadonlySet<string> = new Set(['incomplete', 'hints', 'notes', 'warnings', 'columns']);

/** Whether an answer lists or counts anything. */
function saysSomething(answer: unknown): boolean {
  if (Array.isArray(answer)) return answer.length > 0;
  return Object.entries(answer as object).some(([key, value]) => {
    if (beside.has(key) || typeof value !== 'object' || value === null) return false;
    return Array.isArray(value) ? value.length > 0 : Object.keys(value).length > 0;
  });
}

/** A recording without a fault has no rejections: that is their answer. */
/** What the recording of a demo may have none of. */
const NONE =
  /^(?:logs|dead-letters|incidents|remediations|predict|anomalies)$|\/(?:logs|dead-letters|incidents|remediations|predictions|anomalies)\b/;

function isAnswer(words: readonly string[], text: string): boolean {
  if (words.some((word) => /\brejections\b/.test(word))) return JSON.parse(text).count === 0;
  if (words.some((word) => NONE.test(word))) return typeof JSON.parse(text) === 'object';
  return words[1] === 'doctor' || (words[1] === 'graph' && !words.includes('--json'))
    ? text !== ''
    : saysSomething(JSON.parse(text));
}

describe('documented examples', () => {
  const stop = new AbortController();
  let server = '';
  let ended: Promise<unknown>;
  before(async () => {
    server = await new Promise((found) => {
      ended = run(['serve', recording, '--port', '0'], {
        stop: stop.signal,
        heard: (err) => {
          const [, url] = /at (http:\S+)/.exec(err) ?? [];
          if (url) found(url);
        },
      });
    });
    while ((await fetch(`${server}/healthz/ready`)).status !== 200) await new Promise((done) => setImmediate(done));
  });
  after(async () => {
    stop.abort();
    await ended;
  });

  it('DOC1 every question has an example as a command and as a request, and the README has some', () => {
    const asking = operations.filter(({ acts, live }) => !acts && !live);
    for (const { name } of asking)
      assert.ok(
        commands.some(({ words }) => words[1] === name),
        name,
      );
    assert.ok(requests.length >= asking.length);
    assert.ok(commands.filter(({ document }) => document === 'README.md').length >= 8);
  });

  it('DOC2 every example command answers', async () => {
    const done = new Set<string>();
    for (const { document, words } of commands) {
      const pipe = words.findIndex((word) => word === '>' || word === '|');
      const argv = words.slice(1, pipe < 0 ? undefined : pipe);
      const command = argv.join(' ');
      if (done.has(command)) continue;
      done.add(command);
      const { code, out, err } = await run(document === 'README.md' ? argv : served(argv, server));
      assert.equal(code, 0, `${document}: ${command}\n${err}`);
      assert.ok(isAnswer(words, out), `${document}: ${command} says nothing`);
    }
  });

  it('CL22 on a terminal an answer is text no wider than it, which names resources and shows no id', async () => {
    for (const { words } of commands.filter(({ document }) => document === 'docs/reference/operations.md')) {
      const argv = served(words.slice(1), server);
      // What they print is the thing itself.
      if (argv[0] === 'export' || argv[0] === 'object') continue;
      const { code, out, err } = await run(argv, { terminal: true });
      const command = argv.join(' ');
      assert.equal(code, 0, `${command}\n${err}`);
      assert.ok(out.trim() !== '', command);
      assert.doesNotMatch(out, /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}|^\s{0,16}["{}[\]]/m, command);
      assert.doesNotMatch(out, /undefined|\[object|shop-demo\/[~=]/, command);
      for (const line of out.split('\n')) assert.ok(line.length <= WIDTH, `${command}: ${line}`);
    }
  });

  it('CL23 a pipe gets JSON, and -o chooses any form anywhere', async () => {
    const argv = ['counts', '--namespaces', 'shop', '--server', server];
    const piped = await run(argv);
    assert.equal(typeof JSON.parse(piped.out).resources, 'number');
    for (const terminal of [true, false]) {
      assert.equal((await run([...argv, '-o', 'json'], { terminal })).out, piped.out);
      assert.equal((await run([...argv, '--json'], { terminal })).out, piped.out);
      assert.match((await run([...argv, '-o', 'yaml'], { terminal })).out, /^resources: \d+$/m);
      assert.match((await run([...argv, '-o', 'text'], { terminal })).out, /^NAMESPACE +COUNT$/m);
    }
    assert.equal((await run([...argv, '-o', 'xml'])).code, 2);
  });

  it('DOC3 every example request answers', async () => {
    for (const { document, words } of requests) {
      const url = words.find((word) => word.startsWith(SERVED)) ?? '';
      const body = words[words.indexOf('-d') + 1];
      const post =
        words.includes('-d') && body !== undefined
          ? { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded' } }
          : {};
      const response = await fetch(url.replace(SERVED, server), post);
      const text = await response.text();
      assert.equal(response.status, 200, `${document}: ${url}\n${text}`);
      assert.ok(isAnswer(words, text), `${document}: ${url} says nothing`);
    }
  });
});

it('DOC4 the example lines of a recording are one, of every type', async () => {
  const lines = codeIn('docs/reference/recording.md', 'jsonl');
  assert.deepEqual([...new Set(lines.map((line) => JSON.parse(line).type))].sort(), [
    'apply',
    'delete',
    'observe',
    'occur',
    'recording',
    'reset',
  ]);
  const path = join(mkdtempSync(join(tmpdir(), 'kube-kg-doc-')), 'example.jsonl');
  writeFileSync(path, `${lines.join('\n')}\n`);
  const { code, out } = await run(['doctor', path, '--json']);
  rmSync(dirname(path), { recursive: true });
  assert.equal(code, 0, out);
  assert.deepEqual([...new Set(JSON.parse(out).map(({ status }: { status: string }) => status))], ['ok'], out);
});

it('DOC5 the example messages of the feed are such, of every type', () => {
  const types = codeIn('docs/reference/feed.md', 'json').map((line) => feedMessageSchema.parse(JSON.parse(line)).type);
  assert.deepEqual(types, ['snapshot', 'diff', 'gone', 'at']);
});
