/** `kube-kg doctor`: looks at Node.js, the configuration and the clusters, or at a recording or a history, and says what to do. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { Problem, problemFrom } from '../../model/problem.ts';
import { sizeOf, sizeText } from '../../operations/shared/size.ts';
import { printable } from '../../program/config.ts';
import { diagnoseHistory } from '../../program/history-doctor.ts';
import { isHistory } from '../../program/is-history.ts';
import { diagnoseNeo4j } from '../../program/neo4j-doctor.ts';
import type { Snapshot } from '../../program/open.ts';
import { readRelations } from '../../program/relations-file.ts';
import { retentionOf } from '../../program/retention.ts';
import { diagnoseClusters, type Finding } from '../../sources/kubernetes/doctor.ts';
import { diagnoseKubeview } from '../../sources/kubeview/doctor.ts';
import { snapshotOf } from './input.ts';
import { exitCodes, type Io, pageOf, print } from './io.ts';
import {
  configFrom,
  configWithHistory,
  type SharedOptions,
  withConfig,
  withHistory,
  withRecording,
} from './options.ts';
import { progressOn } from './progress.ts';

export function doctorCommand(program: Command, io: Io, done: (code: number) => void): void {
  withHistory(
    withConfig(
      withRecording(program.command('doctor').argument('[file]', 'recording or history to check instead'), 'recording'),
    ),
    'check this history instead, a file or the URL of a database',
  )
    .description(
      'check kubeconfig, permissions and configuration, or the integrity of a recording or a history; say what to do',
    )
    .summary('check what is set up, a recording or a history; say what to do')
    .option('--json', 'findings as JSON')
    .option('--verbose', 'name all kinds, and not only the first of many; of a history, read every version')
    .addHelpText(
      'after',
      '\nExits with 1 when a fault was found, with 2 when it is in a recording and --strict is given.\n\nExamples:\n  kube-kg doctor\n  kube-kg doctor --context prod\n  kube-kg doctor demo/shop.jsonl.gz\n  kube-kg doctor --history history.db --verbose',
    )
    .action(async (file: string | undefined, options: SharedOptions & { json?: boolean; verbose?: boolean }) => {
      const history = options.history || (file !== undefined && isHistory(file) ? file : undefined);
      const findings =
        typeof history === 'string'
          ? await examineHistory(history, options.verbose ? 'every' : 'some', options, io)
          : file === undefined
            ? await examineSetup(options, io)
            : await examineRecording(file, options, io);
      await print(io.stdout, options.json ? [`${JSON.stringify(findings, null, 2)}\n`] : report(findings, io, options));
      const faulty = findings.some(({ status }) => status === 'fault');
      done(!faulty ? exitCodes.done : file !== undefined && options.strict ? exitCodes.usage : exitCodes.no);
    });
}

async function examineSetup(options: SharedOptions, io: Io): Promise<readonly Finding[]> {
  const findings: Finding[] = [{ status: 'ok', subject: 'Node.js', message: process.versions.node }];
  try {
    const config = configFrom(options, io);
    findings.push({
      status: 'ok',
      subject: 'configuration',
      message: `effective:\n${stringify(printable(config)).trimEnd()}`,
    });
    if (config.graph.relations !== undefined) findings.push(relationsFinding(config.graph.relations));
    findings.push(...(await standingHistory(options, io)));
    const { kubeview, kubernetes, neo4j } = config;
    const { url } = kubeview;
    const { uri } = neo4j;
    if (uri !== undefined) findings.push(await diagnoseNeo4j({ ...neo4j, uri }));
    const { environment, stop } = io;
    if (url !== undefined) findings.push(...(await diagnoseKubeview({ ...kubeview, url, environment }, stop)));
    if (url === undefined || kubernetes.contexts.length > 0)
      findings.push(...(await diagnoseClusters(kubernetes, environment, stop)));
  } catch (error) {
    findings.push(faultFrom('configuration', error));
  }
  return findings;
}

/** Of the history that `serve` keeps; nothing where there is none yet. */
async function standingHistory(options: SharedOptions, io: Io): Promise<readonly Finding[]> {
  const { url = '', enabled } = configWithHistory(options, io).history;
  const isThere = enabled && (url.includes('://') || existsSync(url));
  return isThere ? examineHistory(url, 'none', options, io) : [];
}

async function examineHistory(
  url: string,
  versions: 'none' | 'some' | 'every',
  options: SharedOptions,
  io: Io,
): Promise<readonly Finding[]> {
  const progress = progressOn(io);
  const findings = await diagnoseHistory(url, {
    retention: retentionOf(configFrom(options, io)),
    versions,
    now: io.now(),
    progress: (count) => progress.show(`${count} versions are read`),
  });
  progress.end();
  return findings;
}

function relationsFinding(path: string): Finding {
  const subject = 'user-defined relations';
  try {
    const count = [...readRelations(path).values()].reduce((sum, relations) => sum + relations.length, 0);
    return { status: 'ok', subject, message: `${count} in ${path}` };
  } catch (error) {
    return faultFrom(subject, error);
  }
}

function faultFrom(subject: string, error: unknown): Finding {
  const { message, details } = problemFrom(error);
  return {
    status: 'fault',
    subject,
    message: [message, ...details].join('\n'),
    remedy: 'Correct what is listed and run doctor again.',
  };
}

async function examineRecording(file: string, options: SharedOptions, io: Io): Promise<readonly Finding[]> {
  try {
    return recordingFindings(file, await snapshotOf(file, options, io));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return [faultFrom(file, error)];
  }
}

function recordingFindings(file: string, { report, pipeline }: Snapshot): readonly Finding[] {
  if (report === undefined) return [];
  const { header, lines, changes, firstAt, lastAt, stepsBack, bad, badLines, ignoredTypes, unknownFields, notes } =
    report;
  const { view, rejections } = pipeline;
  const span = firstAt === undefined ? '' : `, ${firstAt} to ${lastAt}`;
  const head =
    header === undefined
      ? 'no header'
      : `cluster ${header.cluster ?? 'unnamed'}, made by ${header.producer ?? 'an unknown program'}`;
  const findings: Finding[] = [
    { status: 'ok', subject: file, message: `${lines} lines, ${changes} changes${span}; ${head}` },
    {
      status: 'ok',
      subject: 'graph',
      message: `${sizeText(sizeOf(view.resources()))}; ${view.edgeCount} edges, ${[...view.dangling()].length} broken references`,
    },
  ];
  if (badLines > 0) {
    const shown = bad.map(({ line, reason }) => `line ${line}: ${reason}`).join('\n');
    findings.push({
      status: 'fault',
      subject: 'bad lines',
      message: `${badLines}\n${shown}`,
      remedy: 'The rest was used. Record again, or correct the lines.',
    });
  }
  if (stepsBack > 0)
    findings.push({
      status: 'warning',
      subject: 'time',
      message: `${stepsBack} lines step back in time; they are used in the order of the file`,
    });
  for (const message of notes) findings.push({ status: 'warning', subject: 'recording', message });
  for (const [what, counts] of [
    ['unknown types', ignoredTypes],
    ['unknown fields', unknownFields],
  ] as const) {
    if (counts.size > 0)
      findings.push({
        status: 'warning',
        subject: what,
        message: [...counts].map(([name, count]) => `${name}: ${count}`).join(', '),
      });
  }
  if (rejections.count > 0) {
    const reasons = [...rejections.byReason].map(([reason, count]) => `${count} × ${reason}`).join('\n');
    findings.push({
      status: 'fault',
      subject: 'objects that could not be taken',
      message: `${rejections.count}\n${reasons}`,
    });
  }
  return findings;
}

/** Names that are told without being asked for all. */
const NAMES_SHOWN = 10;

/** `: Pod, Node, … and 49 more` */
function listed(names: readonly string[], verbose: boolean): string {
  if (names.length === 0) return '';
  const shown = verbose ? names : names.slice(0, NAMES_SHOWN);
  const more = names.length - shown.length;
  return `: ${shown.join(', ')}${more > 0 ? ` … and ${more} more; --verbose names all` : ''}`;
}

function* report(
  findings: readonly Finding[],
  io: Io,
  { verbose = false }: { readonly verbose?: boolean },
): Iterable<string> {
  const { paint } = pageOf(io, 'stdout');
  const marks = {
    ok: paint('ok     ', 'green'),
    warning: paint('warning', 'yellow'),
    fault: paint('FAULT  ', 'red'),
  } as const;
  const inset = (text: string): string => text.replaceAll('\n', '\n           ');
  for (const { status, subject, message, names = [], remedy } of findings) {
    yield `${marks[status]}  ${paint(subject, 'bold')}: ${inset(message)}${listed(names, verbose)}\n`;
    if (remedy !== undefined) yield `           → ${inset(remedy)}\n`;
  }
}
