/** What daemons of a node say of its network: kube-proxy, network plugins, in their logs or through a collector of the node. */
import type { Resource } from '../../model/resource.ts';
import { type Case, milliseconds } from '../case.ts';
import { isComplaint } from '../complaints.ts';
import { type Evidence, titleOf, weights } from '../hypothesis.ts';
import { shortened } from './said.ts';

const DAEMONS =
  /^(?:kube-proxy|calico-node|cilium|kindnet|flannel|weave-net|aws-node|antrea-agent|kube-router|ovnkube)/;
const NETWORK = /kube-?proxy|iptables|ipvs|nftables|ipset|conntrack|cni|calico|cilium|flannel|vxlan|route|network/i;
const BEFORE_MS = 15 * 60_000;

/** A complaint of one of them near a time, or that one of them does not run. */
export function complaintsAt(known: Case, node: Resource, since: number): Evidence | undefined {
  const daemons = known.sources(node.id, 'RUNS_ON').filter(({ name, kind }) => kind === 'Pod' && DAEMONS.test(name));
  const unwell = daemons.find(({ health }) => health.status === 'critical');
  if (unwell)
    return { kind: 'state', text: `${titleOf(unwell)} does not run there`, resource: unwell, weight: weights.state };
  for (const speaker of [node, ...daemons]) {
    const told = known
      .told(speaker.id)
      .findLast(
        (one) =>
          isComplaint(one) &&
          milliseconds(one.at) >= since - BEFORE_MS &&
          NETWORK.test(`${one.occurrence.reason ?? ''} ${one.occurrence.message ?? ''}`),
      );
    if (told)
      return {
        kind: 'log',
        at: milliseconds(told.at),
        text: shortened(told.occurrence.message ?? told.occurrence.reason ?? ''),
        resource: speaker,
        weight: weights.state,
      };
  }
  return undefined;
}
