/**
 * Which labels of alerts, metrics and logs name whom: one table for what comes in and for what is analysed. Conventions of Prometheus,
 * kube-state-metrics, OpenTelemetry, Fluent Bit, Istio.
 */

/** By what they name, the most telling first. */
export const SUBJECT_LABELS: readonly (readonly [kind: string, keys: readonly string[]])[] = [
  ['PersistentVolumeClaim', ['persistentvolumeclaim', 'pvc', 'k8s.persistentvolumeclaim.name']],
  ['HorizontalPodAutoscaler', ['horizontalpodautoscaler', 'hpa', 'k8s.hpa.name']],
  ['ResourceQuota', ['resourcequota']],
  ['Ingress', ['ingress', 'exported_ingress']],
  ['Deployment', ['deployment', 'k8s.deployment.name', 'destination_workload']],
  ['StatefulSet', ['statefulset', 'k8s.statefulset.name']],
  ['DaemonSet', ['daemonset', 'k8s.daemonset.name']],
  ['CronJob', ['cronjob', 'k8s.cronjob.name']],
  ['Job', ['job_name', 'k8s.job.name']],
  ['Pod', ['exported_pod', 'pod', 'pod_name', 'k8s.pod.name', 'kubernetes_pod_name', 'kubernetes.pod_name']],
  ['Service', ['exported_service', 'service_name', 'service.name', 'destination_service_name', 'service']],
  ['Application', ['app', 'application', 'workload', 'component', 'app.kubernetes.io/name', 'k8s-app']],
  ['Node', ['node', 'node_name', 'nodename', 'k8s.node.name', 'kubernetes_node', 'host.name']],
];

export const NAMESPACE_LABELS: readonly string[] = [
  'exported_namespace',
  'k8s.namespace.name',
  'namespace_name',
  'kubernetes_namespace',
  'destination_service_namespace',
  'destination_workload_namespace',
  'service.namespace',
  'namespace',
];

/** Who measures others, and stands in their labels. */
export const EXPORTERS =
  /kube-state-metrics|node-exporter|kubelet$|cadvisor|blackbox|otel-collector|opentelemetry-collector/;
