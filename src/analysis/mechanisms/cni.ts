/** Who gives pods their network: the DaemonSets of network plugins and what they are configured with, and why they do not. */
import { kindKey } from '../../model/groups.ts';
import type { Resource } from '../../model/resource.ts';
import { type Case, milliseconds } from '../case.ts';
import { type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { isReady } from '../services.ts';
import type { Symptom } from '../symptoms.ts';
import { fieldChange, state } from './fields.ts';
import { changeBefore, changeEvidence, downTo, inNamespace, kubectlName, SLACK_MS, saysSo } from './mechanism.ts';

/** Names that network plugins go by. */
const PLUGINS =
  /flannel|calico-node|canal|cilium(?!-operator|-envoy)|weave-net|antrea-agent|kube-router|kindnet|aws-node|azure-cni|ovnkube-node|kube-ovn-cni|multus|kube-multus|amazon-vpc-cni/i;
/** What they keep their settings in besides ConfigMaps: pools of addresses, peers. */
const SETTINGS =
  /^(?:IPPool|BGPPeer|BGPConfiguration|FelixConfiguration|IPAMConfig|CiliumNode|CiliumPodIPPool|ClusterInformation|Installation|NetworkAttachmentDefinition|ENIConfig)$/;

/** DaemonSets of network plugins. */
export function networkProviders(known: Case, { cluster }: Pick<Resource, 'cluster'>): readonly Resource[] {
  return [...known.view.resources({ cluster, group: 'apps', kind: 'DaemonSet' })].filter(({ name }) =>
    PLUGINS.test(name),
  );
}

/** Why there is no network on a node: the plugin is gone, does not run there, or was told otherwise. */
export function* providerFaults(known: Case, symptom: Symptom, node: Resource | undefined): Iterable<Hypothesis> {
  const { since, resource } = symptom;
  const onward = symptom.resource.kind === 'Pod' ? downTo(symptom) : [titleOf(symptom.resource)];
  const gone = known.estate.deletions.findLast(
    ({ at, resource: one }) =>
      one.cluster === resource.cluster &&
      ((kindKey(one) === 'apps/DaemonSet' && PLUGINS.test(one.name)) || SETTINGS.test(one.kind)) &&
      milliseconds(at) <= since + SLACK_MS,
  );
  if (gone)
    yield {
      subject: gone.resource,
      reason: 'NetworkPluginDeleted',
      summary: `${titleOf(gone.resource)}, which gives pods their network, was deleted.`,
      evidence: [
        saysSo(symptom, weights.state),
        {
          kind: 'change',
          at: milliseconds(gone.at),
          text: `${titleOf(gone.resource)} was deleted`,
          resource: gone.resource,
          weight: weights.changed + weights.usual,
        },
      ],
      path: [titleOf(gone.resource), ...onward],
      remedy: { summary: 'Install it again.', commands: [`kubectl get daemonsets -A`] },
    };
  for (const provider of networkProviders(known, resource)) {
    const here = known
      .pods(provider)
      .find((pod) => node !== undefined && known.targets(pod.id, 'RUNS_ON').some(({ id }) => id === node.id));
    const isWell =
      here === undefined ? node === undefined && provider.health.status === 'healthy' : isReady(known, here);
    const change = fieldChange(known, provider, since, /^spec\.template\.spec/, 'spec', 'template', 'spec');
    if (!isWell)
      yield {
        subject: provider,
        reason: 'NetworkPluginDown',
        summary: `${titleOf(provider)}, which gives pods their network, ${here ? 'is not ready' : 'does not run'}${node ? ` on ${titleOf(node)}` : ''}.`,
        evidence: [
          saysSo(symptom, weights.state),
          state(here ? `${titleOf(here)} is not ready` : 'it has no pod there', weights.state, provider),
          ...(change ? [changeEvidence(change, since)] : []),
        ],
        path: [titleOf(provider), ...onward],
        remedy: {
          summary: 'See why the plugin does not run there.',
          commands: [`kubectl get pods${inNamespace(provider)} -o wide`],
        },
        because: provider,
      };
    yield* settingsOf(known, symptom, provider, onward);
  }
  for (const pool of settings(known, resource)) {
    const change = changeBefore(known, pool, since);
    if (change) yield changedSetting(symptom, pool, change, onward);
  }
}

function* settingsOf(
  known: Case,
  symptom: Symptom,
  provider: Resource,
  onward: readonly string[],
): Iterable<Hypothesis> {
  for (const type of ['MOUNTS', 'READS'])
    for (const map of known.targets(provider.id, type)) {
      const change = fieldChange(known, map, symptom.since, /^(?:data|binaryData)\b/, 'data');
      if (map.kind === 'ConfigMap' && change) yield changedSetting(symptom, map, change, onward);
    }
}

function* settings(known: Case, { cluster }: Resource): Iterable<Resource> {
  const kinds = new Map(
    [...known.view.kinds()].filter(({ kind }) => SETTINGS.test(kind)).map((one) => [kindKey(one), one]),
  );
  for (const one of kinds.values()) yield* known.view.resources({ cluster, ...one });
}

function changedSetting(
  symptom: Symptom,
  setting: Resource,
  change: Parameters<typeof changeEvidence>[0],
  onward: readonly string[],
): Hypothesis {
  return {
    subject: setting,
    reason: 'NetworkPluginMisconfigured',
    summary: `${titleOf(setting)}, by which the network of pods is set up, was changed.`,
    evidence: [saysSo(symptom, weights.state), changeEvidence(change, symptom.since)],
    path: [titleOf(setting), ...onward],
    remedy: { summary: 'Take back what was changed.', commands: [`kubectl get ${kubectlName(setting)} -o yaml`] },
  };
}
