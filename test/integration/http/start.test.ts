import { type ChildProcess, spawn } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";

/** Long enough for a first start, which takes over half a minute on a busy machine. */
const START_TIMEOUT_MS = 180_000;

/** A process of the project with its own directory for temporary files. */
interface Started {
  readonly process: ChildProcess;
  readonly dataDir: string;
  readonly temporaryDir: string;
  /** Resolves when the process has written a new match. */
  wrote(pattern: RegExp): Promise<RegExpExecArray>;
  /** The exit code or the signal that ended the process, and its output. */
  readonly ended: Promise<{ exit: number | NodeJS.Signals | null; output: string }>;
}

const root = mkdtempSync(join(tmpdir(), "start-"));
const running = new Set<ChildProcess>();

afterEach(() => {
  for (const { pid } of running) if (pid !== undefined) process.kill(-pid, "SIGKILL");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Runs `node` with the embedded database on a free port; the environment has only the paths of its files. */
function start(
  name: string,
  nodeArguments: readonly string[],
  options: { readonly dataDir?: string; readonly cwd?: string } = {},
): Started {
  const temporaryDir = join(root, `${name}.tmp`);
  mkdirSync(temporaryDir, { recursive: true });
  const dataDir = options.dataDir ?? join(root, name);
  const child = spawn(process.execPath, nodeArguments, {
    cwd: options.cwd ?? process.cwd(),
    env: { PATH: process.env["PATH"], TMPDIR: temporaryDir, DATA_DIR: dataDir, PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
    // A new process group, with which the child of `--watch` is killed as well.
    detached: true,
  });
  running.add(child);
  let output = "";
  let read = 0;
  let look = () => {};
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      look();
    });
  const ended = new Promise<{ exit: number | NodeJS.Signals | null; output: string }>((done) => {
    child.once("close", (code, signal) => {
      running.delete(child);
      done({ exit: code ?? signal, output });
    });
  });
  return {
    process: child,
    dataDir,
    temporaryDir,
    ended,
    wrote: (pattern) =>
      new Promise((found, reject) => {
        look = () => {
          const match = pattern.exec(output.slice(read));
          if (match === null) return;
          read += match.index + match[0].length;
          found(match);
        };
        look();
        void ended.then(() => reject(new Error(`ended without ${String(pattern)}: ${output}`)));
      }),
  };
}

const leftIn = ({ temporaryDir }: Started) =>
  readdirSync(temporaryDir).filter((name) => name.startsWith("halal-"));

describe("npm run dev", { timeout: START_TIMEOUT_MS }, () => {
  it("serves from the embedded database, and again after a change to a file", async () => {
    const clone = join(root, "clone");
    for (const name of ["src", "drizzle", "migrations", "package.json"])
      cpSync(resolve(name), join(clone, name), { recursive: true });
    symlinkSync(resolve("node_modules"), join(clone, "node_modules"));
    const server = start("dev", ["--watch", "src/main.ts"], { cwd: clone });
    const ask = async () => {
      const [, port] = await server.wrote(/"port":(\d+),.*"msg":"ready"/);
      const input = encodeURIComponent('{"latitude":48.8566,"longitude":2.3522}');
      const response = await fetch(`http://localhost:${port}/trpc/store.nearby?input=${input}`);
      return (await response.json()) as { result: { data: { items: unknown[] } } };
    };
    const first = await ask();
    expect(first.result.data.items).toHaveLength(20);

    // A file that is reached only through an import which the module hook resolves.
    appendFileSync(join(clone, "src/features/store/queries.ts"), "// changed\n");
    expect(await ask()).toEqual(first);

    server.process.kill("SIGTERM");
    await server.ended;
    await expect.poll(() => leftIn(server), { timeout: 20_000 }).toEqual([]);
  });
});

describe("a first start that gets a stop signal", { timeout: START_TIMEOUT_MS }, () => {
  it.each([
    ["SIGINT", 130, ["src/main.ts"]],
    ["SIGTERM", 143, ["src/main.ts"]],
    ["SIGINT", 130, ["src/cli/demo.ts"]],
  ] as const)(
    "by %s exits with %i and leaves no lock and no socket: %j",
    async (signal, exit, args) => {
      const server = start(`stopped-${args.join().replaceAll("/", "-")}-${signal}`, args);
      await server.wrote(/migrating/);
      expect(leftIn(server)).toHaveLength(1);
      server.process.kill(signal);
      expect((await server.ended).exit).toBe(exit);
      expect(leftIn(server)).toEqual([]);
      expect(existsSync(join(server.dataDir, "lock.pid"))).toBe(false);
    },
  );
});

describe("an impossible start gives a one-line error", () => {
  const USER = "7b1d5a2e-54f2-4a0e-9d70-2f6f3f3a1b11";
  const programs = [
    ["start", ["src/main.ts"]],
    ["import", ["src/cli/import.ts", "stores", "package.json"]],
    ["token", ["src/cli/token.ts", "--user", USER]],
  ] as const;

  it.each(programs)("%s: DATA_DIR is a file", async (name, args) => {
    const dataDir = join(root, `${name}-file`);
    writeFileSync(dataDir, "");
    const { exit, output } = await start(name, args, { dataDir }).ended;
    expect(output).toBe(
      `DATA_DIR ${dataDir} cannot be used: a file is where a directory should be\n`,
    );
    expect(exit).toBe(1);
  });

  it.each(programs)("%s: the development secret is empty", async (name, args) => {
    const dataDir = join(root, `${name}-empty`);
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, "jwt-secret"), "");
    const { exit, output } = await start(name, args, { dataDir }).ended;
    expect(output).toMatch(/^\S+jwt-secret has 0 characters, but .*\n$/);
    expect(exit).toBe(1);
    expect(readdirSync(dataDir)).toEqual(["jwt-secret"]);
  });
});
