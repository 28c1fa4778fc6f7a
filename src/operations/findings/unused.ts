/** Checks of what nobody uses. Controllers outside the graph may use it all the same, so these are hints. */
import { edgeInfo, type Family } from '../../model/edges.ts';
import type { Resource } from '../../model/resource.ts';
import type { View } from '../../model/view.ts';
import { type Check, has, ofKind, type Report } from './check.ts';

/** Families whose edges use their target. */
const using: ReadonlySet<Family> = new Set<Family>([
  'configuration',
  'storage',
  'identity',
  'supply',
  'networking',
  'delivery',
  'admission',
  'reference',
]);

/** Put into every namespace by controllers, used or not. */
const published: ReadonlySet<string> = new Set(['kube-root-ca.crt', 'openshift-service-ca.crt', 'istio-ca-root-cert']);
/** Namespaces whose contents are the system's own business. */
const systemNamespaces: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease']);
/** Types of Secrets that their makers read through the API. */
const internalSecrets = /^(helm\.sh\/release|kubernetes\.io\/service-account-token|bootstrap\.kubernetes\.io\/token)/;

export const unusedChecks: readonly Check[] = [
  {
    id: 'unused-config-map',
    title: 'A ConfigMap that nothing uses',
    severity: 'info',
    todo: 'Delete it if no program reads it through the API.',
    run: (view) => unused(view, 'ConfigMap', ({ name }) => published.has(name)),
  },
  {
    id: 'unused-secret',
    title: 'A Secret that nothing uses',
    severity: 'info',
    todo: 'Delete it if no program reads it through the API: a Secret that nobody needs can only leak.',
    run: (view) => unused(view, 'Secret', ({ summary }) => internalSecrets.test(String(summary['type'] ?? ''))),
  },
  {
    id: 'unused-claim',
    title: 'A PersistentVolumeClaim that no pod uses',
    severity: 'info',
    todo: 'Delete it if its data is no longer needed: it holds, and costs, storage.',
    run: (view) => unused(view, 'PersistentVolumeClaim', () => false),
  },
];

/** Resources of a core kind that no edge uses, those left out that a controller owns. */
function* unused(view: View, kind: string, isExpected: (resource: Resource) => boolean): Iterable<Report> {
  for (const resource of ofKind(view, '', kind)) {
    if (systemNamespaces.has(resource.namespace) || isExpected(resource)) continue;
    if (has(view, resource, 'in', 'OWNS') || isUsed(view, resource)) continue;
    yield { resource, message: 'nothing in the graph uses it' };
  }
}

function isUsed(view: View, { id }: Resource): boolean {
  let used = false;
  view.scan(
    id,
    'in',
    (_, { pseudo }) => {
      used ||= !pseudo;
      return !used;
    },
    (type) => using.has(edgeInfo(type).family),
  );
  return used;
}
