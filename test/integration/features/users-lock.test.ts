import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../support/calls.ts";
import { caseOf } from "../../support/procedure-cases.ts";
import { callOverHttp, PROCEDURES } from "../../support/procedures.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";
import { bearer } from "../../support/tokens.ts";
import { newBarcode } from "../../support/user-rows.ts";

/** Procedures that write one row by one statement, which the row's own lock orders against an erasure. */
const WRITE_ONE_ROW = ["account.updateProfile", "push.preferences", "push.unregister"];
const WRITING = PROCEDURES.filter(
  ({ auth, path, isMutation }) => isMutation && (auth === "user" || path === "reports.create"),
);

describe.skipIf(stackKind() !== "docker")("the lock of a user (docker)", () => {
  const userId = randomUUID();
  let stack: Stack;
  let instance: Instance;
  let token: string;
  beforeAll(async () => {
    stack = await openStack();
    await insertTestSource(stack.sql);
    instance = await stack.startInstance();
    token = await bearer({ id: userId });
  });
  afterAll(() => stack.close());

  const waiting = async () => {
    const [row] = await stack.sql<{ count: number }[]>`
      select count(*)::int as count from pg_locks
      where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())`;
    return row?.count ?? 0;
  };

  it("knows every procedure that writes for a user", () => {
    const paths = WRITING.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(WRITE_ONE_ROW));
    expect(paths).toContain("account.erase");
  });

  it.each(WRITING.filter(({ path }) => !WRITE_ONE_ROW.includes(path)))(
    "$path waits for it, and for nobody else's",
    async (procedure) => {
      const { guestToken } = await instance.client.reports.guestToken.mutate();
      const world = { stack, instance, userId, barcode: newBarcode(), guestToken };
      const one = caseOf(procedure, world);
      const [input, another] = [await one.input(), await one.input()];
      let call: ReturnType<typeof callOverHttp> | undefined;
      await stack.sql.begin(async (transaction) => {
        await transaction`select pg_advisory_xact_lock(hashtextextended(${userId}::text, 0))`;
        let isAnswered = false;
        call = callOverHttp(instance.url, procedure, input, token);
        void call.finally(() => {
          isAnswered = true;
        });
        await eventually(2_000, waiting, (count) => count === 1);
        // `scans.remove` of somebody else's scan finds none.
        const other = await callOverHttp(instance.url, procedure, another, await bearer({}));
        expect([200, 404]).toContain(other.status);
        expect(isAnswered).toBe(false);
      });
      expect((await call)?.status).toBe(200);
    },
  );
});
