/** By kind, what is a symptom besides pods. */
import { certificate } from './certificates.ts';
import { application, autoscaler, fluxApplier } from './controllers.ts';
import { claim, node } from './infrastructure.ts';
import { cronJob, job } from './jobs.ts';
import { gateway, ingress, route } from './routes.ts';
import { service } from './services.ts';
import type { Read } from './state.ts';
import { workload } from './workloads.ts';

export const states: ReadonlyMap<string, Read> = new Map([
  ['apps/Deployment', workload],
  ['apps/StatefulSet', workload],
  ['apps/DaemonSet', workload],
  ['batch/Job', job],
  ['batch/CronJob', cronJob],
  ['/Node', node],
  ['/PersistentVolumeClaim', claim],
  ['/Service', service],
  ['networking.k8s.io/Ingress', ingress],
  ['gateway.networking.k8s.io/Gateway', gateway],
  ['gateway.networking.k8s.io/HTTPRoute', route],
  ['gateway.networking.k8s.io/GRPCRoute', route],
  ['gateway.networking.k8s.io/TLSRoute', route],
  ['gateway.networking.k8s.io/TCPRoute', route],
  ['autoscaling/HorizontalPodAutoscaler', autoscaler],
  ['helm.toolkit.fluxcd.io/HelmRelease', fluxApplier],
  ['kustomize.toolkit.fluxcd.io/Kustomization', fluxApplier],
  ['argoproj.io/Application', application],
  ['cert-manager.io/Certificate', certificate],
]);
