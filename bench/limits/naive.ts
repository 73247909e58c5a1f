import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { initTRPC } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { Hono } from "hono";
import { Redis } from "ioredis";
import ngeohash from "ngeohash";
import { z } from "zod";

/**
 * The usual pattern: Hono, tRPC, Redis GET, JSON.parse, and JSON.stringify for every caller.
 * All callers in a cell get the same answer, and there are no limits, log, metrics or output schema.
 */
const redis = new Redis(process.env["NAIVE_REDIS_URL"] ?? "", { protocol: 2 });
const t = initTRPC.create();

async function cached(key: string): Promise<unknown> {
  const text = await redis.get(key);
  if (text === null) throw new Error("the bench did not fill the cache");
  return JSON.parse(text);
}

const around = z.object({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
});
const cellKey = (kind: string, { latitude, longitude }: z.infer<typeof around>) =>
  `${kind}:${ngeohash.encode(latitude, longitude, 6)}`;

const router = t.router({
  store: t.router({
    nearby: t.procedure.input(around).query(({ input }) => cached(cellKey("store.nearby", input))),
    markers: t.procedure
      .input(around)
      .query(({ input }) => cached(cellKey("store.markers", input))),
    byId: t.procedure
      .input(z.object({ id: z.uuid() }))
      .query(({ input }) => cached(`store.byId:${input.id}`)),
  }),
  certifier: t.router({ list: t.procedure.query(() => cached("certifier.list:")) }),
  boycott: t.router({ list: t.procedure.query(() => cached("boycott.list:")) }),
  additive: t.router({
    byCode: t.procedure
      .input(z.object({ code: z.string() }))
      .query(({ input }) => cached(`additive.byCode:${input.code}`)),
  }),
});

const app = new Hono();
app.all("/trpc/*", (c) => fetchRequestHandler({ endpoint: "/trpc", req: c.req.raw, router }));
serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }: AddressInfo) => {
  process.send?.(port);
});
process.on("disconnect", () => process.exit(0));
