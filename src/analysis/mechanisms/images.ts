/** An image that cannot be fetched. Source: kubelet pkg/kubelet/images and containerd's errors. */
import type { Case } from '../case.ts';
import { absent, type Evidence, type Hypothesis, titleOf, weights } from '../hypothesis.ts';
import type { Symptom } from '../symptoms.ts';
import { changeBefore, changeEvidence, downTo, inNamespace, kubectlName, saysSo } from './mechanism.ts';

const PULLING =
  /^(?:ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|RegistryUnavailable|ImageInspectError)$/;

/** What the message says of why, the first that fits. */
const WHYS: readonly (readonly [pattern: RegExp, reason: string, words: string])[] = [
  [/exec format|no match for platform/i, 'ImageForOtherPlatform', 'is not built for the processor of the node'],
  [
    /unauthorized|authentication required|denied|forbidden|401|403/i,
    'ImagePullUnauthorized',
    'may not be pulled with the credentials that there are',
  ],
  [/not found|manifest unknown|does not exist|NotFound|404/i, 'ImageNotFound', 'does not exist in its registry'],
  [
    /no such host|lookup |dial tcp|timeout|timed out|connection refused|x509|tls:|EOF|unreachable|toomanyrequests/i,
    'RegistryUnreachable',
    'lies in a registry that cannot be reached',
  ],
  [/invalid|couldn't parse|parse/i, 'InvalidImageName', 'has a name that is none'],
];

export function* images(known: Case, symptom: Symptom): Iterable<Hypothesis> {
  const { whole, resource, reason, since, fault } = symptom;
  if (!PULLING.test(reason)) return;
  const notices = known.notices(resource);
  const pull = notices.findLast(
    ({ message, isWarning }) => isWarning && /Failed to pull image|failed to pull/i.test(message),
  );
  const said = `${pull?.message ?? ''} ${symptom.message}`;
  const image = /[Ii]mage "([^"]+)"/.exec(said)?.[1] ?? imageOf(known, symptom) ?? 'its image';
  const [, why, words] = WHYS.find(([pattern]) => pattern.test(said)) ?? [
    undefined,
    'ImagePullFailed',
    'cannot be pulled',
  ];
  const evidence: Evidence[] = [saysSo(symptom, weights.named)];
  if (pull) evidence.push({ kind: 'event', at: pull.last, text: pull.message, resource, weight: weights.usual });
  const change = changeBefore(known, whole, since, ({ fields }) =>
    fields.some(({ path }) => /\.image$|containers/.test(path)),
  );
  if (change) evidence.push(changeEvidence(change, since));
  yield {
    subject: whole,
    reason: why,
    summary: `${titleOf(whole)} asks for image ${image}, which ${words}.`,
    evidence,
    path: downTo(symptom),
    remedy: {
      summary: 'Name an image that exists and may be pulled, or go back to the last revision.',
      commands: [
        ...(whole.kind === 'Deployment' ? [`kubectl rollout undo ${kubectlName(whole)}`] : []),
        `kubectl set image ${kubectlName(whole)} ${fault?.container ?? 'CONTAINER'}=IMAGE`,
      ],
    },
  };
  yield* pullSecrets(known, symptom, why);
}

/** Secrets for the registry that are not there, which only matters when the registry asks for them. */
function* pullSecrets(known: Case, symptom: Symptom, why: string): Iterable<Hypothesis> {
  const { whole, resource, since } = symptom;
  if (why !== 'ImagePullUnauthorized' && why !== 'ImagePullFailed' && why !== 'ImageNotFound') return;
  const told = known.notices(resource).findLast(({ reason }) => reason === 'FailedToRetrieveImagePullSecret');
  for (const { type, target } of [...known.dangling(resource.id), ...known.dangling(whole.id)]) {
    if (type !== 'PULLS_WITH') continue;
    const subject = absent(resource, target);
    yield {
      subject,
      reason: 'ImagePullSecretMissing',
      summary: `Secret ${target.name}, with which ${titleOf(whole)} pulls its images, does not exist.`,
      evidence: [
        {
          kind: 'edge',
          text: `${titleOf(resource)} pulls with Secret ${target.name}, which is missing`,
          resource: subject,
          weight: weights.missing,
        },
        ...(told
          ? [{ kind: 'event' as const, at: told.last, text: told.message, resource, weight: weights.named }]
          : []),
        {
          kind: 'state',
          at: since,
          text: why,
          resource,
          weight: why === 'ImagePullUnauthorized' ? weights.state : -weights.state,
        },
      ],
      path: [titleOf(subject), 'PULLS_WITH', ...downTo(symptom)],
      remedy: {
        summary: 'Make the Secret, or refer to one that exists.',
        commands: [
          `kubectl create secret docker-registry ${target.name}${inNamespace(target)} --docker-server=… --docker-username=… --docker-password=…`,
        ],
      },
    };
    return;
  }
  for (const secret of known.targets(resource.id, 'PULLS_WITH')) {
    const change = changeBefore(known, secret, since, ({ verb }) => verb === 'changed');
    if (why !== 'ImagePullUnauthorized' || change === undefined) continue;
    yield {
      subject: secret,
      reason: 'ImagePullSecretRejected',
      summary: `The registry does not accept the credentials in ${titleOf(secret)}, which was changed.`,
      evidence: [saysSo(symptom, weights.state), changeEvidence(change, since)],
      path: [titleOf(secret), 'PULLS_WITH', ...downTo(symptom)],
      remedy: {
        summary: 'Put valid credentials into the Secret.',
        commands: [`kubectl get ${kubectlName(secret)} -o yaml`],
      },
    };
  }
}

function imageOf(known: Case, { resource, fault }: Symptom): string | undefined {
  const pod = known.object(resource.id) as { spec?: { containers?: { name?: string; image?: string }[] } } | undefined;
  return pod?.spec?.containers?.find(({ name }) => name === fault?.container)?.image;
}
