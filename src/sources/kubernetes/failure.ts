/**
 * What can go wrong between us and an API server, classified once. Everything behind the client decides on `type` only.
 * Source of the status codes: Kubernetes API conventions, "HTTP Status codes"; body `meta/v1 Status`.
 */
import { Problem, type ProblemCode } from '../../model/problem.ts';

export type FailureType =
  /** 401, after the credentials were read again. */
  | 'unauthorized'
  /** 403: we may not. */
  | 'forbidden'
  /** 404: not served (any more). */
  | 'not-found'
  /** 410, or a `Expired` status: the resourceVersion or the continue token is too old. */
  | 'gone'
  /** 429: later, please. */
  | 'busy'
  /** Other 4xx: the server does not take this request, and would not take it again. */
  | 'refused'
  /** The answer is longer than we are ready to hold. */
  | 'too-large'
  /** The answer is not what the API promises: broken JSON, no items. */
  | 'malformed'
  /** No answer, or 5xx: network, TLS, a server that starts or stops. */
  | 'unreachable';

export interface Failure {
  readonly type: FailureType;
  /** For people: what was tried is known from the context, this says why it failed. */
  readonly message: string;
  /** How long the server asks us to wait (`Retry-After`), within reason. */
  readonly retryAfterMs?: number;
}

/** The `meta/v1 Status` that comes with an error, in a body or as the object of an ERROR line. */
interface Status {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly retryAfterSeconds?: number };
}

/** Longest wait that is believed: a proxy that says a day would stop a kind for a day. */
const RETRY_AFTER_MAX_SECONDS = 300;

/** Classifies an HTTP answer other than 2xx, or the Status in a watch's ERROR line. `retryAfter` is the header. */
export function failureFromStatus(code: number, body: unknown, retryAfter?: string): Failure {
  const status: Status = typeof body === 'object' && body !== null ? body : {};
  const message = status.message ?? (typeof body === 'string' && body !== '' ? body.slice(0, 300) : `HTTP ${code}`);
  const seconds = Number(retryAfter ?? status.details?.retryAfterSeconds);
  const wait =
    Number.isFinite(seconds) && seconds > 0 ? { retryAfterMs: Math.min(seconds, RETRY_AFTER_MAX_SECONDS) * 1000 } : {};
  return { type: typeOf(code, status.reason), message, ...wait };
}

function typeOf(code: number, reason: string | undefined): FailureType {
  if (code === 410 || reason === 'Expired' || reason === 'Gone') return 'gone';
  if (code === 401) return 'unauthorized';
  if (code === 403) return 'forbidden';
  if (code === 404) return 'not-found';
  if (code === 429) return 'busy';
  return code >= 400 && code < 500 && code !== 408 ? 'refused' : 'unreachable';
}

const HINTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there; is the cluster running?',
  ENOTFOUND: 'the host name is not known here; is the network (VPN) up?',
  EAI_AGAIN: 'the name server does not answer; is the network up?',
  ETIMEDOUT: 'no answer; is the network (VPN, firewall) open?',
  EHOSTUNREACH: 'there is no route to the host; is the network (VPN) up?',
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  SELF_SIGNED_CERT_IN_CHAIN: "the server's certificate is not signed by the kubeconfig's certificate-authority",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is not signed by the kubeconfig's certificate-authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server's certificate is not signed by the kubeconfig's certificate-authority",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another name; see tls-server-name",
};

/** Classifies what a socket, TLS or a stream throws. */
export function failureFromError(error: unknown): Failure {
  const { code, message } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { code: '', message: String(error) };
  const hint = HINTS[code ?? ''];
  const text = message || code || 'the connection failed';
  return { type: 'unreachable', message: hint === undefined ? text : `${text} (${hint})` };
}

/** Whether it says that the server as a whole is out of reach, and not only what was asked for. */
export function isLoss({ type }: Failure): boolean {
  return type === 'unreachable' || type === 'unauthorized' || type === 'malformed';
}

const codes: Readonly<Record<FailureType, ProblemCode>> = {
  unauthorized: 'unauthorized',
  forbidden: 'forbidden',
  'not-found': 'not-found',
  gone: 'history-gone',
  busy: 'limit-reached',
  refused: 'unsupported',
  'too-large': 'too-large',
  malformed: 'cluster-unreachable',
  unreachable: 'cluster-unreachable',
};

/** For commands that cannot wait: the failure as the one error type. */
export function problemFromFailure(failure: Failure, doing: string): Problem {
  return new Problem(codes[failure.type], `${doing}: ${failure.message}`);
}
