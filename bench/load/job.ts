/** One request, ready to be written down. */
export interface RequestSpec {
  readonly path: string;
  /** Makes it a POST of JSON. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Load in a closed loop: each connection asks again as soon as it has its answer. */
export interface LoadJob {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly requests: readonly RequestSpec[];
  /** Units: seconds; at most this long when `once`. */
  readonly seconds: number;
  /** Each request exactly once, instead of all of them round and round. */
  readonly once: boolean;
  /**
   * The generator's core never sleeps: who is measured must not pay for waking a client, which here costs as much as a
   * small answer. Only where nothing else needs that core.
   */
  readonly staysAwake?: boolean;
}

/** What came of a job. */
export interface LoadResult {
  readonly answers: number;
  readonly seconds: number;
  /** Answers with another status than 200, and requests without an answer. */
  readonly errors: number;
  readonly cacheStates: Readonly<Record<string, number>>;
  /** Buckets of a LatencyHistogram. */
  readonly latencies: readonly number[];
}

/** The bytes of a request. */
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
