/**
 * What others send, over HTTP: `POST /api/v1/occurrences`, `/api/v1/alerts`, `/webhook`, `/v1/logs`, `/api/v1/intake/{format}`. A body of any media
 * type is unpacked within its limit and handed over; the answer counts what became of its records. Senders are told to wait while there is no room.
 */
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Delivery, Intake, Receipt } from '../model/intake.ts';
import { Problem } from '../model/problem.ts';
import type { ApiOptions, IntakeAccess } from './options.ts';
import { ROOT } from './rest.ts';
import type { Route, RouteDocument } from './routes.ts';

const LOGS = '/v1/logs';

/** Empty where nothing is taken in: then each path says so. */
export function intakeRoutes({ intake }: Pick<ApiOptions, 'intake'>): Route[] {
  const post = (url: string, format: string | undefined): Route => ({
    method: 'POST',
    url,
    handler: (request, reply) => (intake ? take(intake, format, request, reply) : refuse()),
    bytesMax: intake?.bytesMax ?? 1_048_576,
    ...(intake?.token !== undefined && { token: intake.token }),
  });
  return [
    post(`${ROOT}/occurrences`, 'occurrences'),
    post(`${ROOT}/alerts`, 'alertmanager'),
    post('/api/v2/alerts', 'alertmanager'),
    post('/webhook', 'alertmanager'),
    post(LOGS, 'otlp-logs'),
    post(`${ROOT}/intake/:format`, undefined),
    { method: 'GET', url: `${ROOT}/intake`, handler: () => ({ formats: intake?.formats ?? refuse() }) },
  ];
}

function refuse(): never {
  throw new Problem(
    'unsupported',
    'Nothing is taken in here: it is turned off (intake.enabled), or a recording is served, to which nobody adds.',
  );
}

async function take(
  intake: Intake & IntakeAccess,
  format: string | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  const { format: named = '' } = request.params as { readonly format?: string };
  const { cluster, key } = request.query as Readonly<Record<string, unknown>>;
  const headers = headersOf(request);
  const mediaType = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const body = await unpacked(request, intake.bytesMax);
  const delivery: Delivery = {
    format: formatOf(format ?? named, mediaType, headers),
    body,
    mediaType,
    headers,
    ...(typeof cluster === 'string' && { cluster }),
    ...(typeof key === 'string' && { key }),
  };
  if (delivery.format === 'otlp-logs') return answerLogs(intake, delivery, reply);
  const receipt = await intake.take(delivery);
  if (receipt.taken + receipt.ignored === 0 && receipt.rejected > 0) throw allRejected(receipt);
  return receipt;
}

/** CloudEvents come where occurrences do; their media type, or their headers, tell them. */
function formatOf(format: string, mediaType: string, headers: Headers): string {
  const isCloudEvent = mediaType.startsWith('application/cloudevents') || headers['ce-specversion'] !== undefined;
  if (format !== 'occurrences' || !isCloudEvent) {
    if (format === 'cloudevents') checkCloudEvents(mediaType);
    return format;
  }
  checkCloudEvents(mediaType);
  return 'cloudevents';
}

/** Of the formats of CloudEvents, JSON is read. */
function checkCloudEvents(mediaType: string): void {
  if (
    !mediaType.startsWith('application/cloudevents') ||
    /^application\/cloudevents(?:-batch)?(?:\+json)?$/.test(mediaType)
  )
    return;
  throw new Problem(
    'unsupported-type',
    `${mediaType} is not read; send application/cloudevents+json or application/cloudevents-batch+json`,
  );
}

const PROTOBUF = 'application/x-protobuf';

/** As OTLP wants it: the answer in the encoding of the request, what was rejected as a partial success. */
async function answerLogs(intake: Intake, delivery: Delivery, reply: FastifyReply): Promise<unknown> {
  const { mediaType } = delivery;
  const isProtobuf = mediaType === PROTOBUF || mediaType === 'application/protobuf';
  if (!isProtobuf && mediaType !== '' && !/json|x-www-form-urlencoded|octet-stream|text\/plain/.test(mediaType))
    throw new Problem('unsupported-type', `${mediaType} is not read; send application/json or ${PROTOBUF}`);
  const receipt = await intake.take(delivery);
  const { rejected } = receipt;
  const errorMessage = reasonsOf(receipt).join('; ');
  if (isProtobuf) return reply.type(PROTOBUF).send(Buffer.from(intake.logsAnswer(rejected, errorMessage)));
  return rejected === 0 ? {} : { partialSuccess: { rejectedLogRecords: String(rejected), errorMessage } };
}

function reasonsOf({ reasons, rejections }: Receipt): readonly string[] {
  const rejected = new Set(rejections.map(({ reason }) => reason));
  return [...rejected].map((reason) => `${reasons[reason] ?? 1} × ${reason}`);
}

function allRejected(receipt: Receipt): Problem {
  const { rejected, rejections } = receipt;
  const [first] = rejections;
  const what = rejected === 1 ? 'the record was rejected' : `all ${rejected} records were rejected`;
  return new Problem(
    'invalid-input',
    `${what}: ${first?.reason}; "GET ${ROOT}/dead-letters" lists what is kept of them`,
    {
      details: rejections.map(
        ({ record, reason, deadLetter }) =>
          `record ${record}: ${reason}${deadLetter ? ` (dead letter ${deadLetter})` : ''}`,
      ),
    },
  );
}

type Headers = Readonly<Record<string, string | undefined>>;

function headersOf({ headers }: FastifyRequest): Headers {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

const unpackers: Readonly<
  Record<string, (bytes: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>>
> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  zstd: promisify(zstdDecompress),
  br: promisify(brotliDecompress),
};

/** The body as it was before it was packed. A limit holds for what it becomes: little bytes may unpack to many. */
async function unpacked({ body, headers }: FastifyRequest, bytesMax: number): Promise<Buffer> {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return bytes;
  const unpack = Object.hasOwn(unpackers, encoding) ? unpackers[encoding] : undefined;
  if (unpack === undefined)
    throw new Problem(
      'unsupported-type',
      `content-encoding ${encoding} is not read; send gzip, zstd, br, deflate or nothing`,
    );
  try {
    return await unpack(bytes, { maxOutputLength: bytesMax });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new Problem(
        'too-large',
        `the body unpacks to more than ${bytesMax} bytes; send less at a time, or raise intake.maxBody`,
        { cause: error },
      );
    throw new Problem('invalid-input', `the body is no ${encoding}: ${(error as Error).message}`, { cause: error });
  }
}

const receiptSchema = z
  .object({
    taken: z.int().describe('records that were understood and are in the graph'),
    ignored: z.int().describe('records that were understood and are of no use here'),
    rejected: z.int(),
    reasons: z.record(z.string(), z.int()).describe('why records were rejected or ignored, and how many'),
    rejections: z
      .array(z.object({ record: z.int(), reason: z.string(), deadLetter: z.string().optional() }))
      .describe('the first hundred rejected records, counted from 0'),
  })
  .meta({ id: 'Receipt', description: 'What became of the records of a request.' });

const parameters = z.object({
  cluster: z.string().optional().describe('cluster of records that name none'),
  key: z.string().optional().describe('key of the message, for formats that come from a log with keys'),
});

const document = (
  path: string,
  operationId: string,
  summary: string,
  example: Readonly<Record<string, unknown>>,
  more: z.ZodObject = parameters,
): RouteDocument => ({
  method: 'POST',
  path,
  operationId,
  summary,
  description: `${summary}. See intake.md for the formats. One, a list, or one a line; gzip, zstd, br and deflate are unpacked.`,
  parameters: more,
  answer: receiptSchema,
  body: { schema: z.looseObject({}), example },
  headers: {},
});

const alert = {
  version: '4',
  status: 'firing',
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'KubePodCrashLooping', namespace: 'shop', pod: 'web-1' },
      annotations: {},
      startsAt: '2026-11-22T10:00:00Z',
    },
  ],
};

export const intakeDocuments: readonly RouteDocument[] = [
  document(`${ROOT}/occurrences`, 'sendOccurrences', 'Takes occurrences and CloudEvents', {
    source: 'probe',
    subject: { kind: 'Pod', namespace: 'shop', name: 'web-1' },
    severity: 'error',
    message: 'GET /healthz: connection refused',
  }),
  document(`${ROOT}/alerts`, 'sendAlerts', 'Takes alerts as Alertmanager, Grafana and Prometheus send them', alert),
  document(
    '/api/v2/alerts',
    'sendPrometheusAlerts',
    'Takes alerts from Prometheus itself, as if this was an Alertmanager',
    alert,
  ),
  document('/webhook', 'sendWebhook', 'Takes alerts where the receiver before this one did', alert),
  {
    ...document(LOGS, 'sendLogs', 'Takes logs of OpenTelemetry (OTLP/HTTP, JSON or protobuf)', { resourceLogs: [] }),
    answer: z.object({
      partialSuccess: z.object({ rejectedLogRecords: z.string(), errorMessage: z.string() }).optional(),
    }),
  },
  document(
    `${ROOT}/intake/{format}`,
    'send',
    'Takes records of any format',
    {},
    parameters.extend({ format: z.string().describe('name of the format') }),
  ),
  {
    path: `${ROOT}/intake`,
    operationId: 'intakeFormats',
    summary: 'Formats that are taken in',
    description: 'Names and titles of the formats that `POST /api/v1/intake/{format}` takes.',
    parameters: z.object({}),
    answer: z.object({ formats: z.array(z.object({ name: z.string(), title: z.string() })) }),
    headers: {},
  },
];
