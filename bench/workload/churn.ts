/**
 * What happens in a busy cluster, as an endless series of actions on the census, each with the changes that a watcher sees.
 * Consistent: every uid, owner and reference is that of the object as it then is, names come back with new uids, and what was
 * deleted is not changed again. Deterministic for census and random source.
 */

import type { Change, KubeObject } from '../../src/model/change.ts';
import type { Random } from '../../test/support/random.ts';
import type { Census } from '../workload.ts';
import { type App, appOf, cronApp, type JobFacts, jobFacts, jobsPerCron as jobsKept, ownConfigMaps } from './apps.ts';
import { cronJobAt, job } from './batch.ts';
import { configMap, secret } from './configuration.ts';
import { LiveApp } from './live-app.ts';
import { minuteMs } from './names.ts';
import { lease, node } from './nodes.ts';
import { appOfShare, at, type Plan, partOf } from './plan.ts';
import { firstJobPod, pod as makePod, type PodFacts, podOfJob } from './pods.ts';
import { Recorder } from './recorder.ts';
import { autoscaler } from './workloads.ts';

/** What happens, and how often relative to the rest. Leases and statuses lead, as they do in clusters. */
const weights = {
  'lease renewed': 300,
  'node status': 60,
  'pod status': 250,
  'autoscaler status': 80,
  'deployment relabelled': 20,
  'config edited': 30,
  'secret rotated': 30,
  'cron run': 50,
  'rolled out': 40,
  scaled: 40,
  'pod isolated': 10,
  'config recreated': 10,
  'secret lost or found': 10,
  'uninstalled or installed': 5,
} as const;

export type Action = keyof typeof weights;

const actions = Object.keys(weights) as Action[];
const allWeights = Object.values(weights).reduce((sum: number, weight) => sum + weight, 0);

export interface Happening {
  readonly action: Action;
  readonly changes: readonly Change[];
}

/** Endless; `changes` of a happening is rarely empty (nothing to scale, nobody to isolate). */
export function* churn(census: Census, random: Random, cluster = 'bench'): Generator<Happening> {
  const world = new World(census.plan, random, cluster);
  for (;;) yield world.next();
}

/** The same, one change at a time. */
export function* changesOf(happenings: Iterable<Happening>): Generator<Change> {
  for (const { changes } of happenings) yield* changes;
}

/** A Job with its pod, where that is still there; per CronJob from the newest to the oldest. */
interface Run {
  readonly job: JobFacts;
  readonly pod: PodFacts | undefined;
}

/** Makes the ConfigMap or Secret of an application; another seed gives the same name another uid. */
type Make = (seed: number, app: App, edit: number) => KubeObject;

/** How a ConfigMap or Secret stands by now. */
interface Held {
  readonly seed: number;
  readonly edit: number;
  readonly gone: boolean;
}

/** What differs from the census by now. */
class World {
  readonly #plan: Plan;
  readonly #random: Random;
  readonly #recorder: Recorder;
  readonly #apps = new Map<number, LiveApp>();
  readonly #jobs = new Map<number, Run[]>();
  readonly #holdings = new Map<string, Held>();
  readonly #isolated: KubeObject[] = [];
  /** Applications that are uninstalled, and those whose Secret is gone. */
  readonly #uninstalled = new Set<number>();
  readonly #lost = new Set<number>();

  constructor(plan: Plan, random: Random, cluster: string) {
    this.#plan = plan;
    this.#random = random;
    this.#recorder = new Recorder(cluster, plan.seed);
  }

  next(): Happening {
    const action = this.#draw();
    this.#perform[action]();
    return { action, changes: this.#recorder.take() };
  }

  #draw(): Action {
    let left = this.#random.int(allWeights);
    for (const action of actions) {
      left -= weights[action];
      if (left < 0) return action;
    }
    return 'lease renewed';
  }

  readonly #perform: Readonly<Record<Action, () => void>> = {
    'lease renewed': () => {
      const index = this.#random.int(this.#plan.counts.Node);
      this.#recorder.apply(lease(this.#plan.seed, index, { at: this.#recorder.now }));
    },
    'node status': () => this.#nodeStatus(),
    'pod status': () => this.#busyApp()?.flip(this.#recorder, this.#random),
    'autoscaler status': () => this.#autoscaler(),
    'deployment relabelled': () =>
      this.#someApp()?.relabel(this.#recorder, this.#random.pick(['stable', 'beta', 'lts'])),
    'config edited': () => this.#edit(this.#someConfig(), configMap),
    'secret rotated': () => this.#edit(this.#someSecret(), secret),
    'cron run': () => this.#runCron(),
    'rolled out': () => this.#someApp()?.rollOut(this.#recorder),
    scaled: () => this.#scale(),
    'pod isolated': () => this.#isolate(),
    'config recreated': () => this.#recreate(this.#someConfig(), configMap),
    'secret lost or found': () => this.#loseOrFind(this.#again(this.#lost) ?? this.#someSecret(), secret),
    'uninstalled or installed': () =>
      this.#comeOrGo(this.#again(this.#uninstalled) ?? this.#random.int(this.#plan.counts.Deployment)),
  };

  #app(index: number): LiveApp {
    let app = this.#apps.get(index);
    if (app === undefined) {
      app = new LiveApp(this.#plan, index);
      this.#apps.set(index, app);
    }
    return app;
  }

  #someApp(): LiveApp | undefined {
    const app = this.#app(this.#random.int(this.#plan.counts.Deployment));
    return app.installed ? app : undefined;
  }

  /** Weighted by pods: what has many changes often. */
  #busyApp(): LiveApp | undefined {
    const { appPodsBefore, counts } = this.#plan;
    const app = this.#app(partOf(appPodsBefore, this.#random.int(at(appPodsBefore, counts.Deployment))));
    return app.installed ? app : undefined;
  }

  #nodeStatus(): void {
    const index = this.#random.int(this.#plan.counts.Node);
    const failing = this.#random.chance(0.03);
    const object = node(this.#plan.seed, index, { at: this.#recorder.now, ready: !failing });
    this.#recorder.apply(object);
    if (failing)
      this.#recorder.event(
        object,
        'Normal',
        'NodeNotReady',
        `Node ${object.metadata.name} status is now: NodeNotReady`,
      );
  }

  #autoscaler(): void {
    const count = this.#plan.counts.HorizontalPodAutoscaler;
    const index = appOfShare(this.#plan, count, this.#random.int(count));
    const app = appOf(this.#plan, index);
    const replicas = this.#apps.get(index)?.replicas ?? app.replicas;
    this.#recorder.apply(autoscaler(this.#plan.seed, app, replicas, 20 + this.#random.int(80)));
  }

  #scale(): void {
    const app = this.#someApp();
    app?.scaleTo(this.#recorder, Math.max(0, app.replicas + this.#random.pick([-2, -1, 1, 1, 2])));
  }

  #isolate(): void {
    const earlier = this.#isolated.length > 5 ? this.#isolated.shift() : undefined;
    if (earlier !== undefined) this.#recorder.remove(earlier);
    const pod = this.#busyApp()?.isolate(this.#recorder, this.#random);
    if (pod !== undefined) this.#isolated.push(pod);
  }

  #comeOrGo(index: number): void {
    const app = this.#app(index);
    if (app.installed) {
      app.uninstall(this.#recorder);
      this.#uninstalled.add(index);
    } else {
      app.install(this.#recorder);
      this.#uninstalled.delete(index);
    }
  }

  /** Half of the time, one of what is gone; so that as much comes back as goes. */
  #again(gone: ReadonlySet<number>): number | undefined {
    return gone.size > 0 && this.#random.chance(0.5) ? this.#random.pick([...gone]) : undefined;
  }

  #someConfig(): number {
    const count = ownConfigMaps(this.#plan);
    return appOfShare(this.#plan, count, this.#random.int(count));
  }

  #someSecret(): number {
    return appOfShare(this.#plan, this.#plan.appSecrets, this.#random.int(this.#plan.appSecrets));
  }

  #held(app: number, make: Make): Held {
    return this.#holdings.get(`${make.name}/${app}`) ?? { seed: this.#plan.seed, edit: 0, gone: false };
  }

  #hold(app: number, make: Make, held: Held): void {
    this.#holdings.set(`${make.name}/${app}`, held);
  }

  #edit(app: number, make: Make): void {
    const held = this.#held(app, make);
    if (held.gone) return;
    this.#hold(app, make, { ...held, edit: held.edit + 1 });
    this.#recorder.apply(make(held.seed, appOf(this.#plan, app), held.edit + 1));
  }

  #loseOrFind(app: number, make: Make): void {
    if (this.#held(app, make).gone) {
      this.#find(app, make);
      this.#lost.delete(app);
    } else {
      this.#lose(app, make);
      this.#lost.add(app);
    }
  }

  #recreate(app: number, make: Make): void {
    if (this.#held(app, make).gone) return;
    this.#lose(app, make);
    this.#find(app, make);
  }

  #lose(app: number, make: Make): void {
    const held = this.#held(app, make);
    this.#hold(app, make, { ...held, gone: true });
    this.#recorder.remove(make(held.seed, appOf(this.#plan, app), held.edit));
  }

  /** Back under its name with another uid. */
  #find(app: number, make: Make): void {
    const held = this.#held(app, make);
    const found = { ...held, seed: held.seed + 1_000_003, gone: false };
    this.#hold(app, make, found);
    this.#recorder.apply(make(found.seed, appOf(this.#plan, app), held.edit), true);
  }

  /** A CronJob fires: a Job and its pod appear and end, the oldest Job beyond the history limit goes with its pod. */
  #runCron(): void {
    const { counts } = this.#plan;
    const index = this.#random.int(counts.CronJob);
    const runs = this.#jobs.get(index) ?? this.#censusRuns(index);
    this.#jobs.set(index, runs);
    const app = cronApp(this.#plan, index);
    const minute = Math.floor(this.#recorder.now / minuteMs) + this.#recorder.count;
    const run = {
      app,
      name: `${app.name}-${minute}`,
      cron: true,
      failed: this.#random.chance(0.1),
      createdAt: this.#recorder.now,
    };
    const pod = podOfJob(this.#plan, run, 1_000_000 + this.#recorder.count);
    this.#recorder.apply(job(this.#plan.seed, { ...run, running: true }), true);
    this.#recorder.apply(makePod(this.#plan.seed, { ...pod, state: 'Pending' }), true);
    this.#recorder.apply(makePod(this.#plan.seed, { ...pod, state: 'Running' }));
    this.#recorder.apply(makePod(this.#plan.seed, pod));
    this.#recorder.apply(job(this.#plan.seed, run));
    this.#recorder.apply(cronJobAt(this.#plan, index));
    runs.unshift({ job: run, pod });
    const oldest = runs.length > jobsKept ? runs.pop() : undefined;
    if (oldest === undefined) return;
    if (oldest.pod !== undefined) this.#recorder.remove(makePod(this.#plan.seed, oldest.pod));
    this.#recorder.remove(job(this.#plan.seed, oldest.job));
  }

  /** The Jobs of a CronJob at the census, from the newest to the oldest. */
  #censusRuns(index: number): Run[] {
    const { counts, jobPods } = this.#plan;
    const runs: Run[] = [];
    for (let at = index; at < counts.Job && runs.length < jobsKept; at += counts.CronJob) {
      const facts = jobFacts(this.#plan, at);
      const pod = at < jobPods ? podOfJob(this.#plan, facts, firstJobPod(this.#plan) + at) : undefined;
      runs.push({ job: facts, pod });
    }
    return runs;
  }
}
