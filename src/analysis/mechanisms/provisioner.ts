/**
 * Who should make a volume for a claim does not, or says why it cannot. Sources: pv_controller.go (ExternalProvisioning), external-provisioner
 * pkg/controller ("failed to provision volume with StorageClass …").
 */
import { kindKey } from '../../model/groups.ts';
import type { Resource } from '../../model/resource.ts';
import { type Case, type Notice, text, treeAt } from '../case.ts';
import { type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import { about, type Waiting } from './claims.ts';
import { fieldChange, state } from './fields.ts';
import { changeBefore, changeEvidence, kubectlName } from './mechanism.ts';

export function* provisionerFaults(waiting: Waiting, notice: Notice): Iterable<Hypothesis> {
  const { known, claim } = waiting;
  const [kind] = known.targets(claim.id, 'PROVISIONED_BY').filter((one) => one.kind === 'StorageClass');
  const name =
    /provisioner '([^']+)'/.exec(notice.message)?.[1] ?? text(kind && known.object(kind.id)?.['provisioner']);
  if (notice.reason === 'ExternalProvisioning') yield* nobodyMakesIt(waiting, kind, name);
  else yield* cannotBeMade(waiting, kind, notice.message);
}

/** Nobody answers for the provisioner: it is down, gone, or never was. */
function* nobodyMakesIt(waiting: Waiting, kind: Resource | undefined, name: string): Iterable<Hypothesis> {
  const { known, claim, since } = waiting;
  const makers = name === '' ? [] : provisionersOf(known, claim, name);
  for (const maker of makers) {
    const object = known.object(maker.id);
    const isZero = treeAt(object, 'spec')?.['replicas'] === 0;
    if (!isZero && maker.health.status === 'healthy') continue;
    const change = fieldChange(known, maker, since, isZero ? /^spec\.replicas$/ : /^spec\./);
    yield {
      ...about(
        waiting,
        maker,
        isZero ? 'ScaledToZero' : 'ProvisionerDown',
        `${titleOf(maker)}, which makes volumes for ${titleOf(claim)}, ${isZero ? 'is scaled to zero' : 'is not well'}`,
        [
          state(isZero ? 'spec.replicas is 0' : (maker.health.reason ?? 'not well'), weights.state, maker),
          ...(change ? [changeEvidence(change, since)] : []),
        ],
      ),
      ...(!isZero && { because: maker }),
    };
  }
  const gone = known.estate.deletions.findLast(
    ({ resource, object }) => WORKLOAD.test(kindKey(resource)) && mentions(object, name),
  );
  if (gone)
    yield about(
      waiting,
      gone.resource,
      'ProvisionerDeleted',
      `${titleOf(gone.resource)}, which made volumes of the class of ${titleOf(claim)}, was deleted`,
      [
        changeEvidence(
          { at: Date.parse(gone.at), verb: 'deleted', resource: gone.resource, fields: [], known: 'seen' },
          since,
        ),
        state(`it is the provisioner ${name}`, weights.state, gone.resource),
      ],
    );
  if (kind === undefined || gone || makers.some((maker) => maker.health.status === 'healthy')) return;
  const change = changeBefore(known, kind, since);
  const driver = known.named(claim, 'storage.k8s.io', 'CSIDriver', name);
  yield about(
    waiting,
    kind,
    'ProvisionerAbsent',
    `${titleOf(kind)} leaves volumes to the provisioner ${name}, of which nothing is to be seen`,
    [
      state(
        `nothing in the cluster is the provisioner ${name}`,
        makers.length === 0 && !driver ? weights.state : 0,
        kind,
      ),
      ...boundOthers(known, claim, kind),
      ...(change ? [changeEvidence(change, since)] : []),
    ],
    {
      summary: 'Install the provisioner, or use a class whose provisioner runs.',
      commands: [`kubectl get storageclass ${kind.name} -o yaml`],
    },
  );
}

const WORKLOAD = /^apps\/(?:Deployment|StatefulSet|DaemonSet)$/;

/** Workloads that speak of a provisioner by its name. */
function provisionersOf(known: Case, { cluster }: Resource, name: string): readonly Resource[] {
  return ['Deployment', 'StatefulSet', 'DaemonSet'].flatMap((kind) =>
    [...known.view.resources({ cluster, group: 'apps', kind })].filter(({ id }) => mentions(known.object(id), name)),
  );
}

function mentions(object: unknown, name: string): boolean {
  const template = treeAt(treeAt(object, 'spec'), 'template');
  if (name === '' || template === undefined) return false;
  // `rancher.io/local-path` is made by `local-path-provisioner`, `ebs.csi.aws.com` by `ebs-csi-controller`.
  const short = name.includes('/') ? name.slice(name.lastIndexOf('/') + 1) : name.split('.').slice(0, 2).join('-');
  return (
    JSON.stringify(template).includes(`${name}`) ||
    new RegExp(`${short.replaceAll(/\W/g, '\\$&')}-(?:provisioner|controller)`).test(JSON.stringify(template))
  );
}

/** That others got theirs of the class speaks for it. */
function boundOthers(known: Case, claim: Resource, kind: Resource): readonly ReturnType<typeof state>[] {
  const bound = known
    .sources(kind.id, 'PROVISIONED_BY')
    .filter(
      (one) =>
        one.kind === 'PersistentVolumeClaim' &&
        one.id !== claim.id &&
        treeAt(known.object(one.id), 'status')?.['phase'] === 'Bound',
    );
  return bound
    .slice(0, 1)
    .map((one) => state(`${titleOf(one)} got a volume of the same class`, weights.othersWell / 2, one));
}

/** What of a refusal speaks of what the claim asks for, and not of the class. */
const OF_CLAIM =
  /access ?mode|ReadWriteMany|ReadOnlyMany|claim\.spec\.selector|selector is not supported|data ?source|volume ?mode|block|exceeds|too (?:large|small)|size/i;

/** It says why: what the claim asks for cannot be had, or the class is wrong. */
function* cannotBeMade(waiting: Waiting, kind: Resource | undefined, message: string): Iterable<Hypothesis> {
  const { known, claim, since } = waiting;
  const isOfClaim = OF_CLAIM.test(message);
  yield about(waiting, claim, 'VolumeCannotBeProvisioned', `No volume can be made for ${titleOf(claim)}: ${message}`, [
    state('the provisioner refuses what it asks for', isOfClaim ? weights.state : -weights.usual, claim),
  ]);
  if (kind === undefined) return;
  const change = changeBefore(known, kind, since);
  yield about(
    waiting,
    kind,
    'ProvisioningFails',
    `No volume of ${titleOf(kind)} can be made: ${message}`,
    [
      state('its provisioner fails', isOfClaim ? -weights.usual : weights.usual, kind),
      ...(isOfClaim ? [] : boundOthers(known, claim, kind)),
      ...(change ? [changeEvidence(change, since)] : []),
    ],
    {
      summary: 'Mend the parameters of the class, or what its provisioner needs.',
      commands: [`kubectl get ${kubectlName(kind)} -o yaml`],
    },
  );
}
