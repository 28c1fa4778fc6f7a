/**
 * What we ask KubeView: its namespaces, everything of one, and its stream. Nothing throws but an abort: answers and failures are values.
 * Interface: KubeView v2 (github.com/benc-uk/kubeview), `/api/namespaces`, `/api/fetch/{namespace}`, `/updates`.
 */
import { type ServerEvent, serverEvents } from '../../lib/event-stream.ts';
import { isRecord } from '../change-from-json.ts';
import { type Failure, failureFromError, failureFromStatus } from '../kubernetes/failure.ts';
import { createTransport, type Environment, type Response, readBody } from '../kubernetes/transport.ts';

export interface ClientOptions {
  /** Where KubeView is; a path at its end is kept. */
  readonly url: string;
  /** For the proxy variables. */
  readonly environment: Environment;
  /** How long an answer may take to begin, and a body to go on. */
  readonly answerTimeoutMs: number;
  /** How long a stream may take to begin: until KubeView has something to say, which its ping is. */
  readonly streamTimeoutMs: number;
}

export interface Namespaces {
  readonly type: 'namespaces';
  readonly names: readonly string[];
  /** Address of the API server, as KubeView sees it. */
  readonly clusterHost: string;
}

export interface Fetched {
  readonly type: 'fetched';
  /** By plural: a list of objects, or null. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Updates {
  readonly type: 'open';
  /** As they come. Rejects with what the network says, and when `stop` fires. */
  readonly events: AsyncIterable<readonly ServerEvent[]>;
}

export interface KubeviewClient {
  namespaces(stop: AbortSignal): Promise<Namespaces | Failure>;
  /** Only for an id that has an open stream: under any other, KubeView stops at the next event. */
  fetch(namespace: string, id: string, stop: AbortSignal): Promise<Fetched | Failure>;
  /** Resolves when KubeView has said its first word: it sends no headers before. */
  updates(id: string, stop: AbortSignal): Promise<Updates | Failure>;
  /** Closes idle connections. */
  close(): void;
}

const BODY_BYTES_MAX = 256 * 1024 * 1024;
const LINE_BYTES_MAX = 64 * 1024 * 1024;
const PROBLEM_BYTES_MAX = 1024 * 1024;
const NOBODY = { headers: {}, tls: {} };

export function createClient({ url, environment, answerTimeoutMs, streamTimeoutMs }: ClientOptions): KubeviewClient {
  const transport = createTransport({ server: url }, environment);

  const ask = async (path: string, accept: string, stop: AbortSignal): Promise<Response | Failure> => {
    const plain = accept === 'text/event-stream';
    const headers = { accept, 'user-agent': 'kube-kg' };
    const timeoutMs = plain ? streamTimeoutMs : answerTimeoutMs;
    try {
      const response = await transport.send({ path, stop, headers, plain, timeoutMs }, NOBODY);
      const { statusCode = 0 } = response;
      if (statusCode >= 200 && statusCode < 300) return response;
      const body = await readBody(response, PROBLEM_BYTES_MAX).catch(() => undefined);
      return failureFromStatus(statusCode, reasonIn(body?.toString('utf8') ?? ''), response.headers['retry-after']);
    } catch (error) {
      stop.throwIfAborted();
      return failureFromError(error);
    }
  };

  /** A JSON document; `undefined` stands for one that is none. */
  const read = async (path: string, stop: AbortSignal): Promise<{ readonly value: unknown } | Failure> => {
    const response = await ask(path, 'application/json', stop);
    if ('type' in response) return response;
    try {
      const body = await readBody(response, BODY_BYTES_MAX);
      if (body === undefined)
        return { type: 'too-large', message: `the answer is longer than ${BODY_BYTES_MAX} bytes` };
      return { value: jsonIn(body.toString('utf8')) };
    } catch (error) {
      stop.throwIfAborted();
      return failureFromError(error);
    }
  };

  return {
    async namespaces(stop) {
      const answer = await read('/api/namespaces', stop);
      if ('type' in answer) return answer;
      const { namespaces, clusterHost } = isRecord(answer.value) ? answer.value : {};
      if (!Array.isArray(namespaces)) return notKubeview('/api/namespaces');
      const names = namespaces.filter((name): name is string => typeof name === 'string' && name !== '');
      return { type: 'namespaces', names, clusterHost: typeof clusterHost === 'string' ? clusterHost : '' };
    },
    async fetch(namespace, id, stop) {
      const path = `/api/fetch/${encodeURIComponent(namespace)}`;
      const answer = await read(`${path}?clientID=${encodeURIComponent(id)}`, stop);
      if ('type' in answer) return answer;
      return isRecord(answer.value) ? { type: 'fetched', body: answer.value } : notKubeview(path);
    },
    async updates(id, stop) {
      const response = await ask(`/updates?clientID=${encodeURIComponent(id)}`, 'text/event-stream', stop);
      if ('type' in response) return response;
      if (!response.headers['content-type']?.startsWith('text/event-stream')) {
        response.destroy();
        return notKubeview('/updates');
      }
      // From here on silence is judged by who reads.
      response.socket.setTimeout(0);
      return { type: 'open', events: serverEvents(response, LINE_BYTES_MAX) };
    },
    close: () => transport.close(),
  };
}

/** A page, as a proxy or KubeView itself serves it to people, or another program. */
function notKubeview(path: string): Failure {
  return {
    type: 'malformed',
    message: `what it answers to ${path} is not what KubeView v2 answers; does kubeview.url lead to KubeView?`,
  };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a problem says, or plain text: `{title, status, detail, instance}`, detail the longer and instance the shorter cause. */
function reasonIn(text: string): unknown {
  const value = jsonIn(text);
  if (!isRecord(value)) return text.trim();
  const { detail, instance } = value;
  return { message: [detail, instance].find((cause) => typeof cause === 'string' && cause !== '') };
}
