/** The command line through its own door: options, exit codes, what is said where. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { type Ran, runIn } from '../../../test/support/command.ts';
import { json, list, scriptedServer } from '../../../test/support/scripted-api-server.ts';
import { commandLine } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'kube-kg-cli-'));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const pod = (name: string): string =>
  JSON.stringify({
    type: 'apply',
    at: '2026-01-01T00:00:00Z',
    object: { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'shop', name, uid: name }, spec: {} },
  });
const recording = file('good.jsonl', `${['a', 'b', 'c'].map(pod).join('\n')}\n`);
const damaged = file('damaged.jsonl', `${pod('a')}\nnot json\n`);

const run = (argv: readonly string[], environment: Record<string, string> = {}, terminal = false): Promise<Ran> =>
  runIn(
    {
      environment,
      terminal: { stdout: terminal },
      stdin: Readable.from([`${pod('from-stdin')}\n`].map((line) => Buffer.from(line))),
    },
    argv,
  );

function kubeconfig(clusters: Readonly<Record<string, string>>): string {
  const names = Object.keys(clusters);
  return file(
    `kubeconfig-${names.join('-')}`,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': names[0],
      contexts: names.map((name) => ({ name, context: { cluster: name, user: 'u' } })),
      clusters: names.map((name) => ({ name, cluster: { server: clusters[name] } })),
      users: [{ name: 'u', user: {} }],
    }),
  );
}

test('CL5 an option takes one value and may be repeated: what follows it is not swallowed', async () => {
  const both = await run(['graph', '--context', 'x', recording, '--json']);
  assert.match(both.err, /FILE and --context contradict each other/, 'the file is one');
  const query = ['query', '--param', 'a="x"', '--param', 'n=2', '--file', recording];
  assert.deepEqual(JSON.parse((await run([...query, 'RETURN $a, $n'])).out).rows, [['x', 2]]);
  const kinds = await run(['resources', '--kinds', 'Pod', '--kinds', 'Namespace,Node', '--file', recording]);
  assert.deepEqual(JSON.parse(kinds.out).total, 3);
  const io = { stdout: process.stdout, stderr: process.stderr, width: 80 } as never;
  for (const command of commandLine(io, () => undefined).commands)
    for (const { flags, variadic } of command.options) assert.equal(variadic, false, `${command.name()} ${flags}`);
});

test('CL6 one cluster that does not answer costs only itself: the others are shown, and the exit code says so', async () => {
  await using server = await scriptedServer(({ path, query }, response) => {
    if (path === '/version') return json(response, { gitVersion: 'v1.30.0', major: '1', minor: '30' });
    const resources = [
      { resource: 'pods', responseKind: { kind: 'Pod' }, scope: 'Namespaced', verbs: ['list', 'watch'] },
    ];
    const items = [{ metadata: { name: '' }, versions: [{ version: 'v1', resources }] }];
    if (path === '/api' || path === '/apis')
      return json(response, { kind: 'APIGroupDiscoveryList', items: path === '/api' ? items : [] });
    if (path === '/api/v1/pods' && query.get('watch') === null)
      return json(
        response,
        list([{ metadata: { name: 'a', namespace: 'shop', uid: 'a', resourceVersion: '1' } }], '1'),
      );
    return json(response, { status: { allowed: true } }, 404);
  });
  const two = kubeconfig({ up: server.url, down: 'http://127.0.0.1:1' });
  const options = ['--kubeconfig', two, '--context', 'down', '--context', 'up'];
  const { code, out, err } = await run(['graph', '--json', ...options]);
  assert.equal(code, 3);
  assert.match(err, /^error: kubernetes\/down: .*ECONNREFUSED/m);
  assert.ok(JSON.parse(out).resources.some(({ id }: { id: string }) => id === 'up/a'));
  const asked = await run(['resources', '--kinds', 'Pod', ...options]);
  assert.deepEqual([asked.code, JSON.parse(asked.out).total], [3, 1]);
  const none = kubeconfig({ down: 'http://127.0.0.1:1', gone: 'http://127.0.0.1:1' });
  const nothing = await run(['graph', '--json', '--kubeconfig', none, '--context', 'down', '--context', 'gone']);
  assert.deepEqual([nothing.code, nothing.out], [3, '']);
  assert.match(nothing.err, /None of the 2 sources.*kubernetes\/down.*kubernetes\/gone/s);
});

for (const [signal, exitCode, argv] of [
  ['SIGINT', 130, ['graph', '-']],
  ['SIGINT', 130, ['counts', '--file', '-']],
  [
    'SIGTERM',
    130,
    ['query', 'UNWIND range(1, 100000000) AS x UNWIND range(1, 1000) AS y RETURN count(*)', '--file', recording],
  ],
  ['SIGINT', 130, ['serve', '-', '--port', '0']],
  ['SIGTERM', 0, ['serve', '-', '--port', '0']],
  ['SIGHUP', 0, ['serve', '-', '--port', '0']],
] as const) {
  test(`CL7 ${signal} ends ${argv[0]} ${argv.at(-1)} at once with ${exitCode} and without a stack trace`, {
    timeout: 60_000,
  }, async () => {
    const main = resolve(import.meta.dirname, '../../main.ts');
    const ready = `process.on('newListener', (event) => event === 'SIGTERM' && process.stderr.write('ready'))`;
    const preload = `data:text/javascript,${encodeURIComponent(ready)}`;
    const child = spawn(process.execPath, ['--import', preload, main, ...argv]);
    let said = '';
    const listening = new Promise<void>((done) => {
      child.stderr.on('data', (part) => {
        said += part;
        if (said.includes('ready')) done();
      });
    });
    await listening;
    // More than a pipe holds: once it has drained, somebody reads.
    if (argv.includes('-' as never) && !child.stdin.write(' '.repeat(1 << 20))) await once(child.stdin, 'drain');
    child.stdin.on('error', () => undefined);
    const ended = once(child, 'exit');
    const began = performance.now();
    child.kill(signal);
    const [code] = await ended;
    assert.equal(code, exitCode, said);
    assert.ok(performance.now() - began < 3_000);
    assert.doesNotMatch(said, /^\s+at /m);
  });
}

test('CL8 --strict makes a bad line of a recording exit code 2, wherever a recording is taken', async () => {
  for (const argv of [
    ['graph', damaged],
    ['counts', '--file', damaged],
    ['serve', damaged, '--port', '0'],
    ['doctor', damaged],
  ]) {
    const { code, out, err } = await run([...argv, '--strict']);
    assert.equal(code, 2, argv.join(' '));
    assert.match(argv[0] === 'doctor' ? out : err, /line 2: not valid JSON/);
  }
  assert.equal((await run(['graph', damaged])).code, 0);
  assert.equal((await run(['counts', '--file', damaged])).code, 0);
  assert.equal((await run(['graph', recording, '--strict'])).code, 0);
});

test('CL9 what is left out is counted, with how to get it', async () => {
  const first = await run(['resources', '--kinds', 'Pod', '--limit', '2', '--file', recording]);
  const [, left, cursor = ''] = /… (\d+) more: repeat with --cursor (\S+),/.exec(first.err) ?? [];
  assert.equal(left, '1');
  const second = await run(['resources', '--kinds', 'Pod', '--limit', '2', '--cursor', cursor, '--file', recording]);
  assert.equal(JSON.parse(second.out).items.length, 1);
  assert.equal(second.err, '');
  const rows = await run(['query', 'MATCH (p:Pod) RETURN p.name', '--limit', '2', '--file', recording]);
  assert.match(rows.err, /more than these 2 rows: raise --limit/);
});

const mistakes: readonly (readonly [argv: readonly string[], code: number, says: RegExp])[] = [
  [['resource', 'Pood/shop/a', '--file', recording], 1, /no kind is called "Pood"; did you mean Pod/],
  [
    ['resource', 'Pod/shop/aa', '--file', recording],
    1,
    /no resource is called "Pod\/shop\/aa"; did you mean Pod\/shop\/a/,
  ],
  [['resource', 'Pod/shpo/a', '--file', recording], 1, /did you mean Pod\/shop\/a/],
  [['resource', 'aa', '--file', recording], 1, /write Kind\/name or Kind\/namespace\/name; did you mean Pod\/shop\/a/],
  [['resources', '--kinds', 'Pood', '--file', recording], 2, /did you mean Pod/],
  [['resources', '--limit', '-1', '--file', recording], 2, /limit: must be at least 1/],
  [['resources', '--limit', 'all', '--file', recording], 2, /limit: must be a number, "all" is none/],
  [['resources', '--cursor', 'x', '--file', recording], 2, /not a cursor of this list/],
  [['resources', '--labels', 'a in (', '--file', recording], 2, /labels: .*write for example/],
  [['paths', '--from', 'Pod/shop/a', '--file', recording], 2, /to: is required/],
  [['dangling', '--types', 'MONTS', '--file', recording], 2, /did you mean MOUNTS\?/],
  [['cluster-topology', 'defualt', '--file', recording], 1, /did you mean default\?/],
  [['resource-topology', 'default', 'pods', 'shop', 'bb', '--file', recording], 1, /did you mean Pod\/shop\/b/],
  [['graph', join(folder, 'none.jsonl')], 2, /none\.jsonl cannot be read: .*no such file.*Give a recording/],
  [['graph', mkdtempSync(join(folder, 'empty-'))], 2, /holds no recording; recordings are called/],
  [['graph', file('binary.jsonl', Buffer.from([0, 159, 10, 146, 150, 10]))], 2, /is no recording: none of its 2 lines/],
  [['graph', file('binary.jsonl.gz', Buffer.from([1, 2, 3, 4]))], 2, /is no recording/],
  [['graph', recording, '--at', 'yesterday'], 2, /--at: "yesterday" is no instant; .*2026-11-20T10:00:00Z/],
  [['serve', '--at', '15m'], 2, /--at: only a recording .*"kube-kg graph --at 15m"/],
  [['rejections', '--at', '15m'], 2, /unknown option '--at'/],
  [['serve', join(folder, 'none.jsonl')], 2, /^error: .*none\.jsonl cannot be read: .*no such file.*\n$/],
  [
    ['graph', file('b1.db', 'SQLite format 3\0')],
    2,
    /b1\.db is a history, no recording; ask it with --history .*b1\.db/,
  ],
  [['serve', join(folder, 'b1.db')], 2, /^error: .*b1\.db is a history, no recording.*\n$/],
  [
    ['graph', '--at', '2026-01-01T00:00:00Z', '--history', 'none.db'],
    3,
    /There is no history at none\.db: "kube-kg serve" keeps one/,
  ],
  [['graph', '--kubeconfig', join(folder, 'none')], 2, /does not exist. Give one with --kubeconfig/],
  [['graph', '--kubeconfig', file('bad-kubeconfig', 'a: b: c\n')], 2, /bad-kubeconfig: Nested mappings/],
  [
    ['graph', '--kubeconfig', kubeconfig({ a: 'http://127.0.0.1:1' }), '--context', 'prod'],
    2,
    /no context "prod". It has: a/,
  ],
  [['graph', '--config', join(folder, 'none.yaml')], 2, /none\.yaml: no such file/],
  [['graph', '--config', file('typo.yaml', 'servr: {}\n')], 2, /servr: no such section; did you mean server\?/],
  [['graph', '--relations', file('relations.yaml', 'relations: 3\n')], 2, /relations\.yaml:1: relations/],
  [['serve', recording, '--port', 'http'], 2, /--port http: give a whole number from 0 to 65535/],
  [['serve', recording, '--host', '0.0.0.0'], 2, /set a token .*or say --insecure/],
  [['query', 'MATCH (p:Pod RETURN p', '--file', recording], 2, /Expected \) \(line 1, column 14\)/],
  [['query', 'MATCH (p) WHERE p.name = $n RETURN p', '--file', recording], 2, /Missing parameter: \$n/],
  [['query', 'RETURN 1', '--param', 'n', '--file', recording], 2, /--param n: write it as name=value/],
  [['query'], 2, /missing required argument 'query'/],
  [['counts', '--server', 'localhost:8080'], 2, /--server localhost:8080 is not an address; write it as http:\/\//],
  [['counts', '--server', 'http://127.0.0.1:1'], 3, /No kube-kg answers at http:\/\/127\.0\.0\.1:1\. Start one/],
  [['grph'], 2, /unknown command 'grph'\n\(Did you mean graph\?\)/],
  [['graph', '--jsn'], 2, /unknown option '--jsn'\n\(Did you mean --json\?\)/],
];

test('CL10 a mistake is told in a line or two, with what to do, on standard error alone, and with its exit code', async () => {
  for (const [argv, code, says] of mistakes) {
    const ran = await run(argv);
    const shown = `${argv.join(' ')}\n${ran.err}`;
    assert.match(ran.err, says, shown);
    assert.equal(ran.code, code, shown);
    assert.equal(ran.out, '', shown);
    assert.ok(ran.err.split('\n').length <= 5, shown);
    assert.doesNotMatch(ran.err, /^\s+at /m, shown);
  }
});

test('CL32 of two places to ask none is dropped in silence: the command is refused, with what to leave out', async () => {
  const url = 'http://127.0.0.1:1';
  const refused: readonly (readonly [argv: readonly string[], says: RegExp])[] = [
    [['counts', '--file', recording, '--server', url], /leave out --server for the recording, or --file for a running/],
    [['counts', '--file', recording, '--history', 'h.db'], /--history and --file .*leave out --file for the history/],
    [['counts', '--server', url, '--history', 'h.db'], /--history and --server/],
    [['counts', '--at', '15m', '--context', 'prod'], /--at and --context .*leave out --context for what was/],
    [['counts', '--history', 'h.db', '--context', 'prod'], /--history and --context/],
    [['counts', '--file', recording, '--kubeconfig', 'k'], /--file and --kubeconfig/],
    [['counts', '--server', url, '--context', 'prod'], /--server and --context/],
    [['graph', recording, '--history', 'h.db'], /--history and FILE .*leave out FILE for the history/],
    [['doctor', recording, '--history', 'h.db'], /--history and FILE/],
    [['mcp', '--server', url, '--file', recording], /--file and --server/],
    [['mcp', '--server', url, '--at', '15m'], /--server and --at/],
    [
      ['serve', '--history', 'h.db', '--no-history'],
      /--history and --no-history .*leave out --no-history for a history/,
    ],
    [['serve', recording, '--context', 'prod'], /FILE and --context/],
  ];
  for (const [argv, says] of refused) {
    const ran = await run(argv);
    assert.match(ran.err, says, argv.join(' '));
    assert.deepEqual([ran.code, ran.out], [2, ''], argv.join(' '));
  }
  const together = ['--kubeconfig', join(folder, 'none'), '--context', 'a', '--context', 'b'];
  assert.match((await run(['counts', ...together])).err, /does not exist/, 'what belongs together is taken');
});

/** Pods that came one a minute. */
const timedLines = ['00:00', '01:00', '02:00']
  .map((minute, number) => `${pod(`p${number}`).replace('00:00:00Z', `00:${minute}Z`)}\n`)
  .join('');
const timed = file('timed.jsonl', timedLines);

interface GraphDocument {
  readonly resources: readonly { readonly kind: string }[];
}

test('HI135 a recording is served into a history once; the history that is named is asked, as it was last where no instant is', async () => {
  const history = join(folder, 'served.db');
  const stop = new AbortController();
  let url = '';
  const serving = runIn(
    {
      stop: stop.signal,
      heard: (err) => {
        url ||= /at (http:\S+)/.exec(err)?.[1] ?? '';
      },
    },
    ['serve', timed, '--port', '0', '--history', history],
  );
  const known = async (): Promise<number> =>
    ((await (await fetch(`${url}/api/v1/resources?kinds=Pod`)).json()) as { total: number }).total;
  while (url === '' || (await known()) !== 3) await new Promise((done) => setImmediate(done));
  stop.abort(new DOMException('SIGTERM', 'AbortError'));
  assert.equal((await serving).code, 0);
  const pods = async (...more: string[]): Promise<unknown> =>
    JSON.parse((await run(['resources', '--kinds', 'Pod', '--history', history, ...more])).out).total;
  assert.deepEqual([await pods(), await pods('--at', '2026-01-01T00:01:30Z')], [3, 2]);
  const graph = JSON.parse((await run(['graph', '--json', '--history', history])).out) as GraphDocument;
  assert.equal(graph.resources.filter(({ kind }) => kind === 'Pod').length, 3);
  const again = await run(['serve', timed, '--port', '0', '--history', history]);
  assert.deepEqual(
    [again.code, /served\.db holds a history already.*: ask it with --history /.test(again.err)],
    [2, true],
  );
  const text = await run(['history', '--history', history, '-o', 'text']);
  assert.match(text.out, /^from: .*\nto: +2026-01-01.*\nholds: +3 versions of \d+ resources, \d+ edges\ntakes: /);
});

test('CL33 a recording is asked for an instant, in UTC where nothing is said, or for so long before its end, also from a pipe', async () => {
  const podsAt = async (at: string): Promise<readonly number[]> => {
    const asked = ['resources', '--kinds', 'Pod', '--at', at, '--file'];
    const graph = JSON.parse((await run(['graph', timed, '--json', '--at', at])).out) as GraphDocument;
    const stdin = Readable.from([Buffer.from(timedLines)]);
    return [
      JSON.parse((await run([...asked, timed])).out).total,
      JSON.parse((await runIn({ stdin }, [...asked, '-'])).out).total,
      graph.resources.filter(({ kind }) => kind === 'Pod').length,
    ];
  };
  for (const [at, count] of [
    ['2026-01-01T01:01:00+01:00', 2],
    ['2026-01-01T00:00:59.9Z', 1],
    ['2026-01-01', 1],
    ['2026-01-01T00:01', 2],
    ['2026-01-01T00:01:30', 2],
    ['0s', 3],
    ['1m', 2],
    ['61s ago', 1],
  ] as const)
    assert.deepEqual(await podsAt(at), [count, count, count], at);
  const long = await run(['resources', '--at', '1h', '--file', timed]);
  assert.match(long.err, /nothing was observed until the instant asked for; the recording begins at 2026-01-01T/);
});

test('CL34 help lists every command in a line', async () => {
  const { out } = await run(['--help']);
  const { commands } = commandLine({ width: 100 } as never, () => undefined);
  const lines = out.split('\n').filter((line) => line.startsWith('  '));
  for (const command of commands)
    assert.ok(
      lines.some((line) => line.startsWith(`  ${command.name()} `)),
      command.name(),
    );
  assert.ok(lines.length <= commands.length + 3, out);
  for (const line of lines) assert.ok(line.length <= 100 && line.length > 25, line);
});

test('CL11 a port that is taken, and a server that is none of ours', async () => {
  await using server = await scriptedServer((_, response) => response.end('<html>'));
  const { port } = new URL(server.url);
  const taken = await run(['serve', recording, '--port', port]);
  assert.deepEqual([taken.code, /the port is taken; choose another with --port/.test(taken.err)], [2, true]);
  const other = await run(['counts', '--server', server.url]);
  assert.deepEqual([other.code, /is no kube-kg/.test(other.err)], [3, true]);
});

test('CL12 what was not found says so on a terminal and to a program alike, and an empty recording is no healthy estate', async () => {
  const empty = await run(['graph', file('empty.jsonl', '')], {}, true);
  assert.deepEqual([empty.code, /Nothing is known here/.test(empty.out), /healthy/.test(empty.out)], [0, true, false]);
  assert.match(empty.err, /the recording is empty; make one with "kube-kg record"/);
  const unknown = await run(['resources', '--namespaces', 'shpo', '--file', recording]);
  assert.deepEqual([unknown.code, JSON.parse(unknown.out).total], [0, 0]);
  assert.match(unknown.err, /^note: .*namespace "shpo"; did you mean shop\?/);
  const links = { KG_PORT: 'tcp://10.0.0.1:80', KG_SERVICE_HOST: '10.0.0.1' };
  const noted = await run(['graph', recording], links);
  assert.deepEqual([noted.code, /^note: KG_PORT, KG_SERVICE_HOST: set by Kubernetes/.test(noted.err)], [0, true]);
});

test('CL28 a fault of a recording is told once', async () => {
  const rejected = file(
    'rejected.jsonl',
    `${pod('a')}\nnot json\n${JSON.stringify({ type: 'apply', at: '2026-01-01T00:00:01Z', object: { kind: 'Pod' } })}\n`,
  );
  const told = await processed('counts', '--file', rejected);
  assert.deepEqual(told, [0, 'warning: line 2: not valid JSON\nwarning: 1 object(s): no apiVersion\n']);
  const broken = file('broken.jsonl.gz', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 255, 255]));
  const [code, said] = await processed('serve', broken, '--port', '0');
  assert.equal(code, 2);
  assert.equal(said.match(/cannot be read/g)?.length, 1, said);
});

/** What a process of its own says on standard error, its log included. */
async function processed(...argv: readonly string[]): Promise<readonly [code: number, said: string]> {
  const main = resolve(import.meta.dirname, '../../main.ts');
  const child = spawn(process.execPath, [main, ...argv], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (part) => {
    said += part;
  });
  const [code] = await once(child, 'close');
  return [code, said];
}

test('CL29 every option says what it means, with its choices and its default; what turns something off says what is left out', () => {
  const io = { stdout: process.stdout, stderr: process.stderr, width: 80 } as never;
  for (const command of commandLine(io, () => undefined).commands) {
    for (const { flags, description } of command.options) {
      const shown = `${command.name()} ${flags}: ${description}`;
      assert.ok(description.length > 5, shown);
      assert.doesNotMatch(flags, /_/, shown);
      if (flags.startsWith('--no-')) assert.match(description, /leave out/, shown);
      assert.doesNotMatch(flags, /<value>/, shown);
    }
  }
  const topology = commandLine(io, () => undefined).commands.find((command) => command.name() === 'topology');
  const described = (flag: string): string => topology?.options.find(({ long }) => long === flag)?.description ?? '';
  assert.match(described('--depth'), /default: 2/);
  assert.match(described('--direction'), /both, out, in/);
  assert.match(described('--health'), /healthy, warning, critical, unknown/);
});
