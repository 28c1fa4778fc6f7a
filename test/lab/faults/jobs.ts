/** Jobs that fail, for reasons of their own and of others. */
import type { Case } from '../fault.ts';
import { all, condition, container, object, patch } from '../fault.ts';
import { configMap, cronJob, job, secret, served, variableFrom } from '../manifests.ts';

const failed = condition('Job', '', 'Failed', 'True');
const reasons = ['command', 'job', 'crash', 'application', 'template', 'exit', 'args'];

export const jobFaults: readonly Case[] = [
  {
    id: 'job-command-fails',
    family: 'job',
    row: 'RUN-19',
    namespaces: ['weighbridge'],
    before: served('weighbridge', 'scales'),
    inject: [
      {
        apply: [
          job(
            'weighbridge',
            'monthly-totals',
            { command: ['sh', '-c', 'echo reading /data/totals.csv; cat /data/totals.csv'] },
            { backoffLimit: 1 },
          ),
        ],
      },
    ],
    shows: failed,
    label: { root: 'Job/weighbridge/monthly-totals', reasons: [...reasons, 'file'] },
    patience: 150,
  },
  {
    id: 'cron-command-edited',
    family: 'job',
    row: 'RUN-19',
    namespaces: ['planting'],
    before: [cronJob('planting', 'watering', { command: ['app', 'work', '-every=1s'] })],
    inject: [
      patch('cronjob/watering', {
        spec: {
          jobTemplate: {
            spec: { template: { spec: { containers: [{ name: 'watering', command: ['app', 'wrok'] }] } } },
          },
        },
      }),
    ],
    shows: failed,
    label: { root: 'CronJob/planting/watering', reasons },
    patience: 180,
    linger: 30,
  },
  {
    id: 'cron-secret-deleted',
    family: 'job',
    row: 'CFG-1',
    namespaces: ['payroll'],
    before: [
      secret('payroll', 'bank-login', { pin: 'four-8-fifteen' }),
      cronJob('payroll', 'transfers', {
        command: ['app', 'work', '-need=PIN'],
        env: [variableFrom('PIN', 'secretKeyRef', 'bank-login', 'pin')],
      }),
    ],
    inject: [{ kubectl: ['delete', 'secret', 'bank-login'] }],
    shows: container('transfers-', /^CreateContainerConfigError$/),
    label: { root: 'Secret/payroll/bank-login', reasons: ['secret', 'missing', 'deleted'] },
    patience: 120,
    linger: 50,
  },
  {
    id: 'job-takes-too-long',
    family: 'job',
    row: 'RUN-19',
    namespaces: ['census-office'],
    before: served('census-office', 'forms'),
    inject: [
      {
        apply: [
          job(
            'census-office',
            'tally',
            { command: ['sh', '-c', 'echo tallying; sleep 600'] },
            { activeDeadlineSeconds: 20 },
          ),
        ],
      },
    ],
    shows: failed,
    label: { root: 'Job/census-office/tally', reasons: ['deadline', 'job', 'time', 'slow'] },
    patience: 90,
  },
  {
    id: 'job-settings-broken',
    family: 'job',
    row: 'CFG-3',
    namespaces: ['telegraph'],
    before: [
      configMap('telegraph', 'relay', { MODE: 'fast' }),
      cronJob('telegraph', 'relay', {
        command: [
          'sh',
          '-c',
          'case $MODE in fast|standard) echo relayed;; *) echo "ERROR unsupported mode: $MODE"; exit 1;; esac',
        ],
        env: [variableFrom('MODE', 'configMapKeyRef', 'relay', 'MODE')],
      }),
    ],
    inject: [patch('configmap/relay', { data: { MODE: 'faster' } }, 'merge')],
    shows: all(
      failed,
      object('Job', 'relay-', () => true),
    ),
    label: { root: 'ConfigMap/telegraph/relay', reasons: ['config'] },
    patience: 180,
    linger: 30,
  },
  {
    id: 'cron-image-missing',
    family: 'job',
    row: 'IMG-1',
    namespaces: ['greenhouse'],
    before: [cronJob('greenhouse', 'misting', { command: ['sh', '-c', 'echo misted'] })],
    inject: [
      patch('cronjob/misting', {
        spec: {
          jobTemplate: {
            spec: { template: { spec: { containers: [{ name: 'misting', image: 'registry.local/app:20' }] } } },
          },
        },
      }),
    ],
    shows: container('misting-', /ImagePull/),
    label: { root: 'CronJob/greenhouse/misting', reasons: ['image', 'pull'] },
    patience: 120,
  },
];
