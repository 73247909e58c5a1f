import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The package's name, which stands in its package.json alone. */
export const CLIENT_PACKAGE = (
  JSON.parse(readFileSync("packages/client/package.json", "utf8")) as { readonly name: string }
).name;

/** The options of `npx expo init` with `strict`, and with declarations checked. Source: expo/tsconfig.base.json. */
const TSCONFIG = {
  compilerOptions: {
    strict: true,
    skipLibCheck: false,
    target: "esnext",
    lib: ["dom", "esnext"],
    module: "preserve",
    moduleDetection: "force",
    moduleResolution: "bundler",
    customConditions: ["react-native"],
    jsx: "react-jsx",
    types: [],
    noEmit: true,
  },
};

/** A TypeScript project that knows nothing of this repository, with the packed library in it. */
export interface ClientProject {
  readonly directory: string;
  /** Type-checks all of it; gives what the compiler says, empty when that is nothing. */
  check(): Promise<string>;
}

/** Packs the library as it would be published, and installs it in an empty project, without a registry. */
export async function installPackedClient(
  files: Readonly<Record<string, string>>,
): Promise<ClientProject> {
  const directory = mkdtempSync(join(tmpdir(), "halal-client-"));
  await run("npm", ["pack", "--workspace", CLIENT_PACKAGE, "--pack-destination", directory]);
  const tarball = readdirSync(directory).find((name) => name.endsWith(".tgz")) ?? "";
  writeFileSync(join(directory, "package.json"), '{ "private": true, "type": "module" }');
  writeFiles(directory, files);
  // The dependencies from here: the same bytes, and no network in a test.
  const trpc = ["client", "server"].map((name) => resolve("node_modules/@trpc", name));
  const flags = "--offline --no-audit --no-fund --legacy-peer-deps --install-links".split(" ");
  await run("npm", ["install", ...flags, `./${tarball}`, ...trpc], { cwd: directory });
  return projectIn(directory);
}

/** Another project with the same packages; packing and installing them takes much longer than a copy. */
export function copyProject(
  { directory: original }: ClientProject,
  files: Readonly<Record<string, string>>,
): ClientProject {
  const directory = mkdtempSync(join(tmpdir(), "halal-client-"));
  for (const name of ["package.json", "node_modules"])
    cpSync(join(original, name), join(directory, name), { recursive: true });
  writeFiles(directory, files);
  return projectIn(directory);
}

function writeFiles(directory: string, files: Readonly<Record<string, string>>): void {
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(TSCONFIG));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
}

function projectIn(directory: string): ClientProject {
  return {
    directory,
    async check() {
      const compiler = resolve("node_modules/typescript/bin/tsc");
      try {
        await run(process.execPath, [compiler, "-p", directory]);
        return "";
      } catch (error) {
        return (error as { readonly stdout: string }).stdout;
      }
    },
  };
}

/** Adds packages of this repository, as they are, to a project. */
export function addPackages({ directory }: ClientProject, names: readonly string[]): void {
  for (const name of names) {
    const target = join(directory, "node_modules", name);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join("node_modules", name), target, { recursive: true, dereference: true });
  }
}
