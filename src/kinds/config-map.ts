/** ConfigMap and Secret: what pods are configured with, and what else is kept in them. Source: core/v1; well-known types, labels and annotations. */
import type { V1ConfigMap, V1Secret } from '@kubernetes/client-node';
import { issuedSecret } from './cert-manager-annotations.ts';
import { digestOf, entryCount } from './columns.ts';
import { dnsTargets } from './dns.ts';
import { type KindRef, kind, type Relation } from './kind.ts';
import { namesQualified } from './qualified-name.ts';
import { ConfigMap, Secret, ServiceAccount } from './refs.ts';
import { relation, textAt, valueAt } from './relations.ts';

/** Helm keeps each revision of a release in a Secret, or in a ConfigMap where it is told to. */
const helmStorage = relation(
  'BELONGS_TO',
  'metadata.labels.owner',
  'HelmRelease (pseudo)',
  { note: 'owner=helm: the release of label name, revision of label version' },
  ({ value, up, namespace }) => {
    const name = textAt(up(1), 'name');
    if (value !== 'helm' || name === undefined) return undefined;
    const revision = textAt(up(1), 'version');
    return {
      target: { by: 'pseudo', kind: 'HelmRelease', namespace, name },
      value: name,
      ...(revision !== undefined && { attributes: { revision } }),
    };
  },
);

const REFLECTS = 'metadata.annotations["reflector.v1.k8s.emberstack.com/reflects"]';

/** Reflector copies an object into other namespaces; the copy names its source. */
const reflects = (target: KindRef): Relation =>
  namesQualified('SYNCS_FROM', REFLECTS, target, { note: 'kept in step by Reflector' });

const TOKEN_TYPE = 'kubernetes.io/service-account-token';

const tokenOf = relation(
  'TOKEN_OF',
  'metadata.annotations["kubernetes.io/service-account.name"]',
  'ServiceAccount',
  { note: `only Secrets of type ${TOKEN_TYPE}; the account must have the annotated uid` },
  ({ value, up, object, namespace }) => {
    if (typeof value !== 'string' || valueAt(object, 'type') !== TOKEN_TYPE) return undefined;
    const uid = textAt(up(1), 'kubernetes.io/service-account.uid');
    const { group, kind: kindName } = ServiceAccount;
    return { target: { by: 'name', group, kind: kindName, namespace, name: value, ...(uid !== undefined && { uid }) } };
  },
);

export const configMap = kind<V1ConfigMap>({
  group: '',
  name: 'ConfigMap',
  plural: 'configmaps',
  shortNames: ['cm'],
  namespaced: true,
  summary: ({ data, binaryData }) => ({ data: entryCount(data, binaryData), digest: digestOf(data, binaryData) }),
  relations: [
    relation(
      'REFERS_TO',
      'data[*]',
      'Service',
      { confidence: 'heuristic', note: 'names of Services in the text, as in env and args' },
      dnsTargets,
    ),
    helmStorage,
    reflects(ConfigMap),
  ],
});

export const secret = kind<V1Secret>({
  group: '',
  name: 'Secret',
  plural: 'secrets',
  namespaced: true,
  summary: ({ type, data }) => ({ type, data: entryCount(data), digest: digestOf(data) }),
  relations: [tokenOf, helmStorage, reflects(Secret), ...issuedSecret],
});
