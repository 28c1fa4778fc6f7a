/** What is told in tests of analysis: logs, alerts, traces, tests; Services and policies; and seconds put together. */
import type { KubeObject, Occurrence } from '../../src/model/change.ts';
import { at, object, type Seen } from './estate.ts';

type Subject = Occurrence['subject'];
export type Story = Readonly<Record<number, readonly Seen[]>>;

export function subjectOf({ kind, metadata: { name, namespace } }: KubeObject): Subject {
  return { kind, name, ...(namespace !== undefined && { namespace }) };
}

export function log(about: KubeObject | Subject, message: string, severity: Occurrence['severity'] = 'error'): Seen {
  return { occur: { source: 'log', subject: asSubject(about), severity, message } };
}

/** An alert that fires, with the labels of Alertmanager. */
export function alert(
  about: KubeObject | Subject,
  name: string,
  {
    status = 'firing',
    since,
    labels = {},
    message = '',
    severity = 'warning',
  }: {
    readonly status?: string;
    readonly since?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly message?: string;
    readonly severity?: Occurrence['severity'];
  } = {},
): Seen {
  return {
    occur: {
      source: 'alert',
      subject: asSubject(about),
      severity,
      reason: name,
      message,
      attributes: {
        status,
        labels: { alertname: name, ...labels },
        ...(since !== undefined && { startsAt: at(since) }),
      },
    },
  };
}

/** A call that failed. */
export function trace(
  about: KubeObject | Subject,
  peer: string,
  message = 'status=ERROR',
  severity: Occurrence['severity'] = 'error',
): Seen {
  return { occur: { source: 'trace', subject: asSubject(about), severity, message, attributes: { peer } } };
}

export function occur(source: string, about: KubeObject | Subject, rest: Omit<Occurrence, 'source' | 'subject'>): Seen {
  return { occur: { source, subject: asSubject(about), ...rest } };
}

function asSubject(about: KubeObject | Subject): Subject {
  return 'metadata' in about ? subjectOf(about as KubeObject) : about;
}

/** The same again and again, at every `step` from the first second to the last. */
export function often(from: number, to: number, step: number, what: (second: number) => readonly Seen[]): Story {
  const story: Record<number, readonly Seen[]> = {};
  for (let second = from; second <= to; second += step) story[second] = what(second);
  return story;
}

/** Stories at the same time. */
export function together(...stories: readonly Story[]): Story {
  const whole: Record<number, Seen[]> = {};
  for (const story of stories)
    for (const [second, seen] of Object.entries(story))
      whole[Number(second)] = [...(whole[Number(second)] ?? []), ...seen];
  return whole;
}

/** A Service of a name, for the pods of that name, with an address of its own. */
export function service(name: string, spec: object = {}, created = -86_400): KubeObject {
  const own = name.split('/')[1];
  const ports = [{ port: 80, targetPort: 8080, protocol: 'TCP' }];
  return object(
    'v1',
    'Service',
    name,
    { spec: { clusterIP: addressOf(name), selector: { app: own }, ports, ...spec } },
    { created },
  );
}

/** The address that a Service of a name has in these tests. */
export function addressOf(name: string): string {
  const sum = [...name].reduce((all, letter) => (all * 31 + letter.charCodeAt(0)) % 65_000, 7);
  return `10.96.${Math.floor(sum / 254)}.${1 + (sum % 254)}`;
}

export function policy(name: string, spec: object, created = -86_400): KubeObject {
  return object('networking.k8s.io/v1', 'NetworkPolicy', name, { spec }, { created });
}
