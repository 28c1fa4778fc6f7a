/** Services with their EndpointSlices, Ingresses and NetworkPolicies. */

import type { KubeObject } from '../../src/model/change.ts';
import { hash32 } from '../../test/support/random.ts';
import { type App, appOf, releasedIdentity, statefulApp } from './apps.ts';
import { censusTime, dayMs, namespaceName } from './names.ts';
import { ingressClasses, nodeName } from './nodes.ts';
import { type Body, controller, kubectl, kubeObject, uidOf } from './object.ts';
import { appOfShare, at, type Plan, shareAtOrBefore } from './plan.ts';
import { deploymentPod, type PodFacts, podAddress, statefulPod } from './pods.ts';

/** A Service and the pods behind it. */
export interface ServiceFacts {
  readonly app: App;
  readonly name: string;
  readonly headless: boolean;
  readonly port: number;
  readonly pods: readonly PodFacts[];
}

/** Services of Deployments come first, then the headless ones of StatefulSets, then second Services (metrics) of some Deployments. */
export function serviceFacts(plan: Plan, index: number): ServiceFacts {
  const { Deployment, StatefulSet } = plan.counts;
  if (index >= Deployment && index < Deployment + StatefulSet) return statefulService(plan, index - Deployment);
  const second = index - Deployment - StatefulSet;
  const app = second < 0 ? index : appOfShare(plan, secondServices(plan), second);
  const facts = appOf(plan, app);
  const first = at(plan.appPodsBefore, app);
  const pods = Array.from({ length: facts.replicas }, (_, ordinal) =>
    deploymentPod(plan, facts, facts.revisions, ordinal, first + ordinal),
  );
  return { ...(second < 0 ? mainService(facts) : metricsService(facts)), pods };
}

type Front = Omit<ServiceFacts, 'pods'>;
const mainService = (app: App): Front => ({ app, name: app.name, headless: false, port: 8080 });
const metricsService = (app: App): Front => ({ app, name: `${app.name}-metrics`, headless: false, port: 9090 });

function secondServices({ counts }: Plan): number {
  return counts.Service - counts.Deployment - counts.StatefulSet;
}

/** The Services of one Deployment. */
export function servicesOf(plan: Plan, index: number): Front[] {
  const app = appOf(plan, index);
  const count = secondServices(plan);
  const hasSecond = appOfShare(plan, count, shareAtOrBefore(plan, count, index)) === index;
  return hasSecond ? [mainService(app), metricsService(app)] : [mainService(app)];
}

function statefulService(plan: Plan, set: number): ServiceFacts {
  const app = statefulApp(plan, set);
  const first = at(plan.claimsBefore, set);
  const before = at(plan.appPodsBefore, plan.counts.Deployment);
  const pods = Array.from({ length: app.replicas }, (_, ordinal) =>
    statefulPod(plan, first + ordinal, before + first + ordinal),
  );
  return { app, name: `${app.name}-headless`, headless: true, port: 8080, pods };
}

export function service(seed: number, { app, name, headless, port }: Front): KubeObject {
  const hash = hash32(`${seed}/${app.namespace}/${name}/ip`);
  const clusterIp = headless ? 'None' : `172.20.${(hash >> 8) % 256}.${hash % 256}`;
  return kubeObject(seed, releasedIdentity(seed, app, 'v1', 'Service', name), {
    spec: {
      ports: [
        { name: port === 9090 ? 'metrics' : 'http', protocol: 'TCP', port: headless ? port : 80, targetPort: port },
      ],
      selector: app.selector,
      clusterIP: clusterIp,
      clusterIPs: [clusterIp],
      type: 'ClusterIP',
      sessionAffinity: 'None',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
    },
    status: { loadBalancer: {} },
  });
}

export function serviceAt(plan: Plan, index: number): KubeObject {
  return service(plan.seed, serviceFacts(plan, index));
}

/**
 * The EndpointSlice of a Service. Pods without an address are not in it; pods that are not ready are, as not ready.
 * `part`: number of the slice where a Service needs more than one (100 endpoints each, the controller's default).
 */
export function endpointSlice(seed: number, { app, name, port, pods }: ServiceFacts, part = 0): KubeObject {
  const suffix = hash32(`${seed}/${app.namespace}/${name}/slice/${part}`).toString(36).slice(-5);
  return kubeObject(
    seed,
    {
      ...releasedIdentity(seed, app, 'discovery.k8s.io/v1', 'EndpointSlice', `${name}-${suffix}`),
      generateName: `${name}-`,
      annotations: { 'endpoints.kubernetes.io/last-change-trigger-time': '2026-11-19T21:07:11Z' },
      labels: {
        ...app.labels,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        'kubernetes.io/service-name': name,
      },
      owner: { apiVersion: 'v1', kind: 'Service', name, namespace: app.namespace },
      writers: [controller],
    },
    {
      addressType: 'IPv4',
      endpoints: pods
        .filter(({ state }) => state !== 'Pending' && state !== 'ImagePullBackOff')
        .map((pod) => endpoint(seed, pod)),
      ports: [{ name: 'http', port, protocol: 'TCP' }],
    },
  );
}

function endpoint(seed: number, { app, name, number, node, state }: PodFacts): Body {
  const ready = state === 'Running';
  return {
    addresses: [podAddress(number)],
    conditions: { ready, serving: ready, terminating: false },
    nodeName: nodeName(node),
    targetRef: { kind: 'Pod', name, namespace: app.namespace, uid: uidOf(seed, 'Pod', app.namespace, name) },
    zone: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'][node % 3],
  };
}

export function endpointSliceAt(plan: Plan, index: number): KubeObject {
  return endpointSlice(plan.seed, serviceFacts(plan, index));
}

export function ingressAt(plan: Plan, index: number): KubeObject {
  const app = appOf(plan, appOfShare(plan, plan.counts.Ingress, index));
  const host = `${app.name}.${app.namespace}.example.com`;
  const backend = { service: { name: app.name, port: { name: 'http' } } };
  const tls = index < plan.tlsSecrets ? { tls: [{ hosts: [host], secretName: `${app.name}-tls` }] } : {};
  const identity = releasedIdentity(plan.seed, app, 'networking.k8s.io/v1', 'Ingress', app.name);
  const annotations = {
    ...identity.annotations,
    'nginx.ingress.kubernetes.io/proxy-body-size': '16m',
    ...(index < plan.tlsSecrets ? { 'cert-manager.io/cluster-issuer': 'letsencrypt' } : {}),
  };
  return kubeObject(
    plan.seed,
    { ...identity, annotations },
    {
      spec: {
        ingressClassName: ingressClasses[index % ingressClasses.length],
        ...tls,
        rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
      },
      status: { loadBalancer: { ingress: [{ hostname: 'k8s-ingress-1a2b3c4d5e.elb.eu-central-1.amazonaws.com' }] } },
    },
  );
}

/** The first policies close each namespace by default (empty selector: all its pods), the others open single applications. */
export function networkPolicyAt(plan: Plan, index: number): KubeObject {
  const { Namespace, NetworkPolicy } = plan.counts;
  if (index < Namespace) return defaultPolicy(plan.seed, namespaceName(index), 'default-deny', {});
  const app = appOf(plan, appOfShare(plan, NetworkPolicy - Namespace, index - Namespace));
  const from = [
    { podSelector: { matchLabels: { 'app.kubernetes.io/part-of': app.partOf } } },
    { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } },
  ];
  return kubeObject(plan.seed, releasedIdentity(plan.seed, app, 'networking.k8s.io/v1', 'NetworkPolicy', app.name), {
    spec: {
      podSelector: { matchLabels: app.selector },
      ingress: [{ from, ports: [{ protocol: 'TCP', port: 8080 }] }],
      policyTypes: ['Ingress'],
    },
  });
}

/** A policy over every pod of a namespace. `rules`: further fields of its spec. */
export function defaultPolicy(seed: number, namespace: string, name: string, rules: Body): KubeObject {
  return kubeObject(
    seed,
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      namespace,
      name,
      createdAt: censusTime - 300 * dayMs,
      writers: [kubectl],
    },
    { spec: { podSelector: {}, policyTypes: ['Ingress'], ...rules } },
  );
}
