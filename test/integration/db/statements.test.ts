import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { currentRulings } from "../../../src/verdict/rulings-policy.ts";
import { callOverHttp, PROCEDURES } from "../../support/procedures.ts";
import { insertAdditives, insertProduct } from "../../support/catalog-rows.ts";
import { caseOf, type CaseWorld, specialCases } from "../../support/procedure-cases.ts";
import { openStack, type Instance, type Stack, stackKind } from "../../support/stack.ts";
import { insertTestSource } from "../../support/store-rows.ts";
import { bearer } from "../../support/tokens.ts";
import { newBarcode } from "../../support/user-rows.ts";

const isDocker = stackKind() === "docker";
const USER = randomUUID();
const BARCODE = newBarcode();

let stack: Stack;
let instance: Instance;
let userToken: string;
let adminToken: string;

let world: CaseWorld;

/** Is sent instead of a reading of the journal for which a busy machine has no time. */
const GIVEN_UP = "select $1";

/**
 * Returns the statements of the service on this file's database since the last count, from PostgreSQL's statistics:
 * without those of the journal, which every instance reads continuously, and without those with which PgBouncer
 * prepares a connection for a client.
 */
async function takeStatements(): Promise<string[]> {
  const rows = await stack.sql<{ query: string; calls: number }[]>`
    select query, calls::int as calls from pg_stat_statements
    where dbid = (select oid from pg_database where datname = current_database())
      and userid = 'app'::regrole
      and query !~ 'cache_events|pg_current_wal_insert_lsn|^SET application_name' and query <> ${GIVEN_UP}`;
  await stack.sql`
    select pg_stat_statements_reset(0, (select oid from pg_database where datname = current_database()), 0)`;
  return rows.flatMap(({ query, calls }) => Array.from({ length: calls }, () => query));
}

/** The statements around those of an administrator's mutation, once each. */
const AUDITED = ["begin", "commit", "set_config"];

/** Takes the statements that make a transaction audited out of those of a call. */
function withoutAudit(statements: readonly string[]): { audit: string[]; rest: string[] } {
  const audit = statements.flatMap((text) => {
    const [kind] = /^(?:begin|commit)$|(?<=^select )set_config(?=\()/.exec(text) ?? [];
    return kind === undefined ? [] : [{ text, kind }];
  });
  const texts = audit.map(({ text }) => text);
  return {
    audit: audit.map(({ kind }) => kind).toSorted(),
    rest: statements.filter((text) => !texts.includes(text)),
  };
}

beforeAll(async () => {
  if (!isDocker) return;
  stack = await openStack();
  await insertTestSource(stack.sql);
  await insertProduct(stack.sql, { barcode: `0${BARCODE}`, brand: "Some Brand" });
  await insertAdditives(stack.sql, [{ code: "E471" }, { code: "E472" }]);
  instance = await stack.startInstance();
  userToken = await bearer({ id: USER });
  adminToken = await bearer({ isAdmin: true });
  const { guestToken } = await instance.client.reports.guestToken.mutate();
  world = { stack, instance, userId: USER, barcode: BARCODE, guestToken };
  // The first statement on a connection through the pooler causes additional ones.
  await instance.client.certifier.list.query();
});

afterAll(() => (isDocker ? stack.close() : undefined));

describe.skipIf(!isDocker)("statements of a call, counted by PostgreSQL (docker)", () => {
  it("has no case of a procedure that is not there", () => {
    const paths = PROCEDURES.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(Object.keys(specialCases(world))));
  });

  it.each(PROCEDURES)("$path sends the statements of its case", async (procedure) => {
    const one = caseOf(procedure, world);
    const token = { public: undefined, user: userToken, admin: adminToken }[procedure.auth];
    const input = await one.input();
    // Waits until the instance has read the events of the preparation and dropped the affected entries.
    await instance.deps.cache.catchUp();
    // Rulings are in memory until one changes, so their statement belongs to no call.
    await currentRulings(instance.deps);
    await takeStatements();
    const call = async () => {
      const { status, text } = await callOverHttp(instance.url, procedure, input, token);
      expect([status, text.slice(0, 300)]).toEqual([200, expect.any(String)]);
      return takeStatements();
    };
    const { audit, rest: first } = withoutAudit(await call());
    expect(audit).toEqual(procedure.auth === "admin" && procedure.isMutation ? AUDITED : []);
    expect([first.length, first]).toEqual([one.statements, first]);
    const again = one.cached === true ? 0 : one.again;
    const second = again === undefined ? [] : await call();
    expect([second.length, second]).toEqual([again ?? 0, second]);
  });
});
