/**
 * A real node: containerd with runc, kubelet and kube-proxy, on a machine of its own. Images are made here, no registry is reached:
 * `registry.local/app:1` is busybox; use `imagePullPolicy: IfNotPresent`. Pulling anything else fails, as it does for a wrong name.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { built } from '../build.ts';
import { get } from '../client.ts';
import { listening, type Program, run } from '../runner.ts';
import { dnsAddress } from './coredns.ts';
import { kubeconfigOf, loginOf, type Site } from './site.ts';

export const pauseImage = 'registry.local/pause:1';
export const podNetwork = '10.244.0.0/24';

const socket = '/run/containerd/containerd.sock';

export async function containerd({ directory, machine }: Site): Promise<Program> {
  const home = await built('containerd');
  const config = join(directory, 'containerd.toml');
  await writeFile(config, containerdConfig(directory, await built('cni')));
  await writeFile(join(directory, 'network', 'pods.conflist'), JSON.stringify(podNetworkConfig));
  return {
    name: 'containerd',
    // containerd looks for its shim and for runc on the path
    argv: [
      'env',
      `PATH=${home}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      'containerd',
      '--config',
      config,
    ],
    ready: async () => (await run(machine.command([join(home, 'ctr'), 'version']))) !== '',
  };
}

/** Loads an image file, under more names if wanted. */
export async function loadImage(
  { machine }: Site,
  file: string,
  name: string,
  aliases: readonly string[] = [],
): Promise<void> {
  const ctr = join(await built('containerd'), 'ctr');
  const images = (...args: string[]): Promise<string> =>
    run(machine.command([ctr, '--namespace=k8s.io', 'images', ...args]));
  await images('import', file);
  for (const alias of aliases) await images('tag', '--force', name, alias);
}

const podNetworkConfig = {
  cniVersion: '1.0.0',
  name: 'pods',
  plugins: [
    {
      type: 'ptp',
      ipMasq: false,
      ipam: {
        type: 'host-local',
        dataDir: '/run/cni',
        ranges: [[{ subnet: podNetwork }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
};

function containerdConfig(directory: string, plugins: string): string {
  const runtime = "plugins.'io.containerd.cri.v1.runtime'";
  return `version = 3
root = "${join(directory, 'containerd')}"
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = "${pauseImage}"
[plugins.'io.containerd.cri.v1.images'.registry]
  config_path = "${join(directory, 'registries')}"
[${runtime}]
  restrict_oom_score_adj = true
[${runtime}.cni]
  bin_dirs = ["${plugins}"]
  conf_dir = "${join(directory, 'network')}"
[${runtime}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[${runtime}.containerd.runtimes.runc.options]
  SystemdCgroup = false
`;
}

export async function kubelet(site: Site, node: string, controlGroup: string): Promise<Program> {
  const { directory, machine } = site;
  const config = join(directory, 'kubelet.yaml');
  await writeFile(join(directory, 'resolv.conf'), '');
  await writeFile(config, stringify(kubeletConfig(machine.address, join(directory, 'resolv.conf'), controlGroup)));
  return {
    name: 'kubelet',
    argv: [
      join(await built('kubernetes'), 'kubelet'),
      `--config=${config}`,
      `--kubeconfig=${kubeconfigOf(site)}`,
      `--hostname-override=${node}`,
      `--node-ip=${machine.address}`,
    ],
    ready: async () => {
      if (!(await listening(machine.address, 10248))) return false;
      const { status } = await get<NodeObject>(loginOf(site, 'admin'), `/api/v1/nodes/${node}`);
      return status.conditions.some(({ type, status: is }) => type === 'Ready' && is === 'True');
    },
  };
}

interface NodeObject {
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] };
}

function kubeletConfig(address: string, resolvConf: string, cgroupRoot: string): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address,
    healthzBindAddress: address,
    // Reached from this machine and from the node's pods only, so the API server needs no certificate to ask for logs.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot,
    failCgroupV1: false,
    failSwapOn: false,
    containerRuntimeEndpoint: `unix://${socket}`,
    enforceNodeAllocatable: [],
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%' },
    resolvConf,
    clusterDNS: [dnsAddress],
    clusterDomain: 'cluster.local',
  };
}

export async function kubeProxy(site: Site, node: string): Promise<Program> {
  return {
    name: 'kube-proxy',
    argv: [
      join(await built('kubernetes'), 'kube-proxy'),
      `--kubeconfig=${kubeconfigOf(site)}`,
      `--hostname-override=${node}`,
      '--proxy-mode=iptables',
      `--cluster-cidr=${podNetwork}`,
      '--bind-address-hard-fail=false',
      '--conntrack-max-per-core=0',
      '--conntrack-min=0',
      '--conntrack-tcp-timeout-established=0',
      '--conntrack-tcp-timeout-close-wait=0',
      '--healthz-bind-address=127.0.0.1:10256',
      '--metrics-bind-address=127.0.0.1:10249',
    ],
  };
}
