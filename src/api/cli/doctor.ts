/** `kube-kg doctor`: looks at Node.js, the configuration and the clusters, or at a recording, and says what to do. */
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { printable } from '../../config.ts';
import { Problem, problemFrom } from '../../model/problem.ts';
import { readRelations } from '../../relations-file.ts';
import { diagnoseClusters, type Finding } from '../../sources/kubernetes/doctor.ts';
import { configFrom, type Input, type InputOptions, openInput } from './input.ts';
import { exitCodes, type Io, painter, print } from './io.ts';

export function doctorCommand(program: Command, io: Io, done: (code: number) => void): void {
  program
    .command('doctor')
    .description('check kubeconfig, permissions and configuration, or the integrity of a recording; say what to do')
    .argument('[file]', 'recording to check instead')
    .option('--kubeconfig <file>', 'kubeconfig to check')
    .option('--context <name...>', 'kubeconfig context(s)')
    .option('--config <file>', 'configuration file')
    .option('--json', 'findings as JSON')
    .addHelpText(
      'after',
      '\nExits with 1 when a fault was found.\n\nExamples:\n  kube-kg doctor\n  kube-kg doctor --context prod\n  kube-kg doctor incident.jsonl.gz',
    )
    .action(async (file: string | undefined, options: InputOptions & { json?: boolean }) => {
      const findings = file === undefined ? await examineSetup(options, io) : await examineRecording(file, options, io);
      await print(io.stdout, options.json ? [`${JSON.stringify(findings, null, 2)}\n`] : report(findings, io));
      done(findings.some(({ status }) => status === 'fault') ? exitCodes.no : exitCodes.done);
    });
}

async function examineSetup(options: InputOptions, io: Io): Promise<readonly Finding[]> {
  const findings: Finding[] = [{ status: 'ok', subject: 'Node.js', message: process.versions.node }];
  try {
    const config = configFrom(options, io);
    findings.push({
      status: 'ok',
      subject: 'configuration',
      message: `effective:\n${stringify(printable(config)).trimEnd()}`,
    });
    if (config.graph.relations !== undefined) findings.push(relationsFinding(config.graph.relations));
    findings.push(...(await diagnoseClusters(config.kubernetes, io.stop)));
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

async function examineRecording(file: string, options: InputOptions, io: Io): Promise<readonly Finding[]> {
  try {
    return recordingFindings(file, await openInput(file, options, io));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return [faultFrom(file, error)];
  }
}

function recordingFindings(file: string, { report, pipeline }: Input): readonly Finding[] {
  if (report === undefined) return [];
  const { header, lines, changes, firstAt, lastAt, stepsBack, bad, badLines, ignoredTypes, unknownFields } = report;
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
      message: `${view.resourceCount} resources, ${view.edgeCount} edges, ${[...view.dangling()].length} broken references`,
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

function* report(findings: readonly Finding[], io: Io): Iterable<string> {
  const paint = painter(io.terminal.stdout);
  const marks = {
    ok: paint('ok     ', 'green'),
    warning: paint('warning', 'yellow'),
    fault: paint('FAULT  ', 'red'),
  } as const;
  for (const { status, subject, message, remedy } of findings) {
    yield `${marks[status]}  ${paint(subject, 'bold')}: ${message.replaceAll('\n', '\n           ')}\n`;
    if (remedy !== undefined) yield `           → ${remedy}\n`;
  }
}
