/** The table of kinds: everything the graph knows by name. Add a kind by copying a small file and adding it here. */
import { adminNetworkPolicies } from './admin-network-policy.ts';
import { admissionPolicies } from './admission-policy.ts';
import { apiService } from './api-service.ts';
import { certificateSigningRequest, clusterTrustBundle, podCertificateRequest } from './certificates.ts';
import type { UserRelations } from './compiled-kinds.ts';
import { configMap, secret } from './config-map.ts';
import { controllerRevision } from './controller-revision.ts';
import { cronJob } from './cron-job.ts';
import { csiDriver, csiNode, csiStorageCapacity, volumeAttachment } from './csi.ts';
import { customKind } from './custom.ts';
import { customResourceDefinition } from './custom-resource-definition.ts';
import { daemonSet } from './daemon-set.ts';
import { deployment } from './deployment.ts';
import { describerFor, type KindDescriber } from './describe.ts';
import { deviceClass, resourceClaim, resourceClaimTemplate, resourceSlice } from './device.ts';
import { argoCd } from './ecosystems/argo-cd.ts';
import { argoEvents } from './ecosystems/argo-events.ts';
import { argoRollouts } from './ecosystems/argo-rollouts.ts';
import { argoWorkflows } from './ecosystems/argo-workflows.ts';
import { calicoKinds } from './ecosystems/calico.ts';
import { certManager } from './ecosystems/cert-manager.ts';
import { ciliumKinds } from './ecosystems/cilium.ts';
import { ciliumPolicies } from './ecosystems/cilium-policy.ts';
import { cloudLoadBalancers } from './ecosystems/cloud-load-balancers.ts';
import { cloudNativePg } from './ecosystems/cloudnative-pg.ts';
import { clusterApi } from './ecosystems/cluster-api.ts';
import { contour } from './ecosystems/contour.ts';
import { crossplane } from './ecosystems/crossplane.ts';
import { crunchyPostgres } from './ecosystems/crunchy-postgres.ts';
import { elastic } from './ecosystems/elastic.ts';
import { externalDns } from './ecosystems/external-dns.ts';
import { externalSecrets } from './ecosystems/external-secrets.ts';
import { flux } from './ecosystems/flux.ts';
import { gatekeeper } from './ecosystems/gatekeeper.ts';
import { grafanaOperator } from './ecosystems/grafana-operator.ts';
import { istio } from './ecosystems/istio.ts';
import { jobSet } from './ecosystems/job-set.ts';
import { karpenter } from './ecosystems/karpenter.ts';
import { keda } from './ecosystems/keda.ts';
import { knativeEventing } from './ecosystems/knative-eventing.ts';
import { knativeServing } from './ecosystems/knative-serving.ts';
import { kong } from './ecosystems/kong.ts';
import { kubevirt } from './ecosystems/kubevirt.ts';
import { kueue } from './ecosystems/kueue.ts';
import { kyverno } from './ecosystems/kyverno.ts';
import { leaderWorkerSet } from './ecosystems/leader-worker-set.ts';
import { linkerd } from './ecosystems/linkerd.ts';
import { longhorn } from './ecosystems/longhorn.ts';
import { metalLb } from './ecosystems/metallb.ts';
import { nginxIngress } from './ecosystems/nginx-ingress.ts';
import { olm } from './ecosystems/olm.ts';
import { openshift } from './ecosystems/openshift.ts';
import { policyReport } from './ecosystems/policy-report.ts';
import { prometheusOperator } from './ecosystems/prometheus-operator.ts';
import { rook } from './ecosystems/rook.ts';
import { sealedSecrets } from './ecosystems/sealed-secrets.ts';
import { secretsStoreCsi } from './ecosystems/secrets-store-csi.ts';
import { strimzi } from './ecosystems/strimzi.ts';
import { tekton } from './ecosystems/tekton.ts';
import { tektonTriggers } from './ecosystems/tekton-triggers.ts';
import { traefik } from './ecosystems/traefik.ts';
import { vaultSecretsOperator } from './ecosystems/vault-secrets-operator.ts';
import { velero } from './ecosystems/velero.ts';
import { verticalPodAutoscaler } from './ecosystems/vertical-pod-autoscaler.ts';
import { endpointSlice, endpoints } from './endpoints.ts';
import { event } from './event.ts';
import { flowSchema, priorityLevelConfiguration } from './flow-control.ts';
import { gatewayKinds } from './gateway.ts';
import { gatewayPolicies } from './gateway-policies.ts';
import { gatewayRoutes } from './gateway-routes.ts';
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts';
import { incident } from './incident.ts';
import { ingress, ingressClass } from './ingress.ts';
import { intakeKinds } from './intake.ts';
import { job } from './job.ts';
import type { Kind } from './kind.ts';
import { lease } from './lease.ts';
import { serviceExport, serviceImport } from './multicluster.ts';
import { namespace } from './namespace.ts';
import { networkPolicy } from './network-policy.ts';
import { node } from './node.ts';
import { persistentVolume } from './persistent-volume.ts';
import { persistentVolumeClaim } from './persistent-volume-claim.ts';
import { pod } from './pod.ts';
import { podDisruptionBudget } from './pod-disruption-budget.ts';
import { podSecurityPolicy } from './pod-security-policy.ts';
import { limitRange, resourceQuota } from './quota.ts';
import { clusterRole, clusterRoleBinding, role, roleBinding } from './rbac.ts';
import { replicaSet } from './replica-set.ts';
import { podTemplate, replicationController } from './replication-controller.ts';
import { runtimeClass } from './runtime-class.ts';
import { podGroup, priorityClass, workload } from './scheduling.ts';
import { service } from './service.ts';
import { serviceAccount } from './service-account.ts';
import { ipAddress, serviceCidr } from './service-addresses.ts';
import { statefulSet } from './stateful-set.ts';
import { storageClass, volumeAttributesClass } from './storage-class.ts';
import { storageVersionMigration } from './storage-version-migration.ts';
import { volumePopulator } from './volume-populator.ts';
import {
  volumeGroupSnapshot,
  volumeGroupSnapshotClass,
  volumeGroupSnapshotContent,
  volumeSnapshot,
  volumeSnapshotClass,
  volumeSnapshotContent,
} from './volume-snapshot.ts';
import { mutatingWebhookConfiguration, validatingWebhookConfiguration } from './webhook-configuration.ts';

/** Kinds of Kubernetes itself. */
const builtIn: readonly Kind[] = [
  apiService,
  certificateSigningRequest,
  clusterRole,
  clusterRoleBinding,
  clusterTrustBundle,
  configMap,
  controllerRevision,
  cronJob,
  csiDriver,
  csiNode,
  csiStorageCapacity,
  customResourceDefinition,
  daemonSet,
  deployment,
  deviceClass,
  endpoints,
  endpointSlice,
  event,
  flowSchema,
  horizontalPodAutoscaler,
  incident,
  ingress,
  ingressClass,
  ipAddress,
  job,
  lease,
  limitRange,
  mutatingWebhookConfiguration,
  namespace,
  networkPolicy,
  node,
  persistentVolume,
  persistentVolumeClaim,
  pod,
  podCertificateRequest,
  podDisruptionBudget,
  podGroup,
  podSecurityPolicy,
  podTemplate,
  priorityClass,
  priorityLevelConfiguration,
  replicaSet,
  replicationController,
  resourceClaim,
  resourceClaimTemplate,
  resourceQuota,
  resourceSlice,
  role,
  roleBinding,
  runtimeClass,
  secret,
  service,
  serviceAccount,
  serviceCidr,
  serviceExport,
  serviceImport,
  statefulSet,
  storageClass,
  storageVersionMigration,
  validatingWebhookConfiguration,
  volumeAttachment,
  volumeAttributesClass,
  volumeGroupSnapshot,
  volumeGroupSnapshotClass,
  volumeGroupSnapshotContent,
  volumePopulator,
  volumeSnapshot,
  volumeSnapshotClass,
  volumeSnapshotContent,
  workload,
  ...adminNetworkPolicies,
  ...admissionPolicies,
  ...gatewayKinds,
  ...gatewayPolicies,
  ...gatewayRoutes,
];

/** Kinds of other projects. They come after: where a name is all that is known, the built-in kind of that name is meant. */
const ecosystems: readonly Kind[] = [
  ...calicoKinds,
  ...ciliumKinds,
  ...ciliumPolicies,
  ...argoCd,
  ...argoEvents,
  ...argoRollouts,
  ...argoWorkflows,
  ...certManager,
  ...externalSecrets,
  ...flux,
  ...gatekeeper,
  ...grafanaOperator,
  ...istio,
  ...jobSet,
  ...keda,
  ...knativeEventing,
  ...knativeServing,
  ...kueue,
  ...kyverno,
  ...leaderWorkerSet,
  ...linkerd,
  ...policyReport,
  ...intakeKinds,
  ...prometheusOperator,
  ...sealedSecrets,
  ...secretsStoreCsi,
  ...vaultSecretsOperator,
  ...verticalPodAutoscaler,
  ...traefik,
  ...contour,
  ...clusterApi,
  ...crossplane,
  ...karpenter,
  ...velero,
  ...olm,
  ...openshift,
  ...tekton,
  ...tektonTriggers,
  ...strimzi,
  ...cloudNativePg,
  ...nginxIngress,
  ...kong,
  ...cloudLoadBalancers,
  ...metalLb,
  ...externalDns,
  ...kubevirt,
  ...rook,
  ...longhorn,
  ...elastic,
  ...crunchyPostgres,
];

export const kinds: readonly Kind[] = [...builtIn, ...ecosystems];

/** The describer over the built-in table, with the generic rules for custom resources and, if given, users' relations. */
export function describerWith(userRelations?: UserRelations): KindDescriber {
  return describerFor(kinds, customKind, userRelations);
}

/** The describer over the built-in table alone. */
export const describer = describerWith();
