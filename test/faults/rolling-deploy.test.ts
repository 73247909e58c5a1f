import { randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import net from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signToken } from "../../src/http/token.ts";
import { eventually, reportFigures } from "../support/calls.ts";
import { type OwnNginx, startNginx } from "../support/own-nginx.ts";
import {
  killInstanceProcesses,
  type InstanceProcess,
  startInstanceProcess,
} from "../support/instance-process.ts";
import { insertStores } from "../support/store-rows.ts";
import { JWT_SECRET, openStack, type Stack, stackKind } from "../support/stack.ts";

interface Answer {
  readonly status: number;
  readonly connection: string | undefined;
  readonly body: string;
}

interface Question {
  readonly method?: "GET" | "POST";
  readonly path: string;
  readonly token?: string;
  readonly body?: string;
}

/** Sends one request. Errors: when the connection fails. */
function send(url: string, { method = "GET", path, token, body }: Question, agent: Agent | false) {
  return new Promise<Answer>((resolve, reject) => {
    const outgoing = request(
      `${url}${path}`,
      {
        agent,
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.once("error", reject);
        response.once("end", () => {
          const { statusCode = 0, headers } = response;
          resolve({ status: statusCode, connection: headers.connection, body: text });
        });
      },
    );
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}

const tokenOf = (id: string) =>
  signToken(
    JWT_SECRET,
    { id, isAdmin: false },
    { lifetimeSeconds: 3600, issuer: null, audience: null },
  );
const LIVE = { path: "/health/live" };
const READY = { path: "/health/ready" };
const nearby = (latitude: number) => ({
  path: `/trpc/store.nearby?input=${encodeURIComponent(JSON.stringify({ latitude, longitude: 2.35 }))}`,
});
const scan = (id: string, token: string) => ({
  method: "POST" as const,
  path: "/trpc/scans.record",
  token,
  body: JSON.stringify({ id, barcode: "3017620422003" }),
});

/** The errors in an instance's log; warnings may come from a busy machine. */
const complaints = ({ log }: InstanceProcess) => log.filter(({ level }) => Number(level) >= 50);

describe.skipIf(stackKind() !== "docker")("stopping and replacing instances (docker stack)", () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await openStack();
    await insertStores(
      stack.sql,
      Array.from({ length: 50 }, (_, i) => ({ latitude: 48.8 + i * 0.002, longitude: 2.35 })),
    );
  });
  afterAll(async () => {
    killInstanceProcesses();
    await stack.close();
  });

  test(
    "SIGTERM makes an instance unready at once; it serves until proxies have noticed, finishes its calls and exits with 0",
    { timeout: 60_000 },
    async () => {
      const instance = await startInstanceProcess(stack);
      const token = await tokenOf(randomUUID());
      const { url } = instance;
      expect((await send(url, READY, false)).status).toBe(200);

      // A call with an incomplete body stays in flight until the test ends it.
      const id = randomUUID();
      const { method, path, body } = scan(id, token);
      const slow = net.connect(instance.port, "127.0.0.1");
      let answered = "";
      slow.setEncoding("utf8").on("data", (text: string) => {
        answered += text;
      });
      const closed = new Promise<void>((resolve) => slow.once("close", () => resolve()));
      slow.write(
        `${method} ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
      );
      // One idle keep-alive connection, and one that never sends a byte.
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      await send(url, LIVE, agent);
      const silent = net.connect(instance.port, "127.0.0.1");
      silent.on("error", () => {});
      await new Promise<void>((resolve) => silent.once("connect", () => resolve()));

      instance.process.kill("SIGTERM");
      const ready = await eventually(
        1_000,
        () => send(url, READY, false),
        ({ status }) => status === 503,
      );
      expect(JSON.parse(ready.body)).toMatchObject({ status: "draining" });
      const served = await send(url, nearby(48.81), false);
      expect(served).toMatchObject({ status: 200, connection: "close" });

      // The port is closed, but the call in flight still gets its answer.
      await eventually(
        5_000,
        () =>
          send(url, LIVE, false).then(
            () => "serves",
            (error: unknown) =>
              error instanceof Error && "code" in error ? String(error.code) : "error",
          ),
        (outcome) => outcome === "ECONNREFUSED",
      );
      expect(instance.process.exitCode).toBeNull();
      slow.write(body.slice(10));
      await closed;
      expect(answered).toMatch(/^HTTP\/1\.1 200 /);
      expect(answered.toLowerCase()).toContain("connection: close");
      const [row] = await stack.sql`select count(*)::int as rows from scans where id = ${id}`;
      expect(row).toEqual({ rows: 1 });

      const finishedAt = performance.now();
      expect(await instance.ended).toBe(0);
      const exitAfterLastAnswerMs = Math.round(performance.now() - finishedAt);
      reportFigures("SIGTERM", { exitAfterLastAnswerMs });
      // Earlier than the end of the drain, for which a silent connection would otherwise wait.
      expect(exitAfterLastAnswerMs).toBeLessThan(15_000);
      expect(instance.log.at(-1)).toMatchObject({ msg: "stopped" });
      expect(complaints(instance)).toEqual([]);
      agent.destroy();
      silent.destroy();
    },
  );

  test(
    "a second SIGTERM changes nothing, and a call that never completes is aborted at the end of the drain",
    { timeout: 60_000 },
    async () => {
      const instance = await startInstanceProcess(stack);
      const stuck = net.connect(instance.port, "127.0.0.1");
      stuck.on("error", () => {});
      stuck.write("POST /trpc/scans.record HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{");
      await send(instance.url, LIVE, false);
      instance.process.kill("SIGTERM");
      instance.process.kill("SIGTERM");
      expect(await instance.ended).toBe(0);
      expect(instance.log.filter(({ msg }) => msg === "stopping")).toHaveLength(1);
      stuck.destroy();
    },
  );

  describe("a rolling restart of 3 instances behind the shipped nginx", () => {
    let nginx: OwnNginx;
    let instances: InstanceProcess[];
    beforeAll(async () => {
      instances = await Promise.all(Array.from({ length: 3 }, () => startInstanceProcess(stack)));
      nginx = await startNginx(instances.map(({ port }) => port));
    });
    afterAll(() => nginx.stop());

    test("under load loses no request, reads and writes alike", { timeout: 90_000 }, async () => {
      const agent = new Agent({ keepAlive: true });
      const statuses = new Map<string, number>();
      const recorded = new Set<string>();
      const over = new AbortController();
      const phone = async (number: number) => {
        const token = await tokenOf(randomUUID());
        for (let i = 0; !over.signal.aborted; i += 1) {
          const id = randomUUID();
          const question =
            i % 4 === 3 ? scan(id, token) : nearby(48.8 + ((i * 7 + number) % 40) * 0.002);
          const outcome = await send(nginx.url, question, agent).then(
            ({ status, body }) => (status === 200 ? "200" : `${status} ${body.slice(0, 120)}`),
            (error: unknown) => String(error),
          );
          statuses.set(outcome, (statuses.get(outcome) ?? 0) + 1);
          if (outcome === "200" && i % 4 === 3) recorded.add(id);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      };
      const load = Promise.all(Array.from({ length: 8 }, (_, number) => phone(number)));
      const codes = [];
      for (const [i, instance] of instances.entries()) {
        instance.process.kill("SIGTERM");
        codes.push(await instance.ended);
        expect(complaints(instance)).toEqual([]);
        instances[i] = await startInstanceProcess(stack, { port: instance.port });
        // The new instance gets some traffic before the next one stops.
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      over.abort();
      await load;
      agent.destroy();

      reportFigures("rolling restart", Object.fromEntries(statuses));
      expect(codes).toEqual([0, 0, 0]);
      if (statuses.size > 1) process.stderr.write(nginx.log());
      expect([...statuses.keys()]).toEqual(["200"]);
      expect(statuses.get("200")).toBeGreaterThan(300);
      const rows = await stack.sql<{ id: string }[]>`select id from scans`;
      const kept = new Set(rows.map(({ id }) => id));
      expect([...recorded].filter((id) => !kept.has(id))).toEqual([]);
      for (const { process } of instances) process.kill("SIGTERM");
      expect(await Promise.all(instances.map(({ ended }) => ended))).toEqual([0, 0, 0]);
    });
  });
});
