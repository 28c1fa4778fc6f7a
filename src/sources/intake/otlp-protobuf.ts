/**
 * OTLP's protobuf encoding → its JSON form, for logs: opentelemetry-proto v1, field by field as its files number them. Unknown fields are passed over, as
 * protobuf wants it.
 */
import { PbfReader, PbfWriter } from 'pbf';

type Read = (reader: PbfReader) => unknown;

interface FieldRow {
  readonly name: string;
  readonly read: Read;
  readonly many?: true;
}

type Message = Readonly<Record<number, FieldRow>>;

const DEPTH_MAX = 64;
let depth = 0;

/** A message within another; messages nest, so it is looked up when it is met. */
const message =
  (of: () => Message): Read =>
  (reader) => {
    if (++depth > DEPTH_MAX) throw new RangeError('nested too deeply');
    try {
      return reader.readMessage(field, { rows: of(), fields: {} as Record<string, unknown> }).fields;
    } finally {
      depth--;
    }
  };

function field(
  tag: number,
  into: { readonly rows: Message; readonly fields: Record<string, unknown> },
  reader: PbfReader,
): void {
  const row = into.rows[tag];
  if (row === undefined) return;
  const value = row.read(reader);
  if (!row.many) into.fields[row.name] = value;
  else {
    const list = into.fields[row.name];
    if (Array.isArray(list)) list.push(value);
    else into.fields[row.name] = [value];
  }
}

const text: Read = (reader) => reader.readString();
const hexadecimal: Read = (reader) => Buffer.from(reader.readBytes()).toString('hex');
const base64: Read = (reader) => Buffer.from(reader.readBytes()).toString('base64');
/** As text: a number does not hold so many digits. */
const fixed64: Read = (reader) => {
  const low = BigInt(reader.readFixed32());
  return String((BigInt(reader.readFixed32()) << 32n) + low);
};

const anyValue: Message = {
  1: { name: 'stringValue', read: text },
  2: { name: 'boolValue', read: (reader) => reader.readBoolean() },
  3: { name: 'intValue', read: (reader) => String(reader.readVarint(true)) },
  4: { name: 'doubleValue', read: (reader) => reader.readDouble() },
  5: {
    name: 'arrayValue',
    read: message(() => ({ 1: { name: 'values', many: true, read: message(() => anyValue) } })),
  },
  6: {
    name: 'kvlistValue',
    read: message(() => ({ 1: { name: 'values', many: true, read: message(() => keyValue) } })),
  },
  7: { name: 'bytesValue', read: base64 },
};

const keyValue: Message = {
  1: { name: 'key', read: text },
  2: { name: 'value', read: message(() => anyValue) },
};

const attributes: FieldRow = { name: 'attributes', many: true, read: message(() => keyValue) };

const logRecord: Message = {
  1: { name: 'timeUnixNano', read: fixed64 },
  2: { name: 'severityNumber', read: (reader) => reader.readVarint() },
  3: { name: 'severityText', read: text },
  5: { name: 'body', read: message(() => anyValue) },
  6: attributes,
  9: { name: 'traceId', read: hexadecimal },
  10: { name: 'spanId', read: hexadecimal },
  11: { name: 'observedTimeUnixNano', read: fixed64 },
  12: { name: 'eventName', read: text },
};

const scopeLogs: Message = {
  1: { name: 'scope', read: message(() => ({ 1: { name: 'name', read: text }, 2: { name: 'version', read: text } })) },
  2: { name: 'logRecords', many: true, read: message(() => logRecord) },
};

const resourceLogs: Message = {
  1: { name: 'resource', read: message(() => ({ 1: attributes })) },
  2: { name: 'scopeLogs', many: true, read: message(() => scopeLogs) },
};

const request: Message = { 1: { name: 'resourceLogs', many: true, read: message(() => resourceLogs) } };

/** An ExportLogsServiceRequest in its JSON form, or why it is none. */
export function logsFromProtobuf(bytes: Uint8Array): { readonly value: unknown } | { readonly fault: string } {
  const reader = new PbfReader(bytes);
  try {
    const { fields } = reader.readFields(field, { rows: request, fields: {} as Record<string, unknown> });
    return reader.pos === bytes.length ? { value: fields } : { fault: 'the protobuf message is cut off' };
  } catch (error) {
    depth = 0;
    return { fault: `not a protobuf message of logs: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** An ExportLogsServiceResponse: empty when everything was taken. */
export function logsAnswer(rejected: number, reason: string): Uint8Array {
  const writer = new PbfWriter();
  if (rejected > 0)
    writer.writeMessage(
      1,
      (_: undefined, inner: PbfWriter) => {
        inner.writeVarintField(1, rejected);
        inner.writeStringField(2, reason);
      },
      undefined,
    );
  return writer.finish();
}
