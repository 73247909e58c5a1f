import { sql } from "drizzle-orm";
import { afterEach, expect, it } from "vitest";
import { openDatabase } from "../../../../src/db/client/database.ts";
import {
  DRIZZLE_DIR,
  migrateDatabase,
  MIGRATIONS_DIR,
} from "../../../../src/db/migrations/migrate.ts";
import { openRedis } from "../../../../src/redis/client.ts";
import {
  CERTIFICATE_FILE,
  startTlsStandIn,
  type TlsStandIn,
} from "../../../support/tls-stand-in.ts";

let standIn: TlsStandIn | undefined;

afterEach(() => standIn?.close());

/** Refuses each login like a PostgreSQL server. */
function refuses(socket: NodeJS.WritableStream): void {
  const fields = Buffer.from("SFATAL\0VFATAL\0C28P01\0Mno\0\0");
  const length = Buffer.alloc(4);
  length.writeInt32BE(fields.length + 4);
  socket.end(Buffer.concat([Buffer.from("E"), length, fields]));
}

it("an instance's database client sends the server's name in each mode that encrypts", async () => {
  standIn = await startTlsStandIn("postgres", refuses);
  const verifying = `verify-full&sslrootcert=${encodeURIComponent(CERTIFICATE_FILE)}`;
  for (const mode of ["prefer", "require", verifying]) {
    const before = standIn.names.length;
    const database = openDatabase({
      url: `postgres://app:secret@localhost:${standIn.port}/halal?sslmode=${mode}`,
      poolMax: 1,
      prepare: false,
      deadlineMs: 1_000,
      waitingMax: 1,
      cancellable: true,
      applicationName: "test",
    });
    await expect(database.db.execute(sql`select 1`)).rejects.toMatchObject({});
    await database.close();
    const seen = standIn.names.slice(before);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every((name) => name === "localhost")).toBe(true);
  }
});

it("migrations send the server's name", async () => {
  standIn = await startTlsStandIn("postgres", refuses);
  const url = `postgres://app:secret@localhost:${standIn.port}/halal?sslmode=require`;
  const dirs = { drizzleDir: DRIZZLE_DIR, migrationsDir: MIGRATIONS_DIR };
  await expect(migrateDatabase({ ...dirs, url, log: () => undefined })).rejects.toThrow("no");
  expect(standIn.names).toEqual(["localhost"]);
});

/** Answers a Redis client as the only node, `localhost`, of a cluster. */
function redisNode(socket: NodeJS.ReadWriteStream, port: number): void {
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    // A command is an array of bulk strings.
    for (;;) {
      const count = Number(/^\*(\d+)\r\n/.exec(text)?.[1]);
      const whole = new RegExp(`^\\*\\d+\\r\\n(?:\\$\\d+\\r\\n[^\\r]*\\r\\n){${count}}`).exec(text);
      if (whole === null) return;
      text = text.slice(whole[0].length);
      const words = whole[0].split("\r\n").filter((_, i) => i > 0 && i % 2 === 0);
      const command = words.slice(0, 2).join(" ").toLowerCase();
      const host = "$9\r\nlocalhost\r\n";
      const slots = `*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n${host}:${port}\r\n$40\r\n${"a".repeat(40)}\r\n`;
      if (command.startsWith("cluster slots")) socket.write(slots);
      else if (command.startsWith("cluster info")) socket.write("$16\r\ncluster_state:ok\r\n");
      else if (command.startsWith("info")) socket.write("$9\r\nloading:0\r\n");
      else socket.write("+OK\r\n");
    }
  });
}

it.each([1, 2])("the client of %d Redis addresses sends the server's name", async (count) => {
  standIn = await startTlsStandIn("redis", redisNode);
  const url = `rediss://:secret@localhost:${standIn.port}?ssl_cert_reqs=none`;
  const client = openRedis(Array.from({ length: count }, () => url));
  client.on("error", () => undefined);
  await new Promise<void>((resolve) => client.once("ready", () => resolve()));
  expect(await client.set("key", "value")).toBe("OK");
  client.disconnect();
  expect(standIn.names.length).toBeGreaterThan(count - 1);
  expect(standIn.names.every((name) => name === "localhost")).toBe(true);
});
