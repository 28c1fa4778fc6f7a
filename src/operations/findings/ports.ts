/** Checks of the ports that Services lead to against those that the containers of their pods declare. */
import type { Resource } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { type Check, ofKind, type Report, targets } from './check.ts';

export const portChecks: readonly Check[] = [
  {
    id: 'service-port-without-container',
    title: 'A Service port leads to a port that no container has',
    severity: 'error',
    todo: 'Correct targetPort in the Service, or name the port so in the container; the protocol must be the same too.',
    *run(view) {
      for (const service of ofKind(view, '', 'Service')) {
        const pods = targets(view, service, 'SELECTS').filter(({ health }) => health.reason !== 'Completed');
        const declared = pods.map(({ summary }) => portsIn(summary['ports']));
        if (pods.length === 0) continue;
        for (const port of servicePorts(view, service)) yield* lost(service, port, pods, declared);
      }
    },
  },
];

/** `name:number/protocol`; a Service's port is written `port:target/protocol`. */
interface Port {
  readonly name: string;
  readonly number: string;
  readonly protocol: string;
}

function portsIn(text: unknown): readonly Port[] {
  const entries = String(text ?? '').matchAll(/(?:([^:,]+):)?([^:/,]+)\/(\w+)/g);
  return [...entries].map(([, name = '', number = '', protocol = '']) => ({ name, number, protocol }));
}

/** Where the ports of a Service lead, as each of its SELECTS edges says. */
function servicePorts(view: View, { id }: Resource): readonly Port[] {
  for (const { detail } of view.out(id, 'SELECTS')) return portsIn(detail.attributes?.['targetPorts']);
  return [];
}

/**
 * A named port must be declared, or there is no endpoint for it. A number need not be, for a container may listen where it does not say so:
 * that is worth a look only where every pod declares other ports.
 */
function* lost(
  resource: Resource,
  { name: port, number: target, protocol }: Port,
  pods: readonly Resource[],
  declared: readonly (readonly Port[])[],
): Iterable<Report> {
  const isNumber = /^\d+$/.test(target);
  const ofProtocol = declared.map((ports) => ports.filter((each) => each.protocol === protocol));
  if (ofProtocol.some((ports) => ports.some(({ name, number }) => (isNumber ? number : name) === target))) return;
  if (isNumber && ofProtocol.some((ports) => ports.length === 0)) return;
  const count = `none of its ${pods.length} pods`;
  const related = pods.slice(0, 10);
  if (!isNumber)
    yield {
      resource,
      message: `port ${port} leads to the ${protocol} port named ${target}, which ${count} has`,
      related,
    };
  else
    yield {
      resource,
      message: `port ${port} leads to ${protocol} port ${target}, which ${count} declares`,
      related,
      severity: 'info',
      todo: 'See where the container listens: to declare a port is optional, so all may be as it should.',
    };
}
