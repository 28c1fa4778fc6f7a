/**
 * Enforces NetworkPolicies on the lab's node, for the network plugin there does not: who is selected gets only what is allowed. As much of the
 * specification as the lab's policies use: pod selectors by label, namespaces by name, ports; what the node itself sends is never stopped.
 */
import type { KubeObject } from '../../src/model/change.ts';
import type { Place } from './place.ts';

type Labels = Readonly<Record<string, string>>;

interface Peer {
  readonly podSelector?: { readonly matchLabels?: Labels };
  readonly namespaceSelector?: { readonly matchLabels?: Labels };
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { readonly port?: number; readonly protocol?: string }[];
}

interface Spec {
  readonly podSelector: { readonly matchLabels?: Labels };
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

interface Pod {
  readonly namespace: string;
  readonly labels: Labels;
  readonly address: string;
}

const DIRECTIONS = ['Ingress', 'Egress'] as const;

function chainOf(direction: string): string {
  return `LAB-${direction.toUpperCase()}`;
}

/** Keeps the node's rules as the policies are, until `stop`. */
export async function enforcePolicies(
  { shell }: Place,
  objects: () => readonly KubeObject[],
  stop: AbortSignal,
): Promise<void> {
  for (const chain of DIRECTIONS.map(chainOf))
    await shell(`iptables -N ${chain} || :; iptables -C FORWARD -j ${chain} || iptables -I FORWARD -j ${chain}`);
  let before = '';
  while (!stop.aborted) {
    const rules = rulesOf(objects()).join('\n');
    if (rules !== before) {
      await shell(
        `iptables-restore --noflush <<'EOF'\n*filter\n${DIRECTIONS.map((each) => `:${chainOf(each)} - [0:0]\n`).join('')}${rules}\nCOMMIT\nEOF`,
      );
      before = rules;
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

function rulesOf(objects: readonly KubeObject[]): readonly string[] {
  const pods = objects.flatMap(podOf);
  const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy');
  if (policies.length === 0) return [];
  const rules: string[] = [];
  for (const direction of DIRECTIONS) {
    const add = `-A ${chainOf(direction)}`;
    rules.push(`${add} -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN`);
    for (const pod of pods) {
      const applied = policies.filter(({ metadata, spec }) => {
        const { podSelector, policyTypes } = spec as Spec;
        return (
          metadata.namespace === pod.namespace &&
          policyTypes.includes(direction) &&
          matches(podSelector.matchLabels, pod.labels)
        );
      });
      if (applied.length === 0) continue;
      const [own, other] = direction === 'Ingress' ? ['-d', '-s'] : ['-s', '-d'];
      for (const { spec } of applied) {
        const { ingress = [], egress = [] } = spec as Spec;
        for (const rule of direction === 'Ingress' ? ingress : egress)
          for (const peer of peersOf(rule.from ?? rule.to, pod.namespace, pods))
            for (const port of portsOf(rule))
              rules.push(`${add} ${own} ${pod.address}${peer && ` ${other} ${peer}`}${port} -j RETURN`);
      }
      rules.push(`${add} ${own} ${pod.address} -j DROP`);
    }
  }
  return rules;
}

function podOf({ kind, metadata, status }: KubeObject): readonly Pod[] {
  const address = (status as { podIP?: string } | undefined)?.podIP;
  if (kind !== 'Pod' || address === undefined || !address.startsWith('10.244.')) return [];
  return [{ namespace: metadata.namespace ?? '', labels: metadata.labels ?? {}, address }];
}

function peersOf(peers: readonly Peer[] | undefined, namespace: string, pods: readonly Pod[]): readonly string[] {
  if (peers === undefined) return [''];
  return peers.flatMap(({ podSelector, namespaceSelector }) => {
    const wanted =
      namespaceSelector?.matchLabels?.['kubernetes.io/metadata.name'] ?? (namespaceSelector ? undefined : namespace);
    return pods
      .filter(
        (pod) => (wanted === undefined || pod.namespace === wanted) && matches(podSelector?.matchLabels, pod.labels),
      )
      .map(({ address }) => address);
  });
}

function portsOf({ ports }: Rule): readonly string[] {
  return (
    ports?.map(
      ({ port, protocol = 'TCP' }) => ` -p ${protocol.toLowerCase()}${port === undefined ? '' : ` --dport ${port}`}`,
    ) ?? ['']
  );
}

function matches(wanted: Labels = {}, labels: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}
