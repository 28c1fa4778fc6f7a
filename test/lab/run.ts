/**
 * Records the lab's cases: `npm run -s lab -- [--only ID,ID] [--missing] [--at-once N] [--name CLUSTER] [--down]`. Needs root, and minutes for each.
 * Each case: its application is made and well, the recording begins, a little goes by, it is done, it shows, a little goes by, and the recording ends.
 * A case that does not show is told and not written. Cases run side by side, but for those that touch what everybody uses.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Change } from '../../src/model/change.ts';
import { waitFor } from '../stack/runner.ts';
import { churnOf } from './case-churn.ts';
import { cases } from './cases.ts';
import type { Case, Scene } from './fault.ts';
import { ageOf, finished, write } from './finish.ts';
import { Journal, lab, type Wanted } from './journal.ts';
import { labelled, recordingOf, writeLabels } from './labels.ts';
import { isUnwell, logsOf, occurrencesOf, severityOf } from './logs.ts';
import { closePlace, openPlace, type Place, REAL_NODE } from './place.ts';
import { enforcePolicies } from './policies.ts';
import { sceneOf } from './scene.ts';
import { scopeOf } from './scope.ts';
import { perform } from './steps.ts';
import { isWell } from './well.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    missing: { type: 'boolean', default: false },
    'at-once': { type: 'string', default: '6' },
    name: { type: 'string', default: 'lab' },
    down: { type: 'boolean', default: false },
  },
});

if (values.down) await closePlace(values.name);
else await main();

async function main(): Promise<void> {
  const chosen: Case[] = [];
  for (const one of cases) {
    if (values.only !== undefined && !values.only.split(',').includes(one.id)) continue;
    if (!values.missing || !existsSync(fileOf(one))) chosen.push(one);
  }
  const place = await openPlace(values.name);
  await using journal = await Journal.open(place.cluster);
  const done = new AbortController();
  const enforcing = enforcePolicies(
    place,
    () => journal.now(({ kind }) => kind === 'Pod' || kind === 'NetworkPolicy'),
    done.signal,
  );
  const failed: string[] = [];
  const take = async (one: Case): Promise<void> => {
    try {
      await record(place, journal, one);
    } catch (error) {
      failed.push(one.id);
      say(one, `FAILED: ${error instanceof Error ? error.message : error}`);
    }
  };
  const together = chosen.filter(({ alone }) => !alone);
  const queue = together.values();
  await Promise.all(
    Array.from({ length: Number(values['at-once']) }, async (_, index) => {
      await sleep(index * 8_000);
      for (const one of queue) await take(one);
    }),
  );
  for (const one of chosen) if (one.alone) await take(one);
  done.abort();
  await enforcing;
  const there = cases.map(labelled).filter((label) => existsSync(recordingOf(label)));
  writeLabels(there);
  process.stderr.write(`${chosen.length - failed.length} recorded; failed: ${failed.join(' ') || 'none'}\n`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}

function fileOf(one: Case): string {
  return recordingOf(labelled(one));
}

async function record(place: Place, journal: Journal, one: Case): Promise<void> {
  const { namespaces, prepare = [], before, inject, after = [] } = one;
  const [home = ''] = namespaces;
  const churn = churnOf(one);
  const wanted = scopeOf(one);
  try {
    await perform(place, home, prepare);
    await place.cluster.apply(...namespaces.map(namespaceOf(before)), ...before);
    for (const { before: more } of churn) if (more.length > 0) await place.cluster.apply(...more);
    await waitFor('the application to be well', () => isWell(journal.now(wanted)), 90_000, 500);
    await sleep(6_000);
    const recording = journal.record(wanted);
    const begun = new Date().toISOString();
    const pods = journal.now((object) => object.kind === 'Pod' && wanted(object));
    say(one, 'recording');
    const [early = [], late = []] = [
      churn.slice(0, Math.ceil(churn.length / 2)),
      churn.slice(Math.ceil(churn.length / 2)),
    ];
    await sleep(8_000);
    for (const { meanwhile } of early) await perform(place, home, meanwhile);
    await sleep(15_000);
    await perform(place, home, inject);
    const injected = Date.now();
    for (const { meanwhile } of late) await perform(place, home, meanwhile);
    await untilShown(place, journal, one, { wanted, begun, pods });
    const shown = Math.round((Date.now() - injected) / 1_000);
    await sleep((one.linger ?? 45) * 1_000);
    const logs = await logsIn(place, journal, wanted, begun);
    const changes = finished(recording(), logs, ageOf(one.id));
    if (!one.shows(sceneOf(changes))) throw new Error('what showed went away again');
    await mkdir(dirname(fileOf(one)), { recursive: true });
    const bytes = write(fileOf(one), changes);
    say(one, `showed after ${shown} s; ${changes.length} changes, ${logs.length} lines, ${bytes} bytes`);
  } finally {
    await perform(place, home, after).catch((error: unknown) => say(one, `not put right: ${error}`));
    await place.cluster.kubectl('delete', 'namespace', ...namespaces, '--wait=false').catch(() => undefined);
    await removeOwn(place, one).catch((error: unknown) => say(one, `not cleared away: ${error}`));
  }
}

/** A namespace that the case does not make itself. */
function namespaceOf(before: readonly object[]): (name: string) => object {
  return (name) =>
    before.find((each) => {
      const { kind, metadata } = each as { kind: string; metadata: { name: string } };
      return kind === 'Namespace' && metadata.name === name;
    }) ?? { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

interface Begun {
  readonly wanted: Wanted;
  readonly begun: string;
  readonly pods: Scene['before'];
}

async function untilShown(place: Place, journal: Journal, one: Case, { wanted, begun, pods }: Begun): Promise<void> {
  let asksForLogs = false;
  let logs: Scene['logs'] = new Map();
  const scene = (): Scene => ({
    objects: journal.now(wanted),
    begun,
    before: pods,
    get logs() {
      asksForLogs = true;
      return logs;
    },
  });
  const shows = async (): Promise<boolean> => {
    if (asksForLogs) {
      await sleep(3_000);
      const all = await linesIn(place, journal.now(wanted), begun);
      logs = new Map(all.map(({ pod, lines }) => [pod.metadata.name, lines.map(({ text }) => text)]));
    }
    return one.shows(scene());
  };
  await waitFor('it to show', shows, (one.patience ?? 120) * 1_000, 500);
}

type Lines = Awaited<ReturnType<typeof logsOf>>;

async function linesIn(
  place: Place,
  objects: Scene['objects'],
  since: string,
): Promise<readonly { pod: Scene['objects'][number]; lines: Lines }[]> {
  const pods = objects.filter((object) => {
    const spec = object['spec'] as { nodeName?: string } | undefined;
    return object.kind === 'Pod' && spec?.nodeName === REAL_NODE && object.metadata.namespace !== 'kube-system';
  });
  return Promise.all(pods.map(async (pod) => ({ pod, lines: await logsOf(place.cluster.login(), pod, since) })));
}

/** Logs of what is not well, or says so itself. */
async function logsIn(place: Place, journal: Journal, wanted: Wanted, since: string): Promise<readonly Change[]> {
  const all = await linesIn(place, journal.now(wanted), since);
  return all
    .filter(({ pod, lines }) => isUnwell(pod) || lines.some(({ text }) => severityOf(text) === 'error'))
    .flatMap(({ pod, lines }) => occurrencesOf(pod, lines))
    .map(lab.change);
}

/** Removes what a case made outside its namespaces. */
async function removeOwn({ cluster }: Place, { before, inject, owns = [] }: Case): Promise<void> {
  const made = [...before, ...inject.flatMap((step) => ('apply' in step ? step.apply : []))];
  const names = new Set(owns);
  for (const each of made) {
    const { kind, metadata } = each as { kind: string; metadata: { name: string; namespace?: string } };
    if (metadata.namespace === undefined && kind !== 'Namespace') names.add(`${kind}/${metadata.name}`);
  }
  if (names.size > 0) await cluster.kubectl('delete', '--ignore-not-found', '--wait=false', ...names);
}

function say({ id }: Case, text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)}  ${id}: ${text}\n`);
}
