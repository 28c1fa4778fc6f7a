/**
 * The one error type. `code` is stable and public; the table gives its HTTP status, its exit code and whether trying again can help.
 * Foreign errors are turned into a Problem once, at the edge that knows them; wrappers look at `retryable` only.
 */

interface ProblemClass {
  readonly status: number;
  readonly exit: 1 | 2 | 3;
  readonly retryable: boolean;
  readonly title: string;
}

export const problems = {
  'invalid-input': { status: 400, exit: 2, retryable: false, title: 'The request is not valid' },
  'invalid-config': { status: 500, exit: 2, retryable: false, title: 'The configuration is not valid' },
  'invalid-query': { status: 400, exit: 2, retryable: false, title: 'The query is not valid' },
  'read-only': { status: 403, exit: 2, retryable: false, title: 'Only reading is allowed here' },
  unauthorized: { status: 401, exit: 3, retryable: false, title: 'Authentication is required' },
  forbidden: { status: 403, exit: 3, retryable: false, title: 'Not allowed' },
  'not-found': { status: 404, exit: 1, retryable: false, title: 'Not found' },
  'method-not-allowed': { status: 405, exit: 2, retryable: false, title: 'This method is not offered here' },
  ambiguous: { status: 409, exit: 2, retryable: false, title: 'The name means several things' },
  'history-gone': { status: 410, exit: 1, retryable: false, title: 'The requested revision is no longer kept' },
  'too-large': { status: 413, exit: 2, retryable: false, title: 'Too large' },
  'unsupported-type': { status: 415, exit: 2, retryable: false, title: 'The media type is not supported' },
  'limit-reached': { status: 503, exit: 3, retryable: true, title: 'A limit was reached' },
  timeout: { status: 504, exit: 3, retryable: true, title: 'It took too long' },
  'bad-recording': { status: 422, exit: 2, retryable: false, title: 'The recording is not readable' },
  'cluster-unreachable': { status: 502, exit: 3, retryable: true, title: 'The cluster could not be reached' },
  'store-unreachable': { status: 503, exit: 3, retryable: true, title: 'A store could not be reached' },
  'store-in-use': { status: 503, exit: 3, retryable: true, title: 'A store is written to by another process' },
  'store-damaged': { status: 500, exit: 3, retryable: false, title: 'A store is damaged' },
  'store-full': { status: 507, exit: 3, retryable: true, title: 'A store has no space left' },
  'not-ready': { status: 503, exit: 3, retryable: true, title: 'Not ready yet' },
  unsupported: { status: 501, exit: 2, retryable: false, title: 'Not supported' },
  internal: { status: 500, exit: 3, retryable: false, title: 'Internal error' },
} as const satisfies Record<string, ProblemClass>;

export type ProblemCode = keyof typeof problems;

/** An error with a stable `code`. `message` says what is wrong and what to do next; `details` lists single faults. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly details: readonly string[];

  constructor(code: ProblemCode, message: string, options: { cause?: unknown; details?: readonly string[] } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? [];
  }

  get status(): number {
    return problems[this.code].status;
  }

  get retryable(): boolean {
    return problems[this.code].retryable;
  }

  get exit(): 1 | 2 | 3 {
    return problems[this.code].exit;
  }
}

/** The error as a Problem; what is not one becomes `internal` with the original as its cause. */
export function problemFrom(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem('internal', error instanceof Error ? error.message : String(error), { cause: error });
}
