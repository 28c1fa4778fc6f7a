/**
 * Remediation: acts when a person asks for it, within what the configuration allows, at a bounded rate, and with a record of everything that was asked. Nothing in
 * this program asks by itself. Invariants: one action at a time; what is not tried by the API server first is not done; a record is written before anything
 * is done, and again with what became of it.
 */
import { randomUUID } from 'node:crypto';
import { createSemaphore } from '../lib/semaphore.ts';
import type { Severity } from '../model/change.ts';
import { kindKey } from '../model/groups.ts';
import { Problem, problemFrom } from '../model/problem.ts';
import {
  type Asked,
  actions,
  REMEDIATION,
  type Remediated,
  type RemediationDesk,
  type Result,
} from '../model/remediation.ts';
import { type Resource, resourceTitle } from '../model/resource.ts';
import type { Config } from './config.ts';
import type { Input } from './inputs.ts';
import type { Pipeline } from './pipeline.ts';

export interface RemediationOptions {
  readonly pipeline: Pick<Pipeline, 'view' | 'submit'>;
  readonly inputs: readonly Pick<Input, 'cluster' | 'act'>[];
  /** Takes secrets out of what an API server says. */
  readonly redact: (text: string) => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const HOUR_MS = 3_600_000;
const MESSAGE_MAX = 500;

/** Undefined where it is not enabled. Throws `invalid-config` where whoever reaches the port could ask. */
export function remediationOf(
  { remediation, server }: Config,
  options: RemediationOptions,
): RemediationDesk | undefined {
  if (!remediation.enabled) return undefined;
  if (server.token === undefined)
    throw new Problem(
      'invalid-config',
      'remediation.enabled: needs server.token, so that not everybody who reaches the port can act',
    );
  return new Remediations(remediation, options);
}

class Remediations implements RemediationDesk {
  readonly #settings: Config['remediation'];
  readonly #options: RemediationOptions;
  readonly #turn = createSemaphore(1);

  constructor(settings: Config['remediation'], options: RemediationOptions) {
    this.#settings = settings;
    this.#options = options;
  }

  async remediate(asked: Asked): Promise<Remediated> {
    const done = await this.#turn.acquire();
    try {
      return await this.#remediate(asked, randomUUID().slice(0, 8));
    } finally {
      done();
    }
  }

  async #remediate(asked: Asked, id: string): Promise<Remediated> {
    const against = this.#forbids(asked);
    if (against !== undefined) return this.#record(asked, id, 'refused', against);
    const act = this.#options.inputs.find(({ cluster, act }) => act && cluster === asked.target.cluster)?.act;
    if (act === undefined)
      return this.#record(asked, id, 'refused', `nobody can act on cluster ${asked.target.cluster} here`);
    // Were this process to end in between, it is known that somebody was about to.
    if (asked.forReal) await this.#record(asked, id, 'failed', 'begun, and not known to have ended');
    try {
      const acted = await act(asked.target, asked, asked.forReal);
      if (acted.type === 'ok') return await this.#record(asked, id, asked.forReal ? 'done' : 'tried', acted.text);
      const isKnown =
        acted.tried || acted.type === 'forbidden' || acted.type === 'refused' || acted.type === 'not-found';
      return await this.#record(asked, id, isKnown ? 'refused' : 'failed', `the API server: ${acted.message}`);
    } catch (error) {
      return this.#record(asked, id, 'failed', problemFrom(error).message);
    }
  }

  /** Why it may not be done; undefined when it may. */
  #forbids({ name, target, forReal }: Asked): string | undefined {
    const { actions: allowed, kinds, namespaces, perHour, targetSeconds } = this.#settings;
    const key = kindKey(target);
    if (!(actions[name] as readonly string[]).includes(key))
      return `${name} is for ${actions[name].map((one) => one.slice(one.indexOf('/') + 1)).join(', ')}, not for ${target.kind}`;
    if (!allowed.includes(name)) return `${name} is not among remediation.actions`;
    if (!kinds.some((kind) => kind === target.kind || kind === key.replace(/^\//, '')))
      return `${target.kind} is not among remediation.kinds`;
    if (target.namespace !== '' && !namespaces.some((pattern) => fits(pattern, target.namespace)))
      return `namespace ${target.namespace} is not among remediation.namespaces`;
    if (!forReal) return undefined;
    const before = this.#doneSince(this.#options.now() - HOUR_MS);
    if (before.length >= perHour)
      return `${before.length} actions were carried out within an hour, no more may be (remediation.perHour)`;
    const last = Math.max(0, ...before.filter(({ about }) => about === resourceTitle(target)).map(({ at }) => at));
    const waits = last + targetSeconds * 1_000 - this.#options.now();
    return waits > 0
      ? `it was acted on shortly before; wait ${Math.ceil(waits / 1_000)} s (remediation.targetSeconds)`
      : undefined;
  }

  /** What was carried out, or may have been, as its records in the graph tell, also those of before a restart. */
  #doneSince(since: number): readonly { readonly at: number; readonly about: string }[] {
    const { view } = this.#options.pipeline;
    return [...view.resources({ group: '', kind: 'Occurrence' })].flatMap(({ summary, labels, createdAt = '' }) => {
      const at = Date.parse(createdAt);
      const counts = labels['result'] === 'done' || labels['result'] === 'failed';
      return summary['source'] === REMEDIATION && at >= since && counts && labels['forReal'] === 'true'
        ? [{ at, about: labels['target'] ?? '' }]
        : [];
    });
  }

  async #record(asked: Asked, id: string, result: Result, message: string): Promise<Remediated> {
    const at = new Date(this.#options.now()).toISOString();
    const text = this.#options.redact(message).slice(0, MESSAGE_MAX);
    const { name, target, by, why, forReal, replicas, revision } = asked;
    const { kind, namespace, uid, cluster } = target;
    await this.#options.pipeline.submit([
      {
        type: 'occur',
        at,
        cluster,
        occurrence: {
          id,
          source: REMEDIATION,
          subject: {
            kind,
            name: target.name,
            apiVersion: apiVersionOf(target),
            ...(namespace !== '' && { namespace }),
            ...(uid !== '' && { uid }),
          },
          severity: SEVERITY,
          reason: `Remediation${result.slice(0, 1).toUpperCase()}${result.slice(1)}`,
          message: `${name} ${resourceTitle(target)} asked for by ${by}: ${result}`,
          attributes: {
            action: name,
            target: resourceTitle(target),
            by,
            why,
            result,
            detail: text,
            forReal: String(forReal),
            ...(replicas !== undefined && { replicas }),
            ...(revision !== undefined && { revision }),
          },
        },
      },
    ]);
    return { id, at, result, message: text };
  }
}

/** It is somebody's deed, and no complaint, whatever became of it. */
const SEVERITY: Severity = 'info';

function apiVersionOf({ group }: Pick<Resource, 'group'>): string {
  return group === '' ? 'v1' : `${group}/v1`;
}

function fits(pattern: string, namespace: string): boolean {
  return new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(namespace);
}
