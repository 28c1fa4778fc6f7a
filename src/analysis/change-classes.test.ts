/** What fields are about. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ChangeClass, classesIn, classified, classNames, classOf, classOfKind } from './change-classes.ts';

const kindOf = (key: string): { group: string; kind: string } => {
  const slash = key.lastIndexOf('/');
  return { group: slash < 0 ? '' : key.slice(0, slash), kind: key.slice(slash + 1) };
};

/** A field, or several, of each class. */
const fields: Readonly<Record<ChangeClass, readonly (readonly [kind: string, path: string])[]>> = {
  image: [
    ['apps/Deployment', 'spec.template.spec.containers[name=web].image'],
    ['batch/CronJob', 'spec.jobTemplate.spec.template.spec.initContainers[name=a].image'],
    ['Pod', 'spec.ephemeralContainers[name=debug]'],
    ['apps/StatefulSet', 'spec.template.spec.imagePullSecrets[name=login]'],
  ],
  command: [['apps/Deployment', 'spec.template.spec.containers[name=web].args[2]']],
  env: [
    ['apps/Deployment', 'spec.template.spec.containers[name=web].env[name=PORT].value'],
    ['apps/DaemonSet', 'spec.template.spec.containers[name=web].envFrom[0].configMapRef.name'],
  ],
  probe: [['apps/Deployment', 'spec.template.spec.containers[name=web].readinessProbe.httpGet.path']],
  resources: [
    ['apps/Deployment', 'spec.template.spec.containers[name=web].resources.limits.memory'],
    ['Pod', 'spec.overhead.cpu'],
  ],
  volume: [
    ['apps/Deployment', 'spec.template.spec.volumes[name=conf].configMap.name'],
    ['apps/Deployment', 'spec.template.spec.containers[name=web].volumeMounts[mountPath=/etc].subPath'],
  ],
  security: [
    ['apps/Deployment', 'spec.template.spec.serviceAccountName'],
    ['apps/Deployment', 'spec.template.spec.containers[name=web].securityContext.runAsUser'],
  ],
  placement: [
    ['apps/Deployment', 'spec.template.spec.nodeSelector.disk'],
    ['apps/Deployment', 'spec.template.spec.affinity.podAntiAffinity'],
  ],
  'pod-network': [['apps/Deployment', 'spec.template.spec.dnsConfig.nameservers[0]']],
  selector: [
    ['Service', 'spec.selector.app'],
    ['apps/Deployment', 'spec.selector.matchLabels.app'],
  ],
  port: [
    ['Service', 'spec.ports[port=80,protocol=TCP].targetPort'],
    ['apps/Deployment', 'spec.template.spec.containers[name=web].ports[containerPort=80,protocol=TCP].name'],
  ],
  replicas: [
    ['apps/Deployment', 'spec.replicas'],
    ['batch/Job', 'spec.parallelism'],
  ],
  restart: [['apps/Deployment', 'spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]']],
  strategy: [['apps/Deployment', 'spec.strategy.rollingUpdate.maxUnavailable']],
  autoscaling: [['autoscaling/HorizontalPodAutoscaler', 'spec.maxReplicas']],
  schedule: [['batch/CronJob', 'spec.schedule']],
  'config-key': [['ConfigMap', 'data["app.yaml"]']],
  secret: [['Secret', 'data.password']],
  rbac: [
    ['rbac.authorization.k8s.io/Role', 'rules[0].verbs[1]'],
    ['rbac.authorization.k8s.io/ClusterRoleBinding', 'subjects[0].name'],
  ],
  quota: [['ResourceQuota', 'spec.hard.pods']],
  taint: [['Node', 'spec.taints[key=a,effect=NoSchedule]']],
  cordon: [['Node', 'spec.unschedulable']],
  capacity: [['Node', 'status.allocatable.memory']],
  policy: [
    ['networking.k8s.io/NetworkPolicy', 'spec.ingress[0]'],
    ['policy/PodDisruptionBudget', 'spec.minAvailable'],
    ['Namespace', 'metadata.labels["pod-security.kubernetes.io/enforce"]'],
    ['cilium.io/CiliumNetworkPolicy', 'spec.ingress[0]'],
  ],
  webhook: [['admissionregistration.k8s.io/ValidatingWebhookConfiguration', 'webhooks[name=a.b.c].failurePolicy']],
  'storage-class': [
    ['storage.k8s.io/StorageClass', 'parameters.type'],
    ['storage.k8s.io/StorageClass', 'metadata.annotations["storageclass.kubernetes.io/is-default-class"]'],
    ['PersistentVolumeClaim', 'spec.storageClassName'],
  ],
  storage: [['PersistentVolumeClaim', 'spec.resources.requests.storage']],
  host: [
    ['networking.k8s.io/Ingress', 'spec.rules[0].host'],
    ['gateway.networking.k8s.io/HTTPRoute', 'spec.hostnames[0]'],
  ],
  tls: [
    ['networking.k8s.io/Ingress', 'spec.tls[0].secretName'],
    ['cert-manager.io/Certificate', 'spec.dnsNames[0]'],
  ],
  service: [['Service', 'spec.externalName']],
  schema: [['apiextensions.k8s.io/CustomResourceDefinition', 'spec.versions[name=v1].schema']],
  owner: [['ConfigMap', 'metadata.ownerReferences[uid=1]']],
  lifecycle: [['Namespace', 'metadata.finalizers[0]']],
  label: [
    ['Pod', 'metadata.labels.app'],
    ['apps/Deployment', 'spec.template.metadata.labels.app'],
  ],
  annotation: [['networking.k8s.io/Ingress', 'metadata.annotations["nginx.ingress.kubernetes.io/rewrite-target"]']],
  spec: [['example.com/Widget', 'spec.size']],
  data: [['scheduling.k8s.io/PriorityClass', 'value']],
};

test('CC1 a field is about what its kind makes of it, and every class has one', () => {
  for (const name of classNames)
    for (const [kind, path] of fields[name]) assert.equal(classOf(kindOf(kind), path), name, `${kind} ${path}`);
});

test('CC2 what follows from others is about nothing', () => {
  const following: readonly (readonly [string, string])[] = [
    ['apps/Deployment', 'status.readyReplicas'],
    ['Pod', 'status.containerStatuses[name=web].restartCount'],
    ['Pod', 'spec.nodeName'],
    ['apps/Deployment', 'metadata.annotations["deployment.kubernetes.io/revision"]'],
    ['apps/ReplicaSet', 'spec.selector.matchLabels.pod-template-hash'],
    ['PersistentVolumeClaim', 'spec.volumeName'],
    ['PersistentVolumeClaim', 'metadata.annotations["pv.kubernetes.io/bind-completed"]'],
    ['Service', 'spec.clusterIP'],
    ['Node', 'status.conditions[type=Ready].status'],
    ['Node', 'spec.podCIDR'],
  ];
  for (const [kind, path] of following) assert.equal(classOf(kindOf(kind), path), undefined, `${kind} ${path}`);
});

test('CC3 what came or went as a whole is about what matters most in it', () => {
  const wholes: Readonly<Record<string, ChangeClass>> = {
    ConfigMap: 'config-key',
    Secret: 'secret',
    Service: 'service',
    Node: 'capacity',
    ResourceQuota: 'quota',
    ServiceAccount: 'rbac',
    'rbac.authorization.k8s.io/RoleBinding': 'rbac',
    'networking.k8s.io/NetworkPolicy': 'policy',
    'networking.k8s.io/Ingress': 'host',
    'admissionregistration.k8s.io/MutatingWebhookConfiguration': 'webhook',
    'storage.k8s.io/StorageClass': 'storage-class',
    PersistentVolumeClaim: 'storage',
    'autoscaling/HorizontalPodAutoscaler': 'autoscaling',
    'apps/Deployment': 'replicas',
    'example.com/Widget': 'spec',
  };
  for (const [kind, name] of Object.entries(wholes)) assert.equal(classOfKind(kindOf(kind)), name, kind);
});

test('CC4 of several fields the class that breaks most comes first, and those about nothing are left out', () => {
  const changed = classified(kindOf('apps/Deployment'), [
    { path: 'status.replicas', after: 2 },
    { path: 'metadata.annotations', after: { note: 'x', 'deployment.kubernetes.io/revision': '1' } },
    { path: 'spec.replicas', after: 2 },
    { path: 'spec.template.spec.containers[name=web].image', after: 'b' },
  ]);
  assert.deepEqual(classesIn(changed), ['image', 'replicas', 'annotation']);
  assert.deepEqual(
    changed.map(({ path, class: name }) => `${path} ${name}`),
    [
      'metadata.annotations.note annotation',
      'spec.replicas replicas',
      'spec.template.spec.containers[name=web].image image',
    ],
  );
});
