import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  readEmbeddedState,
  removeUnfinished,
  writeEmbeddedState,
} from "../../../../src/db/embedded/state.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "state-test-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

test("a directory goes from absent over creating to ready", async () => {
  expect(await readEmbeddedState(directory)).toBe("absent");
  await writeEmbeddedState(directory, "creating");
  expect(await readEmbeddedState(directory)).toBe("creating");
  mkdirSync(join(directory, "pg"));
  expect(await readEmbeddedState(directory)).toBe("creating");
  await writeEmbeddedState(directory, "ready");
  expect(await readEmbeddedState(directory)).toBe("ready");
  rmSync(join(directory, "pg"), { recursive: true });
  expect(await readEmbeddedState(directory)).toBe("creating");
});

test("a pg folder of another program is rejected", async () => {
  mkdirSync(join(directory, "pg"));
  await expect(readEmbeddedState(directory)).rejects.toThrow("was not made by this program");
});

test.each(["{", "null", "{}", '{"state":"ready","format":99}'])(
  "a state file with %s is rejected",
  async (text) => {
    writeFileSync(join(directory, "pg.json"), text);
    await expect(readEmbeddedState(directory)).rejects.toThrow("later release or damaged");
  },
);

test("removeUnfinished removes only the database's folder", async () => {
  mkdirSync(join(directory, "pg"));
  writeFileSync(join(directory, "pg", "PG_VERSION"), "18");
  writeFileSync(join(directory, "jwt-secret"), "kept");
  await removeUnfinished(directory);
  expect(existsSync(join(directory, "pg"))).toBe(false);
  expect(existsSync(join(directory, "jwt-secret"))).toBe(true);
});
