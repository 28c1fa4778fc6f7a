/**
 * Where the schemas of other projects' kinds come from: Go modules that hold their CustomResourceDefinitions, each pinned to a version.
 * Every kind of the table is served by Kubernetes itself, defined in one of these folders, or listed with the reason why it cannot be checked.
 */

export interface SchemaModule {
  readonly module: string;
  readonly version: string;
  /** Folders (or files) of CustomResourceDefinitions in it, or an OpenAPI document (`.json`); folders below are not read. */
  readonly sources: readonly string[];
}

const module = (path: string, ...sources: string[]): SchemaModule => {
  const at = path.lastIndexOf('@');
  return { module: path.slice(0, at), version: path.slice(at + 1), sources };
};

/** Several versions of one module stand here where a field moved and the older place is still followed. */
export const schemaModules: readonly SchemaModule[] = [
  module('github.com/argoproj/argo-cd/v3@v3.6.1', 'manifests/crds'),
  module('github.com/argoproj/argo-events@v1.9.6', 'manifests/base/crds'),
  module('github.com/argoproj/argo-rollouts@v1.8.3', 'manifests/crds'),
  module('github.com/argoproj/argo-workflows/v3@v3.6.5', 'manifests/base/crds/full'),
  module('github.com/bitnami-labs/sealed-secrets@v0.40.0', 'helm/sealed-secrets/crds'),
  module('github.com/cert-manager/cert-manager@v1.21.2', 'deploy/crds'),
  module('github.com/cert-manager/trust-manager@v0.25.0', 'deploy/crds'),
  module(
    'github.com/cilium/cilium@v1.18.2',
    'pkg/k8s/apis/cilium.io/client/crds/v2',
    'pkg/k8s/apis/cilium.io/client/crds/v2alpha1',
  ),
  module('github.com/cloudnative-pg/cloudnative-pg@v1.27.0', 'config/crd/bases'),
  module('github.com/cloudnative-pg/plugin-barman-cloud@v0.15.0', 'config/crd/bases'),
  module('github.com/crossplane/crossplane/v2@v2.0.2', 'cluster/crds'),
  module('github.com/external-secrets/external-secrets@v1.3.2', 'config/crds/bases'),
  module('github.com/fluxcd/helm-controller@v1.6.4', 'config/crd/bases'),
  module('github.com/fluxcd/kustomize-controller@v1.10.1', 'config/crd/bases'),
  module('github.com/fluxcd/notification-controller@v1.5.0', 'config/crd/bases'),
  module('github.com/fluxcd/source-controller@v1.10.1', 'config/crd/bases'),
  module('github.com/grafana/grafana-operator/v5@v5.18.0', 'config/crd/bases'),
  module('github.com/hashicorp/vault-secrets-operator@v0.10.0', 'config/crd/bases'),
  module('github.com/k8snetworkplumbingwg/network-attachment-definition-client@v1.7.7', 'artifacts'),
  module('github.com/kedacore/keda/v2@v2.21.0', 'config/crd/bases'),
  module('github.com/kubernetes-csi/external-snapshotter/client/v8@v8.7.0', 'config/crd'),
  module(
    'github.com/kyverno/kyverno@v1.19.1',
    'config/crds/kyverno',
    'config/crds/policies.kyverno.io',
    'config/crds/policyreport',
    'config/crds/reports',
  ),
  module('github.com/nginx/kubernetes-ingress@v1.12.5', 'deployments/common/crds'),
  module('github.com/open-policy-agent/gatekeeper/v3@v3.23.1', 'charts/gatekeeper/crds'),
  module('github.com/openreports/reports-api@v0.2.1', 'config/crd'),
  module(
    'github.com/openshift/api@v0.0.0-20250710004639-926605d3338b',
    'route/v1/zz_generated.crd-manifests',
    'security/v1/zz_generated.crd-manifests',
    'openapi/openapi.json',
  ),
  module('github.com/operator-framework/api@v0.36.0', 'crds'),
  module('github.com/projectcontour/contour@v1.33.0', 'examples/contour/01-crds.yaml'),
  module('github.com/prometheus-operator/prometheus-operator@v0.85.0', 'example/prometheus-operator-crd-full'),
  module('github.com/tektoncd/pipeline@v1.6.0', 'config/300-crds'),
  module('github.com/tektoncd/triggers@v0.34.0', 'config'),
  module('github.com/traefik/traefik/v3@v3.7.13', 'docs/content/reference/dynamic-configuration'),
  module('github.com/traefik/traefik/v2@v2.11.0', 'docs/content/reference/dynamic-configuration'),
  module('github.com/vmware-tanzu/velero@v1.18.3', 'config/crd/v1/bases', 'config/crd/v2alpha1/bases'),
  module('go.universe.tf/metallb@v0.15.2', 'config/crd/bases'),
  module('istio.io/api@v1.31.1', 'kubernetes'),
  module('k8s.io/autoscaler/vertical-pod-autoscaler@v1.8.1', 'deploy/vpa-v1-crd-gen.yaml'),
  module('knative.dev/eventing@v0.50.0', 'config/core/resources', 'config/channels/in-memory-channel/resources'),
  module('knative.dev/networking@v0.0.0-20251217020127-11890a5dabea', 'config'),
  module('knative.dev/serving@v0.51.0', 'config/core/300-resources'),
  module(
    'sigs.k8s.io/cluster-api@v1.14.2',
    'core/config/crd/bases',
    'bootstrap/kubeadm/config/crd/bases',
    'controlplane/kubeadm/config/crd/bases',
  ),
  module('sigs.k8s.io/external-dns@v0.19.0', 'config/crd/standard'),
  module('sigs.k8s.io/gateway-api@v1.7.0', 'config/crd/experimental'),
  module('sigs.k8s.io/gateway-api@v1.3.0', 'config/crd/experimental'),
  module('sigs.k8s.io/gateway-api@v1.0.0', 'config/crd/experimental'),
  module('sigs.k8s.io/jobset@v0.8.0', 'config/components/crd/bases'),
  module('sigs.k8s.io/karpenter@v1.8.0', 'pkg/apis/crds'),
  module('sigs.k8s.io/kueue@v0.15.0', 'config/components/crd/bases'),
  module('sigs.k8s.io/kueue@v0.9.0', 'config/components/crd/bases'),
  module('sigs.k8s.io/lws@v0.6.0', 'config/crd/bases'),
  module('sigs.k8s.io/mcs-api@v0.5.2', 'config/crd'),
  module('sigs.k8s.io/network-policy-api@v0.2.0', 'config/crd/experimental'),
  module('sigs.k8s.io/network-policy-api@v0.1.7', 'config/crd/experimental'),
  module(
    'sigs.k8s.io/wg-policy-prototypes@v0.0.0-20230505033312-51c21979086a',
    'policy-report/crd/v1alpha2',
    'policy-report/crd/v1beta1',
  ),
  module('sigs.k8s.io/secrets-store-csi-driver@v1.4.8', 'config/crd/bases'),
];

/** Kinds that the API shows under another group as well, with other field names, and groups that were renamed. */
export const alsoServedAs: Readonly<Record<string, string>> = {
  '/Event': 'events.k8s.io/Event',
  'traefik.containo.us/*': 'traefik.io/*',
};

const noModule = 'its definitions are in no Go module that can be had';

/** Kinds (`group/Kind`, `group/*` for a whole group) whose schema cannot be had, and why. */
export const uncheckable: Readonly<Record<string, string>> = {
  '/Incident': 'made here, and known to no API server',
  'constraints.gatekeeper.sh/*': 'each constraint kind is defined by a ConstraintTemplate of its user',
  'crd.projectcalico.org/*': 'the definitions are bare; the types are Go only',
  'eventing.knative.dev/KafkaSink': noModule,
  'image.toolkit.fluxcd.io/*': noModule,
  'kafka.strimzi.io/*': 'a Java project',
  'kube-kg.dev/*': 'made here of what others tell, and known to no API server',
  'linkerd.io/*': noModule,
  'messaging.knative.dev/KafkaChannel': noModule,
  'policy.linkerd.io/*': noModule,
  'populator.storage.k8s.io/*': noModule,
  'projectcalico.org/*': 'an aggregated API; the types are Go only',
  'source.extensions.fluxcd.io/*': noModule,
  'sources.knative.dev/KafkaSource': noModule,
  'tekton.dev/ClusterTask': 'removed in Tekton 1.0',
  'cdi.kubevirt.io/*': noModule,
  'ceph.rook.io/*': noModule,
  'configuration.konghq.com/*': noModule,
  'cloud.google.com/*': noModule,
  'elbv2.k8s.aws/*': noModule,
  'kubevirt.io/*': noModule,
  'pool.kubevirt.io/*': noModule,
  'snapshot.kubevirt.io/*': noModule,
  'longhorn.io/*': noModule,
  'objectbucket.io/*': noModule,
  'postgres-operator.crunchydata.com/*': noModule,
  'agent.k8s.elastic.co/*': noModule,
  'apm.k8s.elastic.co/*': noModule,
  'beat.k8s.elastic.co/*': noModule,
  'elasticsearch.k8s.elastic.co/*': noModule,
  'enterprisesearch.k8s.elastic.co/*': noModule,
  'kibana.k8s.elastic.co/*': noModule,
  'logstash.k8s.elastic.co/*': noModule,
  'maps.k8s.elastic.co/*': noModule,
};

const sharedRow = 'one row for several kinds; this one has not the field';
const newer = 'newer than the definitions that can be had';

/** Paths (`group/Kind path`) that the schemas of these versions lack on purpose, and why they are followed all the same. */
export const absent: Readonly<Record<string, string>> = {
  'build.openshift.io/Build spec.strategy.customStrategy.volumes[*].source.configMap': sharedRow,
  'build.openshift.io/Build spec.strategy.customStrategy.volumes[*].source.secret': sharedRow,
  'build.openshift.io/BuildConfig spec.strategy.customStrategy.volumes[*].source.configMap': sharedRow,
  'build.openshift.io/BuildConfig spec.strategy.customStrategy.volumes[*].source.secret': sharedRow,
  'gateway.networking.x-k8s.io/XBackendTrafficPolicy spec.targetRef': sharedRow,
  'gateway.networking.x-k8s.io/XListenerSet spec.listeners[*].filters.requests[*].extensionRef': sharedRow,
  'gateway.networking.x-k8s.io/XListenerSet spec.listeners[*].filters.requests[*].externalAuth.backendRef': sharedRow,
  'gateway.networking.x-k8s.io/XTelemetryPolicy spec.targetRef': sharedRow,
  'k8s.nginx.org/VirtualServer spec.upstreams[*].backup': newer,
  'k8s.nginx.org/VirtualServer spec.dos': newer,
  'k8s.nginx.org/VirtualServer spec.routes[*].dos': newer,
  'k8s.nginx.org/VirtualServerRoute spec.upstreams[*].backup': newer,
  'k8s.nginx.org/TransportServer spec.upstreams[*].backup': newer,
  'k8s.nginx.org/TransportServer spec.tls.secret': newer,
  'k8s.nginx.org/Policy spec.basicAuth.secret': newer,
  'k8s.nginx.org/Policy spec.apiKey.clientSecret': newer,
  'k8s.nginx.org/Policy spec.oidc.trustedCertSecret': newer,
  'k8s.nginx.org/Policy spec.waf.securityLogs[*].apLogConf': newer,
  'notification.toolkit.fluxcd.io/Provider spec.proxySecretRef': newer,
  'notification.toolkit.fluxcd.io/Provider spec.serviceAccountName': newer,
};
