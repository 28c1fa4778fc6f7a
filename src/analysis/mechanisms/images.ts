/**
 * An image that cannot be fetched: it is not there, may not be fetched, is for other processors, or its registry does not answer. Sources: kubelet
 * pkg/kubelet/images, containerd, CRI-O and the registries' own words.
 */
import type { Resource } from '../../model/resource.ts';
import { isObserved } from '../calls.ts';
import { type Case, text } from '../case.ts';
import { containersOf } from '../changes.ts';
import { absent, type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { fieldChange, state, told } from './fields.ts';
import { changeEvidence, downTo, inNamespace, kubectlName, type Mechanism, saysSo } from './mechanism.ts';
import { relevantDifferences } from './mutation.ts';
import { ownFault, templateChange, templateEvidence } from './workload.ts';

const PULLING =
  /^(?:ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|RegistryUnavailable|ImageInspectError|SignatureValidationFailed)$/;

type Why =
  | 'ImageForOtherPlatform'
  | 'ImageNeverPulled'
  | 'InvalidImageName'
  | 'RegistryLimitsPulls'
  | 'NodeDiskFull'
  | 'ImageNotFound'
  | 'ImagePullUnauthorized'
  | 'RegistryUnreachable'
  | 'ImagePullFailed';

/** What the message says of why, the first that fits. Who is not let in is told by some registries that there is no such image. */
const WHYS: readonly (readonly [pattern: RegExp, why: Why, words: string])[] = [
  [
    /exec format|no match(?:ing)? (?:for platform|manifest)|no image found in (?:image index|manifest list)/i,
    'ImageForOtherPlatform',
    'is not built for the processor of the node',
  ],
  [/pull policy of Never/i, 'ImageNeverPulled', 'is not on the node, and may not be pulled'],
  [
    /couldn't parse|invalid reference format|InvalidImageName|invalid image name|must be lowercase/i,
    'InvalidImageName',
    'has a name that is none',
  ],
  [
    /toomanyrequests|rate limit|\b429\b/i,
    'RegistryLimitsPulls',
    'lies in a registry that allows no more pulls for now',
  ],
  [/no space left on device/i, 'NodeDiskFull', 'does not fit on the disk of the node'],
  [
    /manifest unknown|manifest for \S+ not found|name unknown|repository name not known|: not found\b|NotFound desc|\b404\b|does not exist(?! or)/i,
    'ImageNotFound',
    'does not exist in its registry',
  ],
  [
    /unauthorized|authentication required|no basic auth|access denied|denied:|forbidden|\b40[13]\b|may require|insufficient_scope/i,
    'ImagePullUnauthorized',
    'may not be pulled with the credentials that there are',
  ],
  [
    /no such host|server misbehaving|lookup |dial tcp|timeout|timed out|deadline exceeded|connection refused|connection reset|x509|tls:|\bEOF\b|unreachable|no route to host|\b50[0234]\b|server gave HTTP response/i,
    'RegistryUnreachable',
    'lies in a registry that cannot be reached',
  ],
  [/not found|does not exist/i, 'ImageNotFound', 'does not exist in its registry'],
];

export const images: Mechanism = function* (known, symptom) {
  if (!PULLING.test(symptom.reason)) return;
  const pull = known
    .notices(symptom.resource)
    .findLast(
      ({ message, isWarning }) =>
        isWarning && /failed to (?:pull|apply default image tag|inspect)|couldn't parse image/i.test(message),
    );
  const said = `${pull?.message ?? ''} ${symptom.message} ${symptom.reason === 'InvalidImageName' ? 'InvalidImageName' : ''}`;
  const image = /[Ii]mage "([^"]+)"/.exec(said)?.[1] ?? imageOf(known, symptom) ?? '';
  const [, plain = 'ImagePullFailed', words = 'cannot be pulled'] = WHYS.find(([pattern]) => pattern.test(said)) ?? [];
  // Docker Hub does not say which of the two it is; who has no credentials has not been refused them.
  const isUnclear = /does not exist or may require|may require 'docker login'/i.test(said);
  const why: Why = isUnclear && !pullsWith(known, symptom) ? 'ImageNotFound' : (plain as Why);
  const from = pull ? [told(pull.message, weights.usual, symptom.resource, pull.last)] : [];
  yield ofWorkload(known, symptom, { why, words, image, from });
  if (why === 'RegistryUnreachable' || why === 'RegistryLimitsPulls') yield* ofRegistry(known, symptom, image, from);
  if (why === 'NodeDiskFull') yield* ofNode(known, symptom, from);
  yield* pullSecrets(known, symptom, why, isUnclear);
};

/** What nobody else can be the cause of. */
const OWN: ReadonlySet<Why> = new Set([
  'ImageNotFound',
  'ImageNeverPulled',
  'InvalidImageName',
  'ImageForOtherPlatform',
]);

interface Pull {
  readonly why: Why;
  readonly words: string;
  readonly image: string;
  readonly from: readonly Evidence[];
}

function ofWorkload(known: Case, symptom: Symptom, { why, words, image, from }: Pull): Hypothesis {
  const { whole, fault } = symptom;
  const change = templateChange(known, symptom, /\.image$|ontainers(?:\[[^\]]*\])?$|imagePull/);
  const evidence: Evidence[] = [saysSo(symptom, why === 'NodeDiskFull' ? 0 : weights.named), ...from];
  if (change) evidence.push(templateEvidence(change, symptom));
  if (OWN.has(why)) evidence.push(state('its own template names the image', weights.usual, whole));
  if (relevantDifferences(known, symptom).length > 0)
    evidence.push(state('its template asks for another image', -weights.named, whole));
  if ((why === 'RegistryUnreachable' || why === 'RegistryLimitsPulls') && change === undefined)
    evidence.push(
      ...others(known, symptom, image)
        .slice(0, 1)
        .map((other) => state(`${titleOf(other)} cannot pull from there either`, weights.othersWell, other)),
    );
  return ownFault(symptom, {
    reason: why,
    summary: `${titleOf(whole)} asks for image ${image || 'of its own'}, which ${words}.`,
    evidence,
    remedy: 'Name an image that exists and may be pulled, or go back to the last revision.',
    commands: [
      ...(whole.kind === 'Deployment' ? [`kubectl rollout undo ${kubectlName(whole)}`] : []),
      `kubectl set image ${kubectlName(whole)} ${fault?.container ?? 'CONTAINER'}=IMAGE`,
    ],
  });
}

/** `docker.io` where an image names no host. */
function registryOf(image: string): string {
  const [first = ''] = image.split('/');
  return image.includes('/') && /[.:]|^localhost$/.test(first) ? first : 'docker.io';
}

/** Other workloads that cannot pull from the same registry. */
function others(known: Case, { resource, whole }: Symptom, image: string): readonly Resource[] {
  const registry = registryOf(image);
  const found = new Map<string, Resource>();
  for (const pod of known.view.resources({ cluster: resource.cluster, group: '', kind: 'Pod' })) {
    if (!/^(?:ErrImagePull|ImagePullBackOff)$/.test(pod.health.reason ?? '')) continue;
    const images = containersOf(known.object(pod.id)).map((one) => text(one['image']));
    const owner = known.whole(pod);
    if (owner.id !== whole.id && images.some((one) => registryOf(one) === registry)) found.set(owner.id, owner);
  }
  return [...found.values()];
}

/** Several cannot pull from it: the registry does not answer, whoever asks. */
function* ofRegistry(known: Case, symptom: Symptom, image: string, from: readonly Evidence[]): Iterable<Hypothesis> {
  const alike = others(known, symptom, image);
  if (alike.length === 0) return;
  const registry = registryOf(image);
  const { resource } = symptom;
  const node = nodeOf(known, resource);
  const affected = alike.flatMap((whole) => known.pods(whole)).filter(({ health }) => health.status !== 'healthy');
  const isOfNode =
    node !== undefined && affected.every((pod) => nodeOf(known, pod)?.id === node.id) && pullsElsewhere(known, node);
  const subject = isOfNode
    ? node
    : absent(resource, { group: '', kind: 'ExternalHost', namespace: '', name: registry.replace(/:\d+$/, '') });
  yield {
    subject,
    reason: isOfNode ? 'NodeCannotPullImages' : 'RegistryUnreachable',
    summary: `${isOfNode ? `${titleOf(subject)} cannot reach registry ${registry}` : `Registry ${registry} cannot be reached`}; several workloads wait for images of it.`,
    evidence: [
      ...from,
      ...alike
        .slice(0, 3)
        .map((other) => state(`${titleOf(other)} cannot pull from ${registry} either`, weights.usual, other)),
      saysSo(symptom, weights.usual),
    ],
    path: [titleOf(subject), 'USES_IMAGE', ...downTo(symptom)],
    remedy: {
      summary: 'See whether the registry answers, and whether nodes can reach it.',
      commands: [`kubectl get events -A --field-selector reason=Failed`],
    },
  };
}

function nodeOf(known: Case, pod: Resource): Resource | undefined {
  return known.targets(pod.id, 'RUNS_ON').find(({ kind }) => kind === 'Node');
}

/** Whether pods on other nodes have pulled something lately. */
function pullsElsewhere(known: Case, { id, cluster }: Resource): boolean {
  for (const pod of known.view.resources({ cluster, group: '', kind: 'Pod' })) {
    const node = nodeOf(known, pod);
    if (
      node &&
      node.id !== id &&
      known.notices(pod).some(({ reason, message }) => reason === 'Pulled' && /Successfully/.test(message))
    )
      return true;
  }
  return false;
}

function* ofNode(known: Case, symptom: Symptom, from: readonly Evidence[]): Iterable<Hypothesis> {
  const node = nodeOf(known, symptom.resource);
  if (node === undefined) return;
  yield {
    subject: node,
    reason: 'NodeDiskFull',
    summary: `The disk of ${titleOf(node)} is full, so that images cannot be pulled.`,
    evidence: [...from, saysSo(symptom, weights.named)],
    path: [titleOf(node), 'RUNS_ON', titleOf(symptom.resource)],
    remedy: { summary: 'Make room on the node.', commands: [`kubectl describe node ${node.name}`] },
    because: node,
  };
}

function pullsWith(known: Case, { resource, whole }: Symptom): boolean {
  return [resource, whole].some(
    ({ id }) =>
      known.targets(id, 'PULLS_WITH').length > 0 || known.dangling(id).some(({ type }) => type === 'PULLS_WITH'),
  );
}

/** Secrets for the registry that are not there or were changed, which only matters when the registry asks for them. */
function* pullSecrets(known: Case, symptom: Symptom, why: Why, isUnclear: boolean): Iterable<Hypothesis> {
  const { whole, resource, since } = symptom;
  const isAsked = why === 'ImagePullUnauthorized' || isUnclear;
  if (!isAsked && why !== 'ImagePullFailed' && why !== 'ImageNotFound') return;
  const notice = known.notices(resource).findLast(({ reason }) => reason === 'FailedToRetrieveImagePullSecret');
  const missing = [...known.dangling(resource.id), ...known.dangling(whole.id)].find(
    ({ type }) => type === 'PULLS_WITH',
  );
  const [, named] = /secrets? \(?"?([a-z0-9.-]+)/.exec(notice?.message ?? '') ?? [];
  const target =
    missing?.target ??
    (named && !known.named(resource, '', 'Secret', named)
      ? { group: '', kind: 'Secret', namespace: resource.namespace, name: named }
      : undefined);
  if (target && (notice || isObserved(known, resource.cluster, '/Secret'))) {
    const subject = absent(resource, target);
    const deleted = known.estate.deletions.find(({ resource: gone }) => titleOf(gone) === titleOf(subject));
    yield {
      subject,
      reason: deleted ? 'ImagePullSecretDeleted' : 'ImagePullSecretMissing',
      summary: `Secret ${subject.name}, with which ${titleOf(whole)} pulls its images, ${deleted ? 'was deleted' : 'does not exist'}.`,
      evidence: [
        {
          kind: 'edge',
          text: `${titleOf(resource)} pulls with Secret ${subject.name}, which is missing`,
          resource: subject,
          weight: weights.missing,
        },
        ...(notice ? [told(notice.message, weights.named, resource, notice.last)] : []),
        // A registry that knows of no such image asks for nothing.
        state(
          why,
          isAsked ? weights.state : why === 'ImageNotFound' ? -weights.named : -weights.state,
          resource,
          since,
        ),
      ],
      path: [titleOf(subject), 'PULLS_WITH', ...downTo(symptom)],
      remedy: {
        summary: 'Make the Secret, or refer to one that exists.',
        commands: [
          `kubectl create secret docker-registry ${subject.name}${inNamespace(subject)} --docker-server=… --docker-username=… --docker-password=…`,
        ],
      },
    };
    return;
  }
  for (const secret of known.targets(resource.id, 'PULLS_WITH')) {
    const change = fieldChange(known, secret, since, /^(?:data|stringData)\b/, 'data');
    if (!isAsked) continue;
    yield {
      subject: secret,
      reason: 'ImagePullSecretRejected',
      summary: `The registry does not accept the credentials in ${titleOf(secret)}${change ? ', which was changed' : ''}.`,
      evidence: [
        saysSo(symptom, change ? weights.named : weights.state),
        ...(change ? [changeEvidence(change, since)] : []),
      ],
      path: [titleOf(secret), 'PULLS_WITH', ...downTo(symptom)],
      remedy: {
        summary: 'Put valid credentials into the Secret.',
        commands: [`kubectl get ${kubectlName(secret)} -o yaml`],
      },
    };
  }
}

function imageOf(known: Case, { resource, fault }: Symptom): string | undefined {
  const containers = containersOf(known.object(resource.id));
  const image = containers.find(({ name }) => name === fault?.container)?.['image'];
  return typeof image === 'string' ? image : undefined;
}
