import { execFile } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  addPackages,
  CLIENT_PACKAGE,
  type ClientProject,
  copyProject,
  installPackedClient,
} from "../../support/packed-client.ts";
import { PROCEDURES } from "../../support/procedures.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";
import { insertStores } from "../../support/store-rows.ts";

const run = promisify(execFile);
/** Units: bytes, compressed. */
const CODE_MAX_BYTES = 30 * 1024;

/** Everything that a program of the library's user may do, typed. */
const program = (url: string) => `
import { createHalalClient, ERROR_REASONS, type ErrorReason, MADHABS, type RouterInputs, type RouterOutputs } from "${CLIENT_PACKAGE}";

const client = createHalalClient({ url: "${url}" });
const input: RouterInputs["store"]["nearby"] = { latitude: 48.85, longitude: 2.35 };
const answer: RouterOutputs["store"]["nearby"] = await client.trpc.store.nearby.query(input);
const name: string | undefined = answer.items[0]?.name;
const reason: ErrorReason = ERROR_REASONS[0];
const madhab: "hanafi" = MADHABS[0];
// @ts-expect-error -- a misspelt procedure is an error, so the router is no \`any\`
client.trpc.store.nearbye;
// @ts-expect-error -- so is a wrong input
const wrong: RouterInputs["store"]["nearby"] = { latitude: "48.85", longitude: 2.35 };
// @ts-expect-error -- and a wrong output
const distance: string | undefined = answer.items[0]?.distance;
console.log(JSON.stringify({ name, reason, madhab, wrong: typeof wrong, distance: typeof distance }));
await client.close();
`;

let stack: Stack;
let instance: Instance;
let project: ClientProject;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
  await insertStores(stack.sql, [{ latitude: 48.85, longitude: 2.35, name: "Typed" }]);
  project = await installPackedClient({ "main.ts": program(instance.url) });
});

afterAll(async () => {
  await stack.close();
  if (project !== undefined) rmSync(project.directory, { recursive: true, force: true });
});

const installed = () => join(project.directory, "node_modules", CLIENT_PACKAGE);
const filesOf = (ending: string) =>
  readdirSync(join(installed(), "dist"))
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(join(installed(), "dist", name), "utf8"));

describe("the packed phone library", () => {
  it("type-checks and answers in a strict project that has nothing but it and tRPC", async () => {
    expect(await project.check()).toBe("");
    const { stdout } = await run(process.execPath, ["main.ts"], { cwd: project.directory });
    expect(JSON.parse(stdout)).toMatchObject({ name: "Typed", madhab: "hanafi" });
  });

  it("has nothing of the server's packages, and needs no Node", () => {
    for (const text of [...filesOf(".js"), ...filesOf(".d.ts")]) {
      const imported = Array.from(
        text.matchAll(/(?:from|import)\s*\(?"([^"]+)"/g),
        ([, name]) => name,
      );
      expect(imported.filter((name) => !/^(?:\.\/|@trpc\/)/.test(name ?? ""))).toEqual([]);
    }
    for (const text of filesOf(".js"))
      expect(text).not.toMatch(/\bBuffer\.|\bprocess\.|setImmediate/);
  });

  it("keeps the docstring of every procedure", () => {
    const types = filesOf(".d.ts").join("\n");
    const documented = Array.from(
      types.matchAll(/\*\/\s*(\w+): import\("@trpc\/server"\)\.TRPC(?:Query|Mutation)Procedure/g),
      ([, name]) => name,
    );
    expect(documented).toEqual(PROCEDURES.map(({ path }) => path.split(".")[1]));
    expect(types).toContain("metres along the WGS 84 geodesic");
  });

  it("is at most 30 KB of code, compressed, without tRPC", () => {
    const bytes = gzipSync(filesOf(".js").join("\n"), { level: 9 }).length;
    expect(bytes).toBeLessThanOrEqual(CODE_MAX_BYTES);
  });

  it("has an example for Expo that type-checks", async () => {
    const readme = readFileSync("packages/client/README.md", "utf8");
    const example = /```tsx\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
    expect(example).toContain(`from "${CLIENT_PACKAGE}"`);
    const expo = copyProject(project, {
      "App.tsx": example,
      "modules.d.ts": readFileSync("test/support/expo/modules.d.ts", "utf8"),
    });
    try {
      addPackages(expo, [
        "@tanstack/react-query",
        "@tanstack/query-core",
        "@types/react",
        "csstype",
        "react",
      ]);
      expect(await expo.check()).toBe("");
    } finally {
      rmSync(expo.directory, { recursive: true, force: true });
    }
  });
});
