/** One request of a load. */
export interface RequestSpec {
  readonly path: string;
  /** The JSON body of a POST; without it the request is a GET. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Load in a closed loop: each connection sends its next request when it has an answer. */
export interface LoadJob {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly requests: readonly RequestSpec[];
  /** The duration, with `once` the longest one. Units: seconds. */
  readonly seconds: number;
  /** Sends each request once, instead of repeating all of them. */
  readonly once: boolean;
  /**
   * Keeps the generator's core awake, because waking a client costs the measured process as much as a small answer.
   * Use it only if no other process needs that core.
   */
  readonly staysAwake?: boolean;
}

/** The result of a job. */
export interface LoadResult {
  readonly answers: number;
  readonly seconds: number;
  /** The number of answers with another status than 200 and of requests without an answer. */
  readonly errors: number;
  readonly cacheStates: Readonly<Record<string, number>>;
  /** The buckets of a LatencyHistogram. */
  readonly latencies: readonly number[];
}

/** Encodes a request. */
export function requestBytes(host: string, { path, body, headers = {} }: RequestSpec): Buffer {
  const lines = [
    `${body === undefined ? "GET" : "POST"} ${path} HTTP/1.1`,
    `host: ${host}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined
      ? []
      : ["content-type: application/json", `content-length: ${Buffer.byteLength(body)}`]),
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body ?? ""}`);
}
