import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { PbfWriter } from 'pbf';
import { seededRandom } from '../../../test/support/random.ts';
import type { Change, KubeObject, Occurrence } from '../../model/change.ts';
import type { IntakeContext } from './format.ts';
import { formats } from './index.ts';
import { logsAnswer, logsFromProtobuf } from './otlp-protobuf.ts';

const now = '2026-11-22T10:10:00.000Z';
const context: IntakeContext = { now, clusterOf: (named) => (typeof named === 'string' && named !== '' ? named : 'c') };

function changesOf(name: string, document: unknown, more: Partial<IntakeContext> = {}): readonly Change[] {
  const format = formats.get(name);
  assert.ok(format, name);
  const records = format.records?.(document) ?? [document];
  assert.ok(!('reason' in records), JSON.stringify(records));
  return [...records].flatMap((record) => {
    const said = format.adapt(record, { ...context, ...more });
    assert.ok('changes' in said, JSON.stringify(said));
    return said.changes;
  });
}

function occurrencesOf(name: string, document: unknown): readonly Occurrence[] {
  return changesOf(name, document).map((change) => {
    assert.ok(change.type === 'occur');
    return change.occurrence;
  });
}

function reasonOf(name: string, document: unknown): string {
  const format = formats.get(name);
  const records = format?.records?.(document) ?? [document];
  if ('reason' in records) return records.reason;
  const said = format?.adapt([...records][0], context);
  assert.ok(said && 'reason' in said);
  return said.reason;
}

function objectOf(name: string, document: unknown): KubeObject {
  const [change] = changesOf(name, document);
  assert.ok(change?.type === 'apply');
  return change.object;
}

describe('IN2 an alert', () => {
  const labels = { alertname: 'KubePodNotReady', namespace: 'shop', pod: 'web-1', severity: 'critical' };
  const fires = {
    status: 'firing',
    labels,
    annotations: { summary: 'not ready' },
    startsAt: '2026-11-22T10:00:00Z',
    endsAt: '0001-01-01T00:00:00Z',
    fingerprint: 'f1',
  };
  const group = { version: '4', status: 'firing', receiver: 'r', groupKey: 'g', alerts: [fires] };

  it('that fires is about whom its labels name, since it began', () => {
    const [alert] = occurrencesOf('alertmanager', group);
    assert.deepEqual(alert, {
      id: 'f1:2026-11-22T10:00:00Z',
      source: 'alert',
      subject: { kind: 'Pod', namespace: 'shop', name: 'web-1' },
      severity: 'critical',
      reason: 'KubePodNotReady',
      message: 'not ready',
      occurredAt: '2026-11-22T10:00:00Z',
      attributes: {
        status: 'firing',
        fingerprint: 'f1',
        startsAt: '2026-11-22T10:00:00Z',
        labels,
        annotations: fires.annotations,
        receiver: 'r',
        groupKey: 'g',
      },
    });
  });

  it('that is resolved has the id of the one that fired, and is no trouble', () => {
    const over = { ...fires, status: 'resolved', endsAt: '2026-11-22T10:05:00Z' };
    const [alert] = occurrencesOf('alertmanager', { ...group, status: 'resolved', alerts: [over] });
    assert.equal(alert?.id, 'f1:2026-11-22T10:00:00Z');
    assert.equal(alert?.severity, 'info');
    assert.equal(alert?.message, 'Resolved: not ready');
    assert.equal(alert?.occurredAt, '2026-11-22T10:05:00Z');
    assert.equal(alert?.attributes?.['status'], 'resolved');
  });

  it('of Prometheus itself is over when its end lies behind, and known by its labels', () => {
    const bare = { labels, annotations: {}, startsAt: '2026-11-22T10:00:00Z' };
    const [firing, over] = occurrencesOf('alertmanager', {
      alerts: [
        { ...bare, endsAt: '2026-11-22T10:14:00Z' },
        { ...bare, endsAt: '2026-11-22T10:09:00Z' },
      ],
    });
    assert.equal(firing?.attributes?.['status'], 'firing');
    assert.equal(over?.attributes?.['status'], 'resolved');
    assert.equal(firing?.id, over?.id);
  });

  it('of an unknown severity is a warning; one without a name or labels is none', () => {
    assert.equal(
      occurrencesOf('alertmanager', { alerts: [{ ...fires, labels: { ...labels, severity: 'dreadful' } }] })[0]
        ?.severity,
      'warning',
    );
    assert.match(reasonOf('alertmanager', { alerts: [{ labels: { pod: 'x' } }] }), /alertname/);
    assert.match(reasonOf('alertmanager', { alerts: [{}] }), /no labels/);
    assert.match(reasonOf('alertmanager', { hello: 'world' }), /neither a webhook/);
  });

  it('names the subject that it is about, not who measured it', () => {
    const subjects = [
      [
        { node: 'n1', pod: 'node-exporter-x', namespace: 'monitoring' },
        { kind: 'Node', name: 'n1' },
      ],
      [
        { deployment: 'web', pod: 'kube-state-metrics-1', namespace: 'shop' },
        { kind: 'Deployment', name: 'web', namespace: 'shop' },
      ],
      [{ namespace: 'shop' }, { kind: 'Alert', name: 'A', namespace: 'shop' }],
    ] as const;
    for (const [more, subject] of subjects)
      assert.deepEqual(
        occurrencesOf('alertmanager', { alerts: [{ labels: { alertname: 'A', ...more } }] })[0]?.subject,
        subject,
      );
  });
});

describe('IN3 logs of OpenTelemetry', () => {
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const request = (
    logRecords: readonly object[],
    attributes = [
      text('k8s.pod.name', 'web-1'),
      text('k8s.namespace.name', 'shop'),
      text('k8s.pod.uid', 'u1'),
      text('k8s.deployment.name', 'web'),
    ],
  ) => ({
    resourceLogs: [{ resource: { attributes }, scopeLogs: [{ scope: { name: 'app' }, logRecords }] }],
  });

  it('are about the pod that wrote them, with its uid, before what it belongs to', () => {
    const [log] = occurrencesOf(
      'otlp-logs',
      request([
        {
          timeUnixNano: '1795341600123456789',
          severityNumber: 17,
          body: { stringValue: 'lost' },
          attributes: [{ key: 'n', value: { intValue: '3' } }],
          traceId: 'ab',
        },
      ]),
    );
    assert.deepEqual(log?.subject, { kind: 'Pod', name: 'web-1', namespace: 'shop', uid: 'u1' });
    assert.equal(log?.severity, 'error');
    assert.equal(log?.message, 'lost');
    assert.equal(log?.occurredAt, '2026-11-22T10:00:00.123456Z');
    assert.equal(log?.attributes?.['n'], 3);
    assert.equal(log?.attributes?.['traceId'], 'ab');
  });

  it('tell their severity by number, by text, or by the words of the message', () => {
    const severities = (record: object): unknown =>
      occurrencesOf('otlp-logs', request([{ body: { stringValue: 'x' }, ...record }]))[0]?.severity;
    assert.deepEqual(
      [1, 8, 9, 12, 13, 16, 17, 20, 21, 24].map((severityNumber) => severities({ severityNumber })),
      ['debug', 'debug', 'info', 'info', 'warning', 'warning', 'error', 'error', 'critical', 'critical'],
    );
    assert.equal(severities({ severityNumber: 'SEVERITY_NUMBER_WARN2' }), 'warning');
    assert.equal(severities({ severityText: 'Fatal' }), 'critical');
    assert.equal(severities({ body: { stringValue: '2026-11-22 10:00:00,123 ERROR [main] App - lost' } }), 'error');
  });

  it('have values of every type', () => {
    const body = {
      kvlistValue: {
        values: [
          text('a', 'b'),
          {
            key: 'list',
            value: {
              arrayValue: { values: [{ boolValue: true }, { doubleValue: 1.5 }, { intValue: '9007199254740993' }] },
            },
          },
        ],
      },
    };
    assert.equal(
      occurrencesOf('otlp-logs', request([{ body, severityNumber: 17 }]))[0]?.message,
      '{"a":"b","list":[true,1.5,"9007199254740993"]}',
    );
  });

  it('without anybody who wrote them are none', () => {
    assert.match(reasonOf('otlp-logs', request([{ body: { stringValue: 'x' } }], [])), /who logs/);
  });

  it('say the same in protobuf', () => {
    const bytes = encoded();
    const read = logsFromProtobuf(bytes);
    assert.ok('value' in read, JSON.stringify(read));
    assert.deepEqual(read.value, {
      resourceLogs: [
        {
          resource: { attributes: [text('k8s.pod.name', 'web-1'), text('k8s.namespace.name', 'shop')] },
          scopeLogs: [
            {
              scope: { name: 'app' },
              logRecords: [
                {
                  timeUnixNano: '1795341600123456789',
                  severityNumber: 17,
                  severityText: 'ERROR',
                  body: { stringValue: 'verloren 🐿' },
                  attributes: [
                    { key: 'n', value: { intValue: '-3' } },
                    { key: 'list', value: { arrayValue: { values: [{ boolValue: true }, { doubleValue: 1.5 }] } } },
                  ],
                  traceId: '0102',
                },
              ],
            },
          ],
        },
      ],
    });
    assert.equal(occurrencesOf('otlp-logs', read.value)[0]?.message, 'verloren 🐿');
  });

  it('that are cut off or no protobuf at all are told to be so', () => {
    const bytes = encoded();
    for (let end = 1; end < bytes.length; end++) {
      const read = logsFromProtobuf(bytes.subarray(0, end));
      if ('fault' in read) assert.match(read.fault, /protobuf/);
    }
    assert.ok('fault' in logsFromProtobuf(Buffer.from('{"resourceLogs":[]}')));
    assert.equal(logsAnswer(0, '').length, 0);
    assert.equal(Buffer.from(logsAnswer(2, 'no')).toString('hex'), `0a0608021202${Buffer.from('no').toString('hex')}`);
  });

  function encoded(): Uint8Array {
    const writer = new PbfWriter();
    const message = (tag: number, write: (inner: PbfWriter) => void, to: PbfWriter): void =>
      to.writeMessage(tag, (_: undefined, inner: PbfWriter) => write(inner), undefined);
    const attribute = (tag: number, key: string, value: (inner: PbfWriter) => void, to: PbfWriter): void =>
      message(
        tag,
        (one) => {
          one.writeStringField(1, key);
          message(2, value, one);
        },
        to,
      );
    message(
      1,
      (resourceLogs) => {
        message(
          1,
          (resource) => {
            attribute(1, 'k8s.pod.name', (value) => value.writeStringField(1, 'web-1'), resource);
            attribute(1, 'k8s.namespace.name', (value) => value.writeStringField(1, 'shop'), resource);
          },
          resourceLogs,
        );
        message(
          2,
          (scopeLogs) => {
            message(1, (scope) => scope.writeStringField(1, 'app'), scopeLogs);
            message(
              2,
              (log) => {
                const nanoseconds = 1795341600123456789n;
                log.writeTag(1, 1);
                log.writeFixed32(Number(nanoseconds & 0xffffffffn));
                log.writeFixed32(Number(nanoseconds >> 32n));
                log.writeVarintField(2, 17);
                log.writeStringField(3, 'ERROR');
                message(5, (body) => body.writeStringField(1, 'verloren 🐿'), log);
                attribute(
                  6,
                  'n',
                  (value) => {
                    value.writeTag(3, 0);
                    value.writeVarint(-3);
                  },
                  log,
                );
                attribute(
                  6,
                  'list',
                  (value) =>
                    message(
                      5,
                      (list) => {
                        message(1, (one) => one.writeBooleanField(2, true), list);
                        message(1, (one) => one.writeDoubleField(4, 1.5), list);
                      },
                      value,
                    ),
                  log,
                );
                log.writeBytesField(9, Uint8Array.from([1, 2]));
                log.writeStringField(99, 'from the future');
              },
              scopeLogs,
            );
          },
          resourceLogs,
        );
      },
      writer,
    );
    return writer.finish();
  }
});

describe('IN4 a CloudEvent', () => {
  const event = { specversion: '1.0', id: '1', source: '/ci', type: 'com.example.deployed' };

  it('is an occurrence of what its attributes and its data say', () => {
    const [one] = occurrencesOf('cloudevents', {
      ...event,
      subject: 'Deployment/shop/web',
      time: '2026-11-22T10:00:00Z',
      team: 'blue',
      data: { severity: 'warn', message: 'slow' },
    });
    assert.deepEqual(one, {
      id: '/ci#1',
      source: '/ci',
      subject: { kind: 'Deployment', namespace: 'shop', name: 'web' },
      severity: 'warning',
      reason: 'com.example.deployed',
      message: 'slow',
      occurredAt: '2026-11-22T10:00:00Z',
      attributes: { eventType: 'com.example.deployed', team: 'blue', severity: 'warn', message: 'slow' },
    });
  });

  it('finds its subject in a path of the API, in the data, in labels, or keeps the source for one', () => {
    const subjectOf = (more: object): unknown => occurrencesOf('cloudevents', { ...event, ...more })[0]?.subject;
    assert.deepEqual(subjectOf({ subject: '/apis/v1/namespaces/shop/pods/web-1' }), {
      kind: 'Pod',
      namespace: 'shop',
      name: 'web-1',
    });
    assert.deepEqual(subjectOf({ data: { subject: { kind: 'Pod', name: 'x' } } }), { kind: 'Pod', name: 'x' });
    assert.deepEqual(subjectOf({ data: { pod: 'web-1', namespace: 'shop' } }), {
      kind: 'Pod',
      namespace: 'shop',
      name: 'web-1',
    });
    assert.deepEqual(subjectOf({}), { kind: 'Unknown', name: '/ci' });
  });

  it('may hold an occurrence, or a Kubernetes object', () => {
    const own = { source: 'probe', subject: 'Pod/shop/web-1', severity: 'error' };
    assert.deepEqual(occurrencesOf('cloudevents', { ...event, data: own })[0]?.source, 'probe');
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } };
    const type = 'dev.knative.apiserver.resource.delete';
    assert.equal(
      changesOf('cloudevents', { ...event, type, data_base64: Buffer.from(JSON.stringify(pod)).toString('base64') })[0]
        ?.type,
      'delete',
    );
    assert.match(reasonOf('cloudevents', { ...event, data: pod }), /does not say/);
  });

  it('that lacks what it must have is none', () => {
    for (const lacking of ['id', 'source', 'type', 'specversion'])
      assert.match(reasonOf('cloudevents', { ...event, [lacking]: undefined }), /CloudEvent/);
    assert.match(reasonOf('cloudevents', { ...event, specversion: '0.3' }), /0\.3/);
  });
});

test('IN5 an Event of kubernetes-event-exporter is the Event that the API has', () => {
  const event = {
    metadata: { name: 'e', namespace: 'shop', uid: 'u', managedFields: null },
    reason: 'BackOff',
    type: 'Warning',
    count: 2,
    involvedObject: { kind: 'Pod', name: 'web-1', namespace: 'shop', uid: 'p' },
  };
  const exported = {
    ...event,
    clusterName: 'prod',
    involvedObject: { ...event.involvedObject, labels: { app: 'web' }, annotations: { a: 'b' }, deleted: false },
  };
  assert.deepEqual(changesOf('kubernetes-event', exported)[0], {
    type: 'apply',
    at: now,
    cluster: 'prod',
    object: { ...event, apiVersion: 'v1', kind: 'Event', metadata: { name: 'e', namespace: 'shop', uid: 'u' } },
  });
  assert.equal(
    changesOf('kubernetes-event', { type: 'DELETED', object: { ...event, kind: 'Event' } })[0]?.type,
    'delete',
  );
  const modern = { metadata: { name: 'e' }, regarding: { kind: 'Pod', name: 'x' }, note: 'n' };
  assert.equal(objectOf('kubernetes-event', modern).apiVersion, 'events.k8s.io/v1');
  assert.match(reasonOf('kubernetes-event', { metadata: { name: 'e' } }), /involvedObject/);
  assert.match(reasonOf('kubernetes-event', { kind: 'Pod' }), /no Event/);
});

describe('IN6 a RawEvent', () => {
  const raw = (type: string, data: unknown, more: object = {}) => ({
    timestamp: '2026-11-22T10:00:00Z',
    type,
    source: 'kubelet_collector',
    metadata: { node: 'n1', cluster: 'prod' },
    data,
    ...more,
  });
  const typesOf = (record: object): readonly unknown[] => {
    const [one] = occurrencesOf('raw-event', record);
    return [
      one?.attributes?.['type'],
      one?.severity,
      one?.reason,
      `${one?.subject.kind}/${one?.subject.namespace ?? ''}/${one?.subject.name}`,
    ];
  };

  it('means what its type and its data say', () => {
    const pod = { pod: 'web-1', namespace: 'shop' };
    for (const [record, meaning] of [
      [
        raw('PodStatusUpdate', { ...pod, phase: 'Failed', reason: 'Evicted' }),
        ['pod_failed', 'error', 'Evicted', 'Pod/shop/web-1'],
      ],
      [
        raw('PodStatusUpdate', { ...pod, phase: 'Failed', reason: 'OOMKilled' }),
        ['pod_failed', 'critical', 'OOMKilled', 'Pod/shop/web-1'],
      ],
      [
        raw('PodStatusUpdate', { ...pod, phase: 'Running', containers: [{ name: 'a', restartCount: 2 }] }),
        ['pod_restart', 'warning', 'ContainerRestarted', 'Pod/shop/web-1'],
      ],
      [
        raw('PodStatusUpdate', { ...pod, phase: 'Running', containers: [] }),
        ['pod_status', 'info', 'Running', 'Pod/shop/web-1'],
      ],
      [raw('PodReady', pod), ['pod_ready', 'info', 'PodReady', 'Pod/shop/web-1']],
      [
        raw(
          'NetworkConnection',
          { src_pod: 'web-1', dst_service: 'db', state: 'connection_refused', attempts: 15 },
          { metadata: { namespace: 'shop' } },
        ),
        ['connection_failed', 'error', 'ConnectionFailed', 'Pod/shop/web-1'],
      ],
      [
        raw('NetworkConnection', { src_pod: 'web-1', dst_service: 'db', namespace: 'shop', state: 'no_endpoints' }),
        ['service_unavailable', 'error', 'ServiceUnavailable', 'Service/shop/db'],
      ],
      [
        raw('NetworkPolicy', { ...pod, policy: 'deny' }),
        ['network_policy_violation', 'warning', 'NetworkPolicyViolation', 'Pod/shop/web-1'],
      ],
      [
        raw('ConfigMapUpdate', { name: 'settings', namespace: 'shop' }),
        ['config_changed', 'info', 'ConfigMapChanged', 'ConfigMap/shop/settings'],
      ],
      [
        raw('SecretUpdate', { secret: 'db', namespace: 'shop' }),
        ['secret_changed', 'info', 'SecretChanged', 'Secret/shop/db'],
      ],
      [
        raw('kubelet_disk_pressure', { message: 'disk is full' }),
        ['kubelet_disk_pressure', 'info', 'kubelet_disk_pressure', 'Node//n1'],
      ],
      [raw('constructor', {}), ['constructor', 'info', 'constructor', 'Node//n1']],
    ] as const)
      assert.deepEqual(typesOf(record), meaning);
  });

  it('may be written as Go does, its data in base64 or as text', () => {
    const data = { pod: 'web-1', namespace: 'shop' };
    const told = raw('PodReady', data);
    const [expected] = occurrencesOf('raw-event', told);
    for (const written of [JSON.stringify(data), Buffer.from(JSON.stringify(data)).toString('base64')])
      assert.deepEqual(
        occurrencesOf('raw-event', {
          Timestamp: told.timestamp,
          Type: 'PodReady',
          Source: told.source,
          Metadata: told.metadata,
          Data: written,
        })[0],
        expected,
      );
    assert.match(reasonOf('raw-event', raw('PodReady', 'not json')), /no.* JSON object/);
    assert.match(reasonOf('raw-event', { type: 'PodReady', data: {} }), /nothing .* names/);
    assert.match(reasonOf('raw-event', { data: {} }), /no type/);
  });

  it('is understood as the UnifiedEvent that it becomes', () => {
    const unified = {
      id: 'x',
      type: 'pod_restart',
      timestamp: '2026-11-22T10:00:00Z',
      source: 'kubelet',
      severity: 'high',
      message: 'm',
      K8sContext: { Kind: 'Pod', Name: 'web-1', Namespace: 'shop', ClusterName: 'prod' },
    };
    const [one] = occurrencesOf('unified-event', unified);
    assert.deepEqual(
      [one?.id, one?.subject, one?.severity, one?.attributes?.['type']],
      ['x', { kind: 'Pod', name: 'web-1', namespace: 'shop' }, 'error', 'pod_restart'],
    );
    assert.deepEqual(
      occurrencesOf('unified-event', {
        id: 'y',
        severity: 'low',
        entity: { type: 'pod', name: 'a', namespace: 'b', uid: 'u' },
      })[0]?.subject,
      { kind: 'Pod', name: 'a', namespace: 'b', uid: 'u' },
    );
    assert.match(reasonOf('unified-event', { severity: 'low' }), /neither/);
  });
});

test('IN7 messages of the normalized topics have their source, subject and severity', () => {
  const told = {
    event_id: 'e',
    event_time: '2026-11-22T10:00:00Z',
    severity: 'FATAL',
    reason: 'r',
    message: 'm',
    subject: { kind: 'pod', ns: 'shop', name: 'web-1', uid: '' },
  };
  for (const [format, source] of [
    ['events.normalized', 'event'],
    ['logs.normalized', 'log'],
    ['alerts.enriched', 'alert'],
  ] as const) {
    const [one] = occurrencesOf(format, told);
    assert.deepEqual(
      [one?.id, one?.source, one?.subject, one?.severity],
      ['e', source, { kind: 'Pod', name: 'web-1', namespace: 'shop' }, 'critical'],
    );
  }
  const [log] = occurrencesOf('logs.normalized', {
    severity: 'INFO',
    message: 'x',
    kubernetes: { pod_name: 'a', pod_namespace: 'b', pod_uid: 'u', container_name: 'main' },
  });
  assert.deepEqual(
    [log?.subject, log?.attributes?.['container']],
    [{ kind: 'Pod', name: 'a', namespace: 'b', uid: 'u' }, 'main'],
  );
  const over = occurrencesOf('alerts.enriched', { ...told, message: 'Alert KubePodNotReady is resolved' })[0];
  assert.deepEqual([over?.severity, over?.attributes?.['status']], ['info', 'resolved']);
  assert.equal(
    objectOf('events.normalized', { metadata: { name: 'e' }, involvedObject: { kind: 'Pod', name: 'x' } }).kind,
    'Event',
  );
  assert.match(reasonOf('events.normalized', { ...told, severity: 'dreadful' }), /dreadful/);
  assert.match(reasonOf('events.normalized', { ...told, subject: {} }), /subject/);
});

describe('IN8 state of another watcher', () => {
  it('becomes the object, each field where Kubernetes has it', () => {
    const pod = objectOf('state.k8s.resource', {
      op: 'UPSERT',
      kind: 'Pod',
      uid: 'u',
      namespace: 'shop',
      name: 'web-1',
      labels: { app: 'web' },
      ownerRefs: [{ kind: 'ReplicaSet', name: 'web-a' }],
      node: 'n1',
      podIP: '10.0.0.1',
      image: 'web:1',
      status: { phase: 'Running', restartCount: 4, containerReady: false },
    });
    assert.deepEqual(pod.metadata, {
      name: 'web-1',
      namespace: 'shop',
      uid: 'u',
      labels: { app: 'web' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-a', controller: true }],
    });
    assert.deepEqual(pod['spec'], { nodeName: 'n1', containers: [{ name: 'containers', image: 'web:1' }] });
    assert.deepEqual(pod['status'], {
      phase: 'Running',
      podIP: '10.0.0.1',
      conditions: [{ type: 'Ready', status: 'False' }],
      containerStatuses: [{ name: 'containers', image: 'web:1', ready: false, restartCount: 4 }],
    });
    const service = objectOf('state.k8s.resource', {
      kind: 'service',
      uid: 's',
      namespace: 'shop',
      name: 'web',
      serviceSelector: { app: 'web' },
      serviceIPs: ['10.9.0.1', '10.9.0.1'],
      spec: { type: 'ClusterIP' },
    });
    assert.deepEqual(
      [service.kind, service['spec']],
      ['Service', { type: 'ClusterIP', selector: { app: 'web' }, clusterIPs: ['10.9.0.1'] }],
    );
    assert.deepEqual(
      objectOf('state.k8s.resource', {
        kind: 'Deployment',
        name: 'd',
        replicas: 2,
        spec: { strategy: 'RollingUpdate' },
      })['spec'],
      { strategy: { type: 'RollingUpdate' }, replicas: 2 },
    );
    assert.deepEqual(
      objectOf('state.k8s.resource', { kind: 'DaemonSet', name: 'd', status: { desired: 2, ready: 1, available: 1 } })[
        'status'
      ],
      { desiredNumberScheduled: 2, numberReady: 1, numberAvailable: 1 },
    );
    assert.deepEqual(objectOf('state.k8s.resource', { kind: 'Node', name: 'n', status: { ready: true } })['status'], {
      conditions: [{ type: 'Ready', status: 'True' }],
    });
  });

  it('deletes by a key without a value, by op, and whatever tenant stands before the key', () => {
    const gone = {
      type: 'delete',
      at: now,
      cluster: 'c',
      object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: '', uid: '9f3' } },
    };
    assert.deepEqual(changesOf('state.k8s.resource', null, { key: 'pod:9f3' }), [gone]);
    assert.deepEqual(changesOf('state.k8s.resource', { key: 'af-1::pod:9f3', value: null }), [gone]);
    assert.equal(changesOf('state.k8s.resource', { op: 'DELETE', kind: 'Pod', name: 'x' })[0]?.type, 'delete');
    assert.equal(changesOf('state.k8s.topology', { key: 'edge:a->b', value: null })[0]?.type, 'delete');
    assert.equal(changesOf('state.prom.targets', { key: 'c|job|ns|svc|i', value: null })[0]?.type, 'delete');
    assert.match(reasonOf('state.k8s.resource', null), /neither kind nor a key/);
    assert.match(reasonOf('state.k8s.resource', { kind: 'Gizmo', name: 'x' }), /add apiVersion/);
  });

  it('has edges as links between two named objects', () => {
    const link = objectOf('state.k8s.topology', {
      id: 'edge:1',
      from: 'pod:shop:web-1',
      to: 'node:n1',
      type: 'RUNS_ON',
    });
    assert.deepEqual(link['spec'], {
      type: 'RUNS_ON',
      from: { kind: 'Pod', apiVersion: 'v1', namespace: 'shop', name: 'web-1' },
      to: { kind: 'Node', apiVersion: 'v1', name: 'n1' },
    });
    assert.match(
      reasonOf('state.k8s.topology', { id: 'e', from: 'pod:u', to: 'node:n1', type: 'X' }),
      /from is no reference/,
    );
    assert.match(reasonOf('state.k8s.topology', { id: 'e', from: 'pod:a:b', to: 'node:n1' }), /no type/);
  });

  it('has targets and rules of Prometheus, also as its API answers', () => {
    const answer = {
      status: 'success',
      data: {
        activeTargets: [{ labels: { job: 'web', instance: 'i', namespace: 'shop' }, scrapeUrl: 'u', health: 'up' }],
      },
    };
    const [target] = changesOf('state.prom.targets', answer);
    assert.ok(target?.type === 'apply');
    assert.deepEqual(
      [target.object.metadata.name, target.object['spec'], target.object['status']],
      [
        '|web|shop||i',
        {
          scrapeUrl: 'u',
          job: 'web',
          instance: 'i',
          namespace: 'shop',
          service: 'web',
          labels: { job: 'web', instance: 'i', namespace: 'shop' },
        },
        { health: 'up' },
      ],
    );
    const groups = {
      data: { groups: [{ name: 'g', rules: [{ type: 'alerting', name: 'A', query: 'up == 0', state: 'firing' }] }] },
    };
    assert.equal(objectOf('state.prom.rules', groups).metadata.name, 'g|A');
  });
});

test('IN9 an occurrence without an id is known by its content, and one later than its coming happened when it came', () => {
  const told = {
    source: 's',
    subject: 'Pod/shop/web-1',
    severity: 'error',
    message: 'm',
    time: '2026-11-22T10:00:00+00:00',
  };
  const [one] = occurrencesOf('occurrences', told);
  assert.equal(one?.id, occurrencesOf('occurrences', { ...told })[0]?.id);
  assert.notEqual(one?.id, occurrencesOf('occurrences', { ...told, message: 'other' })[0]?.id);
  assert.notEqual(one?.id, occurrencesOf('occurrences', { ...told, time: '2026-11-22T10:00:01Z' })[0]?.id);
  assert.equal(one?.occurredAt, '2026-11-22T10:00:00Z');
  assert.equal(occurrencesOf('occurrences', { ...told, time: '2099-01-01T00:00:00Z' })[0]?.occurredAt, now);
  assert.equal(occurrencesOf('occurrences', { ...told, id: 'mine' })[0]?.id, 'mine');
  for (const [wrong, reason] of [
    [{ ...told, subject: 'web-1' }, /Kind\/namespace\/name/],
    [{ ...told, severity: 'dreadful' }, /dreadful/],
    [{ ...told, source: '' }, /no source/],
    [{ ...told, time: 'yesterday' }, /occurredAt/],
    [{ type: 'apply', object: {} }, /recording/],
    ['text', /not a JSON object/],
  ] as const)
    assert.match(reasonOf('occurrences', wrong), reason);
});

test('IN10 no format throws, whatever it is given', () => {
  const random = seededRandom(7);
  const words = [
    ...'kind name namespace uid data metadata labels alerts resourceLogs scopeLogs logRecords resource attributes body subject source type severity op key value from to spec status involvedObject containers lastState time id specversion constructor __proto__ toString'.split(
      ' ',
    ),
  ];
  const scalars: readonly unknown[] = [
    null,
    true,
    0,
    -1,
    1e300,
    '',
    'x',
    'Pod',
    'pod:a:b',
    '2026-11-22T10:00:00Z',
    'constructor',
    '1.0',
    {},
    [],
  ];
  const make = (depth: number): unknown => {
    const choice = random.next();
    if (depth === 0 || choice < 0.3) return scalars[Math.floor(random.next() * scalars.length)];
    if (choice < 0.45) return Array.from({ length: Math.floor(random.next() * 3) }, () => make(depth - 1));
    const made: Record<string, unknown> = {};
    for (let count = Math.floor(random.next() * 7); count > 0; count--)
      Object.defineProperty(made, words[Math.floor(random.next() * words.length)] ?? '', {
        value: make(depth - 1),
        enumerable: true,
        configurable: true,
      });
    return made;
  };
  for (let round = 0; round < 4_000; round++) {
    const document = make(6);
    for (const { records, adapt, name } of formats.values()) {
      const found = records?.(document) ?? [document];
      if ('reason' in found) continue;
      for (const record of found) {
        const said = adapt(record, context);
        assert.ok('reason' in said || Array.isArray(said.changes), name);
      }
    }
  }
});
