/** `kube-kg doctor`: looks at Node.js, the configuration and the clusters, or at a recording, and says what to do. */
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { Problem, problemFrom } from '../../model/problem.ts';
import { sizeOf, sizeText } from '../../operations/shared/size.ts';
import { printable } from '../../program/config.ts';
import type { Snapshot } from '../../program/open.ts';
import { readRelations } from '../../program/relations-file.ts';
import { diagnoseClusters, type Finding } from '../../sources/kubernetes/doctor.ts';
import { diagnoseKubeview } from '../../sources/kubeview/doctor.ts';
import { snapshotOf } from './input.ts';
import { exitCodes, type Io, pageOf, print } from './io.ts';
import { configFrom, type SharedOptions, withConfig, withRecording } from './options.ts';

export function doctorCommand(program: Command, io: Io, done: (code: number) => void): void {
  withConfig(withRecording(program.command('doctor').argument('[file]', 'recording to check instead')))
    .description('check kubeconfig, permissions and configuration, or the integrity of a recording; say what to do')
    .option('--json', 'findings as JSON')
    .option('--verbose', 'name all kinds, and not only the first of many')
    .addHelpText(
      'after',
      '\nExits with 1 when a fault was found, with 2 when it is in a recording and --strict is given.\n\nExamples:\n  kube-kg doctor\n  kube-kg doctor --context prod\n  kube-kg doctor demo/shop.jsonl.gz',
    )
    .action(async (file: string | undefined, options: SharedOptions & { json?: boolean; verbose?: boolean }) => {
      const findings = file === undefined ? await examineSetup(options, io) : await examineRecording(file, options, io);
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
    const { kubeview, kubernetes } = config;
    const { url } = kubeview;
    const { environment, stop } = io;
    if (url !== undefined) findings.push(...(await diagnoseKubeview({ ...kubeview, url, environment }, stop)));
    if (url === undefined || kubernetes.contexts.length > 0)
      findings.push(...(await diagnoseClusters(kubernetes, environment, stop)));
  } catch (error) {
    findings.push(faultFrom('configuration', error));
  }
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
