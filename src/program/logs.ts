/** What of containers' logs is read, as the configuration says. */

import { setTimeout as delay } from 'node:timers/promises';
import { bytesIn } from '../lib/quantity.ts';
import type { Occurrence } from '../model/change.ts';
import type { Describer } from '../model/describe.ts';
import { occurrenceOf } from '../model/occurrences.ts';
import type { ResourceId } from '../model/resource.ts';
import type { View } from '../model/view.ts';
import type { LogDesk } from '../operations/operation.ts';
import type { LogOptions } from '../sources/kubernetes/logs/log-follower.ts';
import type { Redaction } from '../sources/redact.ts';
import type { Config } from './config.ts';
import type { Input } from './inputs.ts';

/** Of what reading needs nothing is known but by the configuration. */
export interface LogSurroundings {
  readonly describer: Pick<Describer, 'object'>;
  readonly redaction: Pick<Redaction, 'text'>;
  /** Told what somebody should do something about. */
  readonly warn: (message: string) => unknown;
}

const FOLLOWED_MS = 60_000;
/** What has been read is in the graph a moment later. */
const MOMENT_MS = 200;

/**
 * Lets inputs go on where they, or the process before, left off, as the view knows it, and reads logs on request, by whichever input follows the pod's
 * cluster; undefined where none can.
 */
export function openLogs({ logs }: Config, inputs: readonly Input[], view: View): LogDesk | undefined {
  const able = inputs.filter(({ readLogs }) => readLogs !== undefined);
  for (const { cluster = '', recallLogs } of able) recallLogs?.((uid) => knownLogs(view, [cluster, uid].join('/')));
  if (!logs.enabled || able.length === 0) return undefined;
  return {
    async read(pods) {
      await Promise.all(
        pods.map(async ({ cluster, namespace, name }) => {
          const input = able.find((one) => one.cluster === cluster);
          await input?.readLogs?.(namespace, name, FOLLOWED_MS);
        }),
      );
      await delay(MOMENT_MS);
    },
  };
}

function knownLogs(view: View, pod: ResourceId): readonly Occurrence[] {
  const told = Array.from(view.in(pod, 'ABOUT'), ({ from }) => view.get(from));
  return told
    .filter((one) => one !== undefined)
    .filter(({ pseudo, summary }) => pseudo && summary['source'] === 'log')
    .map((one) => occurrenceOf(one));
}

/** Undefined where no logs are to be read. */
export function logOptionsOf(
  { logs }: Config,
  { describer, redaction, warn }: LogSurroundings,
): LogOptions | undefined {
  if (!logs.enabled) return undefined;
  const { pods, podLines, lines, tailLines, templates, templatesMax } = logs;
  return {
    limits: {
      pods,
      podBytes: bytesIn(logs.podRate) ?? 0,
      bytes: bytesIn(logs.rate) ?? 0,
      podLines,
      lines,
      tailLines,
      calmMs: logs.calmSeconds * 1_000,
      templates,
      templatesInAll: templatesMax,
    },
    redact: redaction.text,
    healthOf(cluster, object) {
      const description = describer.object(cluster, object);
      return 'resource' in description ? description.resource.health.status : 'unknown';
    },
    warn,
    lookMs: logs.lookSeconds * 1_000,
  };
}
