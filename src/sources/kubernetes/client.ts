/**
 * What we ask an API server: JSON documents, and watches as batches of parsed lines.
 * Invariants: nothing throws but an abort (answers and failures are values, classified once in failure.ts); no body and no line is held beyond
 * its limit; a reader that does not read stops the socket; credentials are asked for before every request, and once more after a 401.
 */
import { Problem } from '../../model/problem.ts';
import { compactFieldsInPlace } from '../managed-fields-bytes.ts';
import type { Credentials, RequestAuth } from './credentials.ts';
import { type Failure, failureFromError, failureFromStatus } from './failure.ts';
import { type JsonLines, jsonLines } from './json-lines.ts';
import type { KubeCluster } from './kubeconfig.ts';
import { createTransport, type Environment, type Response, readBody, type Transport } from './transport.ts';

export interface ClientOptions {
  readonly cluster: KubeCluster;
  readonly credentials: Credentials;
  /** For the proxy variables. */
  readonly environment?: Environment;
  readonly userAgent?: string;
  /** How long an answer may take to begin, and a body to go on. */
  readonly answerTimeoutMs?: number;
  readonly bodyBytesMax?: number;
  readonly lineBytesMax?: number;
}

export interface Answer {
  readonly type: 'ok';
  readonly body: unknown;
  readonly etag: string | undefined;
}

export interface Watch {
  readonly type: 'open';
  readonly lines: JsonLines;
}

/** An answer that is no document: bytes as they come. Leaving off reading gives the connection up. */
export interface Bytes {
  readonly type: 'stream';
  readonly bytes: AsyncIterable<Uint8Array>;
}

export interface GetOptions {
  readonly stop: AbortSignal;
  readonly accept?: string;
  /** Answer `{type: 'ok', body: undefined}` when the document still has this tag. */
  readonly etag?: string | undefined;
}

export interface ChangeRequest {
  readonly method: 'PATCH' | 'DELETE';
  readonly path: string;
  readonly contentType: string;
  readonly body: unknown;
}

export interface KubeClient {
  get(path: string, options: GetOptions): Promise<Answer | Failure>;
  post(path: string, body: object, stop: AbortSignal): Promise<Answer | Failure>;
  /** Changes something. Asked again only where a kept connection turned out to be closed: write requests that may come twice. */
  change(request: ChangeRequest, stop: AbortSignal): Promise<Answer | Failure>;
  watch(path: string, stop: AbortSignal): Promise<Watch | Failure>;
  /** Text that may go on for ever; it may be silent for as long as it likes. Reading rejects when the connection breaks, or `stop` fires. */
  stream(path: string, stop: AbortSignal): Promise<Bytes | Failure>;
  /** Closes idle connections. Requests under way end with their own signals. */
  close(): void;
}

const ANSWER_TIMEOUT_MS = 60_000;
/** A watch is answered at once, or not at all. */
const WATCH_TIMEOUT_MS = 30_000;
const BODY_BYTES_MAX = 256 * 1024 * 1024;
const LINE_BYTES_MAX = 64 * 1024 * 1024;
const STATUS_BYTES_MAX = 1024 * 1024;

export function createClient(options: ClientOptions): KubeClient {
  const { cluster, environment = {}, answerTimeoutMs = ANSWER_TIMEOUT_MS } = options;
  return new Client(options, answerTimeoutMs, createTransport(cluster, environment));
}

interface Asking {
  readonly path: string;
  readonly stop: AbortSignal;
  readonly accept?: string | undefined;
  readonly etag?: string | undefined;
  readonly body?: string;
  readonly method?: ChangeRequest['method'];
  readonly contentType?: string;
  readonly plain?: boolean;
}

class Client implements KubeClient {
  readonly #options: ClientOptions;
  readonly #answerTimeoutMs: number;
  readonly #transport: Transport;

  constructor(options: ClientOptions, answerTimeoutMs: number, transport: Transport) {
    this.#options = options;
    this.#answerTimeoutMs = answerTimeoutMs;
    this.#transport = transport;
  }

  get(path: string, { stop, accept, etag }: GetOptions): Promise<Answer | Failure> {
    return this.#read({ path, stop, accept, etag });
  }

  post(path: string, body: object, stop: AbortSignal): Promise<Answer | Failure> {
    return this.#read({ path, stop, body: JSON.stringify(body) });
  }

  change({ method, path, contentType, body }: ChangeRequest, stop: AbortSignal): Promise<Answer | Failure> {
    return this.#read({ path, stop, method, contentType, body: JSON.stringify(body) });
  }

  async watch(path: string, stop: AbortSignal): Promise<Watch | Failure> {
    const asked = await this.#ask({ path, stop, plain: true });
    if (asked.type !== 'response') return asked;
    const { response } = asked;
    // From here on silence is normal, and judged by who reads.
    response.socket.setTimeout(0);
    const { lineBytesMax = LINE_BYTES_MAX } = this.#options;
    return { type: 'open', lines: jsonLines(response, { lineBytesMax, stop }) };
  }

  async stream(path: string, stop: AbortSignal): Promise<Bytes | Failure> {
    const asked = await this.#ask({ path, stop, plain: true, accept: '*/*' });
    if (asked.type !== 'response') return asked;
    asked.response.socket.setTimeout(0);
    return { type: 'stream', bytes: asked.response };
  }

  close(): void {
    this.#transport.close();
  }

  /** The response when it is good; otherwise what the Status in it says. */
  async #ask(asking: Asking): Promise<{ readonly type: 'response'; readonly response: Response } | Failure> {
    try {
      const { credentials } = this.#options;
      const auth = await credentials.current();
      let response = await this.#send(asking, auth);
      if (response.statusCode === 401) {
        response.resume();
        await credentials.reload(auth);
        response = await this.#send(asking, await credentials.current());
      }
      const { statusCode = 0, headers } = response;
      if (statusCode === 304 || (statusCode >= 200 && statusCode < 300)) return { type: 'response', response };
      const body = await readBody(response, STATUS_BYTES_MAX).catch(() => undefined);
      return failureFromStatus(statusCode, body && jsonOrText(body), headers['retry-after']);
    } catch (error) {
      asking.stop.throwIfAborted();
      if (error instanceof Problem) return { type: 'unauthorized', message: error.message };
      return failureFromError(error);
    }
  }

  #send(
    { path, stop, accept = 'application/json', etag, method, contentType, body, plain = false }: Asking,
    auth: RequestAuth,
  ): Promise<Response> {
    const headers = {
      accept,
      'user-agent': this.#options.userAgent ?? 'kube-kg',
      ...(etag !== undefined && { 'if-none-match': etag }),
      ...(body !== undefined && { 'content-type': contentType ?? 'application/json' }),
    };
    const timeoutMs = plain ? Math.min(WATCH_TIMEOUT_MS, this.#answerTimeoutMs) : this.#answerTimeoutMs;
    return this.#transport.send({ path, stop, headers, method, body, plain, timeoutMs }, auth);
  }

  async #read(asking: Asking): Promise<Answer | Failure> {
    const asked = await this.#ask(asking);
    if (asked.type !== 'response') return asked;
    const { response } = asked;
    const { etag } = response.headers;
    if (response.statusCode === 304) {
      response.resume();
      return { type: 'ok', body: undefined, etag };
    }
    const { bodyBytesMax = BODY_BYTES_MAX } = this.#options;
    try {
      const body = await readBody(response, bodyBytesMax);
      if (body === undefined) return { type: 'too-large', message: `the answer is longer than ${bodyBytesMax} bytes` };
      if (isPage(body)) return { type: 'malformed', message: PAGE };
      return { type: 'ok', body: parse(body), etag };
    } catch (error) {
      asking.stop.throwIfAborted();
      if (error instanceof SyntaxError)
        return { type: 'malformed', message: `the answer is not JSON: ${error.message}` };
      return failureFromError(error);
    }
  }
}

const PAGE =
  'the answer is not JSON but a page of HTML; does a proxy or a login page stand between us and the API server?';

function isPage(body: Buffer): boolean {
  return body.toString('utf8', 0, 100).trimStart().startsWith('<');
}

function parse(body: Buffer): unknown {
  const end = compactFieldsInPlace(body, 0, body.length);
  return JSON.parse(body.toString('utf8', 0, end));
}

function jsonOrText(body: Buffer): unknown {
  const text = body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return text.trim();
  }
}
