/** Who tells a caller the address that it calls, and what is wrong with that address: nobody bears the name, or nobody listens at the port. */
import { editDistance } from '../../lib/nearest.ts';
import type { Resource } from '../../model/resource.ts';
import type { Calling } from '../calls.ts';
import { type Case, listAt, treeAt } from '../case.ts';
import { containersOf, type ObjectChange } from '../changes.ts';
import { type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { portsOf, servicesIn } from '../services.ts';
import type { Symptom } from '../symptoms.ts';
import { changeBefore, changeEvidence, downTo, kubectlName } from './mechanism.ts';

/** Where an address stands. */
export interface Source {
  readonly holder: Resource;
  /** Name of the variable, or key. */
  readonly field: string;
  readonly change: ObjectChange | undefined;
}

/** Who tells the caller a host, or a port of it: its own environment and arguments, or a ConfigMap; the one that was changed, where one was. */
export function addressSource(known: Case, symptom: Symptom, { host, port }: Named): Source | undefined {
  const found = [...sourcesOf(known, symptom, (value) => value.includes(host))];
  const byPort =
    port === undefined || found.some(({ change }) => change)
      ? []
      : [...sourcesOf(known, symptom, (value) => value === String(port))];
  const all = [...found, ...byPort];
  return all.find(({ change }) => change !== undefined) ?? all[0];
}

interface Named {
  readonly host: string;
  readonly port?: number | undefined;
}

type Names = (value: string) => boolean;

function* sourcesOf(known: Case, symptom: Symptom, isNamed: Names): Iterable<Source> {
  const { whole, resource, since } = symptom;
  const names = (value: unknown): boolean => typeof value === 'string' && isNamed(value.toLowerCase());
  const template = known.object(whole.id) ?? known.object(resource.id);
  for (const container of containersOf(template)) {
    // Of a variable that is given twice the last counts.
    const variable = listAt(container, 'env').findLast(({ value }) => names(value));
    const args = [container['args'], container['command']].flat().some(names);
    if (variable === undefined && !args) continue;
    const field = variable === undefined ? 'args' : String(variable['name']);
    const change = changeBefore(known, whole, since, ({ verb, fields }) => verb === 'changed' && fields.some(brings));
    yield { holder: whole, field, change };
  }
  const asks = new Set([resource, whole, ...known.pods(whole).slice(0, 1)]);
  const maps = new Set([...asks].flatMap(({ id }) => HOLDERS.flatMap((type) => known.targets(id, type))));
  for (const map of maps) {
    const data = treeAt(known.object(map.id), 'data') ?? {};
    const key = Object.keys(data).find((one) => names(data[one]));
    if (key === undefined) continue;
    yield { holder: map, field: key, change: changeBefore(known, map, since, ({ verb }) => verb === 'changed') };
  }

  function brings({ path, after }: { readonly path: string; readonly after?: unknown }): boolean {
    return /\.(?:env|args|command)\b/.test(path) && isNamed(JSON.stringify(after ?? '').toLowerCase());
  }
}

const HOLDERS = ['READS', 'MOUNTS'];

/** A hypothesis that the address is wrong; `weight` says how sure it is that nobody answers there. */
export function wrongAddress(
  symptom: Symptom,
  evidence: readonly Evidence[],
  { host }: Calling,
  { holder, field, change }: Source,
  weight: number,
): Hypothesis {
  return {
    subject: holder,
    reason: 'WrongAddress',
    summary: `${titleOf(holder)} gives ${field} the address ${host}, where nobody answers.`,
    evidence: [
      ...evidence,
      { kind: 'state', text: `${field} names ${host}`, resource: holder, weight },
      ...(change ? [changeEvidence(change, symptom.since)] : []),
    ],
    path: pathFrom(symptom, holder),
    remedy: { summary: `Mend ${field}.`, commands: [`kubectl edit ${kubectlName(holder)}`] },
  };
}

/** A port that the Service called does not have. */
export function wrongPort(
  known: Case,
  symptom: Symptom,
  evidence: readonly Evidence[],
  { host, port }: Extract<Calling, { type: 'connection' }>,
  service: Resource,
): Hypothesis | undefined {
  const ports = portsOf(known, service).map((one) => one.port);
  if (port === undefined || port >= EPHEMERAL || ports.length === 0 || ports.includes(port)) return undefined;
  // A name that was looked up is told by its address.
  const source =
    addressSource(known, symptom, { host, port }) ?? addressSource(known, symptom, { host: service.name, port });
  const holder = source?.holder ?? symptom.whole;
  return {
    subject: holder,
    reason: 'WrongPort',
    summary: `${titleOf(symptom.whole)} calls port ${port} of ${titleOf(service)}, which has none such.`,
    evidence: [
      ...evidence,
      {
        kind: 'state',
        text: `ports of ${titleOf(service)}: ${ports.join(', ')}`,
        resource: service,
        weight: weights.usual,
      },
      ...(source?.change ? [changeEvidence(source.change, symptom.since)] : []),
    ],
    path: pathFrom(symptom, holder),
    remedy: { summary: 'Call a port that the Service has.', commands: [`kubectl get ${kubectlName(service)}`] },
  };
}

/** Ports of clients, which no Service has (Linux). */
const EPHEMERAL = 32_768;

function pathFrom(symptom: Symptom, holder: Resource): readonly string[] {
  return holder.id === symptom.whole.id ? downTo(symptom) : [titleOf(holder), 'READS', ...downTo(symptom)];
}

/** The Service whose name was probably meant: it differs in a letter or two. */
export function meant(
  known: Case,
  { cluster, namespace, name }: Pick<Resource, 'cluster' | 'namespace' | 'name'>,
): Resource | undefined {
  for (const service of servicesIn(known, { cluster, namespace })) {
    const distance = editDistance(service.name, name);
    if (distance > 0 && distance <= Math.min(2, Math.floor(name.length / 3))) return service;
    if (service.name.startsWith(`${name}-`) || name.startsWith(`${service.name}-`)) return service;
  }
  return undefined;
}
