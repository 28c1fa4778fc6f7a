/** CronJobs and the Jobs they leave behind. */
import type { KubeObject } from '../../src/model/change.ts';
import { cronApp, type JobFacts, jobFacts } from './apps.ts';
import { minuteMs, timestamp } from './names.ts';
import { type Body, controller, controllerStatus, helm, kubeObject } from './object.ts';
import type { Plan } from './plan.ts';
import { podTemplate } from './pod-template.ts';
import { appIdentity, templateBody } from './workloads.ts';

const schedules = ['*/5 * * * *', '0 * * * *', '30 2 * * *', '15 4 * * 1'];

export function cronJobAt(plan: Plan, index: number): KubeObject {
  const app = cronApp(plan, index);
  const template = podTemplate(plan.seed, app, { revision: 1, restartPolicy: 'Never' });
  return kubeObject(
    plan.seed,
    { ...appIdentity(plan.seed, app, 'batch/v1', 'CronJob'), writers: [helm, controllerStatus] },
    {
      spec: {
        schedule: schedules[index % schedules.length],
        concurrencyPolicy: 'Forbid',
        suspend: index % 17 === 0,
        jobTemplate: { metadata: { labels: app.labels }, spec: { backoffLimit: 2, template: templateBody(template) } },
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 1,
      },
      status: { lastScheduleTime: '2026-11-19T23:55:00Z', lastSuccessfulTime: '2026-11-19T23:55:42Z' },
    },
  );
}

export function job(seed: number, facts: JobFacts): KubeObject {
  const { app, name, cron, createdAt } = facts;
  const uidLabels = { 'batch.kubernetes.io/job-name': name, 'job-name': name };
  const template = podTemplate(seed, app, { revision: 1, restartPolicy: 'Never' });
  return kubeObject(
    seed,
    {
      ...appIdentity(seed, app, 'batch/v1', 'Job'),
      name,
      createdAt,
      labels: { ...app.labels, ...uidLabels },
      ...(cron ? { owner: { apiVersion: 'batch/v1', kind: 'CronJob', name: app.name, namespace: app.namespace } } : {}),
      writers: [controller, controllerStatus],
    },
    {
      spec: {
        parallelism: 1,
        completions: 1,
        backoffLimit: 2,
        selector: { matchLabels: { 'batch.kubernetes.io/job-name': name } },
        template: templateBody({ ...template, labels: { ...template.labels, ...uidLabels } }),
        completionMode: 'NonIndexed',
        suspend: false,
      },
      status: { startTime: timestamp(createdAt), ready: facts.running ? 1 : 0, ...outcome(facts) },
    },
  );
}

function outcome({ failed, running, createdAt }: JobFacts): Body {
  if (running) return { active: 1 };
  const endedAt = timestamp(createdAt + minuteMs);
  const condition = { type: failed ? 'Failed' : 'Complete', status: 'True', lastTransitionTime: endedAt };
  return { conditions: [condition], ...(failed ? { failed: 3 } : { succeeded: 1, completionTime: endedAt }) };
}

export function jobAt(plan: Plan, index: number): KubeObject {
  return job(plan.seed, jobFacts(plan, index));
}
