/**
 * Life in a cluster, at random: applications come, scale, roll out, change their labels and go; definitions come and go with their objects; and
 * now and then the API server dies, hangs, or forgets its history. The same seed makes the same choices (not the same cluster: time passes).
 */
import type { Random } from '../support/random.ts';
import { type Login, send } from './client.ts';
import type { Cluster } from './components/kubernetes.ts';
import { podSpec } from './workloads.ts';

export interface ChurnCounts {
  /** Requests that the API server took. */
  taken: number;
  /** Requests that it did not: it was away, or the object was. */
  refused: number;
  restarts: number;
  compactions: number;
  hangs: number;
}

export interface ChurnOptions {
  readonly random: Random;
  /** Applications at a time, about. */
  readonly apps: number;
  /** Requests a second, about. */
  readonly rate: number;
  /** Seconds between two disturbances of the API server, about. */
  readonly disturbEvery: number;
}

interface App {
  readonly namespace: string;
  readonly name: string;
  readonly kind: 'Deployment' | 'StatefulSet' | 'Job';
}

const NAMESPACES = ['soak-a', 'soak-b', 'soak-c'];
const TIERS = ['gold', 'silver', 'bronze'];
const GROUP = 'soak.example.com';
const PLURALS: Readonly<Record<App['kind'], string>> = {
  Deployment: '/apis/apps/v1/namespaces/*/deployments',
  StatefulSet: '/apis/apps/v1/namespaces/*/statefulsets',
  Job: '/apis/batch/v1/namespaces/*/jobs',
};

export class Churn {
  readonly counts: ChurnCounts = { taken: 0, refused: 0, restarts: 0, compactions: 0, hangs: 0 };
  readonly #cluster: Cluster;
  readonly #login: Login;
  readonly #options: ChurnOptions;
  readonly #apps: App[] = [];
  /** Definitions that are there. */
  readonly #definitions: string[] = [];
  #serial = 0;

  constructor(cluster: Cluster, options: ChurnOptions) {
    this.#cluster = cluster;
    this.#login = cluster.login();
    this.#options = options;
  }

  /** Until the signal fires; the API server runs when it returns. */
  async run(stop: AbortSignal): Promise<void> {
    for (const name of NAMESPACES) await this.#create('/api/v1/namespaces', 'v1', 'Namespace', { metadata: { name } });
    await Promise.all([this.#live(stop), this.#disturb(stop)]);
  }

  async #live(stop: AbortSignal): Promise<void> {
    const { random, rate } = this.#options;
    while (!stop.aborted) {
      await this.#step();
      await pause((1000 / rate) * 2 * random.next(), stop);
    }
  }

  async #disturb(stop: AbortSignal): Promise<void> {
    const { random, disturbEvery } = this.#options;
    for (;;) {
      await pause(disturbEvery * 1000 * (0.5 + random.next()), stop);
      if (stop.aborted) return;
      await random.pick([
        () => this.#kill(stop),
        () => this.#kill(stop),
        () => this.#forget(),
        () => this.#hang(stop),
        () => this.#compact(),
      ])();
    }
  }

  async #kill(stop: AbortSignal): Promise<void> {
    this.counts.restarts++;
    await this.#cluster.kill('apiserver');
    await pause(10_000 * this.#options.random.next(), stop);
    await this.#cluster.start('apiserver');
  }

  async #forget(): Promise<void> {
    this.counts.restarts++;
    this.counts.compactions++;
    await this.#cluster.forget();
  }

  async #compact(): Promise<void> {
    this.counts.compactions++;
    await this.#cluster.compact();
  }

  async #hang(stop: AbortSignal): Promise<void> {
    this.counts.hangs++;
    await this.#cluster.kill('apiserver', 'SIGSTOP');
    await pause(15_000 * this.#options.random.next(), stop);
    await this.#cluster.kill('apiserver', 'SIGCONT');
  }

  async #step(): Promise<void> {
    const { random, apps } = this.#options;
    const app = this.#apps.length === 0 ? undefined : random.pick(this.#apps);
    if (app === undefined || random.chance(this.#apps.length < apps ? 0.35 : 0.05)) return this.#deploy();
    const lot = random.next();
    if (lot < 0.25) return this.#scale(app);
    if (lot < 0.4) return this.#rollOut(app);
    if (lot < 0.55) return this.#relabel(app);
    if (lot < 0.65) return this.#replaceConfig(app);
    if (lot < 0.75) return this.#deletePods(app);
    if (lot < 0.85) return this.#remove(app);
    if (lot < 0.93) return this.#custom();
    return this.#define();
  }

  /** Under a name that was there before, every third time. */
  async #deploy(): Promise<void> {
    const { random } = this.#options;
    const namespace = random.pick(NAMESPACES);
    const name = `app-${random.chance(0.3) ? random.int(this.#serial + 1) : ++this.#serial}`;
    const kind = random.pick<App['kind']>(['Deployment', 'Deployment', 'Deployment', 'StatefulSet', 'Job']);
    if (this.#apps.some((app) => app.name === name && app.namespace === namespace)) return;
    const app = { namespace, name, kind };
    this.#apps.push(app);
    const metadata = { name, namespace, labels: { app: name, tier: random.pick(TIERS) } };
    const core = `/api/v1/namespaces/${namespace}`;
    await this.#create(`${core}/configmaps`, 'v1', 'ConfigMap', { metadata, data: { mode: 'soak' } });
    // Now and then the Secret is missing.
    if (random.chance(0.8)) {
      await this.#create(`${core}/secrets`, 'v1', 'Secret', {
        metadata,
        stringData: { password: `p-${this.#serial}` },
      });
    }
    const selector = random.chance(0.7) ? { app: name } : { tier: metadata.labels.tier };
    await this.#create(`${core}/services`, 'v1', 'Service', { metadata, spec: { selector, ports: [{ port: 80 }] } });
    const apiVersion = kind === 'Job' ? 'batch/v1' : 'apps/v1';
    await this.#create(collection(app), apiVersion, kind, { metadata, spec: this.#specOf(app, metadata.labels) });
  }

  #specOf({ name, kind }: App, labels: object): object {
    const { random } = this.#options;
    const container = {
      ...podSpec.containers[0],
      envFrom: [
        { secretRef: { name } },
        { configMapRef: { name: `app-${random.int(this.#serial + 1)}`, optional: true } },
      ],
    };
    const volumes = [{ name: 'config', configMap: { name } }];
    const spec = { ...podSpec, nodeSelector: { type: 'kwok' }, containers: [container], volumes };
    const template = { metadata: { labels }, spec };
    if (kind === 'Job')
      return { completions: 3, parallelism: 2, template: { ...template, spec: { ...spec, restartPolicy: 'Never' } } };
    const selector = { matchLabels: { app: name } };
    const replicas = 1 + random.int(5);
    if (kind === 'Deployment') return { replicas, selector, template };
    const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } };
    const volumeClaimTemplates = random.chance(0.5) ? [{ metadata: { name: 'data' }, spec: claim }] : [];
    return { replicas, selector, serviceName: name, template, volumeClaimTemplates };
  }

  async #scale(app: App): Promise<void> {
    if (app.kind === 'Job') return this.#patch(itemOf(app), { spec: { parallelism: this.#options.random.int(4) } });
    await this.#patch(itemOf(app), { spec: { replicas: this.#options.random.int(12) } });
  }

  async #rollOut(app: App): Promise<void> {
    if (app.kind === 'Job') return;
    const annotations = { 'soak.example.com/rollout': String(++this.#serial) };
    await this.#patch(itemOf(app), { spec: { template: { metadata: { annotations } } } });
  }

  /** Of the application, of its pods through the template, of a namespace; or what a Service selects. */
  async #relabel(app: App): Promise<void> {
    const { random } = this.#options;
    const tier = random.pick(TIERS);
    const labels = { tier };
    const service = `/api/v1/namespaces/${app.namespace}/services/${app.name}`;
    await random.pick([
      () => this.#patch(itemOf(app), { metadata: { labels } }),
      () => this.#patch(itemOf(app), app.kind === 'Job' ? {} : { spec: { template: { metadata: { labels } } } }),
      () =>
        this.#patch(service, {
          spec: { selector: random.chance(0.5) ? { app: app.name, tier: null } : { app: null, tier } },
        }),
      () => this.#patch(`/api/v1/namespaces/${app.namespace}`, { metadata: { labels } }),
    ])();
  }

  /** Deletes and makes again at once: another uid under the same name. */
  async #replaceConfig({ namespace, name }: App): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    await this.#send('DELETE', `${path}/${name}`);
    if (this.#options.random.chance(0.8)) {
      await this.#create(path, 'v1', 'ConfigMap', {
        metadata: { name, namespace },
        data: { serial: String(++this.#serial) },
      });
    }
  }

  async #deletePods({ namespace, name }: App): Promise<void> {
    await this.#send('DELETE', `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${name}&gracePeriodSeconds=0`);
  }

  async #remove(app: App): Promise<void> {
    const { random } = this.#options;
    const propagationPolicy = random.pick(['Background', 'Background', 'Foreground', 'Orphan']);
    this.#apps.splice(this.#apps.indexOf(app), 1);
    await this.#send('DELETE', itemOf(app), { propagationPolicy });
    const core = `/api/v1/namespaces/${app.namespace}`;
    for (const plural of ['services', 'secrets', 'configmaps'])
      await this.#send('DELETE', `${core}/${plural}/${app.name}`);
    // What was orphaned, and the claims of StatefulSets, would pile up.
    if (random.chance(0.7)) {
      const selector = `labelSelector=app%3D${app.name}`;
      await this.#send('DELETE', `/apis/apps/v1/namespaces/${app.namespace}/replicasets?${selector}`);
      await this.#send('DELETE', `${core}/pods?${selector}`);
      await this.#send('DELETE', `${core}/persistentvolumeclaims?${selector}`);
    }
  }

  /** A definition comes, or goes with everything of its kind. */
  async #define(): Promise<void> {
    const { random } = this.#options;
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const name = `things${random.int(6)}`;
    const known = this.#definitions.indexOf(name);
    if (known >= 0) {
      this.#definitions.splice(known, 1);
      return this.#send('DELETE', `${path}/${name}.${GROUP}`);
    }
    this.#definitions.push(name);
    const kind = `Thing${name.slice(-1)}`;
    await this.#create(path, 'apiextensions.k8s.io/v1', 'CustomResourceDefinition', {
      metadata: { name: `${name}.${GROUP}` },
      spec: {
        group: GROUP,
        scope: random.chance(0.7) ? 'Namespaced' : 'Cluster',
        names: { plural: name, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    });
  }

  async #custom(): Promise<void> {
    const { random } = this.#options;
    if (this.#definitions.length === 0) return this.#define();
    const plural = random.pick(this.#definitions);
    const namespace = random.pick(NAMESPACES);
    const name = `thing-${random.int(20)}`;
    const path = `/apis/${GROUP}/v1/namespaces/${namespace}/${plural}`;
    if (random.chance(0.3)) return this.#send('DELETE', `${path}/${name}`);
    await this.#create(path, `${GROUP}/v1`, `Thing${plural.slice(-1)}`, {
      metadata: { name, namespace },
      spec: { configMapRef: { name: `app-${random.int(this.#serial + 1)}` } },
    });
  }

  #create(path: string, apiVersion: string, kind: string, rest: object): Promise<void> {
    return this.#send('POST', path, { apiVersion, kind, ...rest });
  }

  #patch(path: string, body: object): Promise<void> {
    return this.#send('PATCH', path, body);
  }

  /** Whether the server takes it is its business; that it answers is not needed either. */
  async #send(method: string, path: string, body?: object): Promise<void> {
    const taken = await send(this.#login, path, { method, body, stop: AbortSignal.timeout(5_000) }).then(
      (response) => {
        response.resume();
        return (response.statusCode ?? 500) < 300;
      },
      () => false,
    );
    this.counts[taken ? 'taken' : 'refused']++;
  }
}

function collection({ kind, namespace }: App): string {
  return PLURALS[kind].replace('*', namespace);
}

function itemOf(app: App): string {
  return `${collection(app)}/${app.name}`;
}

/** Sleeps, or returns early when the signal fires. */
function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const over = (): void => resolve();
  stop.addEventListener('abort', over, { once: true });
  if (stop.aborted) resolve();
  return promise.finally(() => {
    clearTimeout(timer);
    stop.removeEventListener('abort', over);
  });
}
