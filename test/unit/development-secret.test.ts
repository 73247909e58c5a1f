import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, it } from "vitest";
import { developmentSecret } from "../../src/development-secret.ts";
import { StartupError } from "../../src/startup-error.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "secret-test-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it("the secret is created once, readable for its owner only, and without other files", () => {
  const dataDir = join(directory, "a", "b");
  const secret = developmentSecret(dataDir);
  expect(secret).toMatch(/^[\w-]{43}$/);
  expect(developmentSecret(dataDir)).toBe(secret);
  expect(readFileSync(join(dataDir, "jwt-secret"), "utf8")).toBe(secret);
  expect(statSync(join(dataDir, "jwt-secret")).mode & 0o777).toBe(0o600);
  expect(readdirSync(dataDir)).toEqual(["jwt-secret"]);
});

it("the secret is the same for concurrent callers", async () => {
  const dataDir = join(directory, "data");
  const module = JSON.stringify(new URL("../../src/development-secret.ts", import.meta.url).href);
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => {
      const worker = new Worker(
        `import(${module}).then(({ developmentSecret }) =>
          require("node:worker_threads").parentPort.postMessage(developmentSecret(${JSON.stringify(dataDir)})));`,
        { eval: true, execArgv: [] },
      );
      return new Promise<unknown>((resolve, reject) => {
        worker.once("message", resolve);
        worker.once("error", reject);
      });
    }),
  );
  expect(new Set(answers)).toEqual(new Set([developmentSecret(dataDir)]));
  expect(readdirSync(dataDir)).toEqual(["jwt-secret"]);
});

it.each(["", "x".repeat(31)])("a file with the content '%s' is rejected and kept", (content) => {
  const file = join(directory, "jwt-secret");
  writeFileSync(file, content);
  expect(() => developmentSecret(directory)).toThrow(StartupError);
  expect(() => developmentSecret(directory)).toThrow(
    `${file} has ${content.length} characters, but a secret must have at least 32: remove it, and a new one is made`,
  );
  expect(readFileSync(file, "utf8")).toBe(content);
});

it("a data directory that is a file, and a secret that is a directory, are rejected", () => {
  writeFileSync(join(directory, "file"), "");
  const message = (path: string) => `DATA_DIR ${path} cannot be used: a file is where a directory`;
  for (const path of [join(directory, "file"), join(directory, "file", "data")])
    expect(() => developmentSecret(path)).toThrow(message(path));
  mkdirSync(join(directory, "jwt-secret"));
  expect(() => developmentSecret(directory)).toThrow(/^DATA_DIR .* cannot be used: EISDIR/);
});
