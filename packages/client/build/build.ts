import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type Plugin, rolldown } from "rolldown";
import { dts } from "rolldown-plugin-dts";
import { rewriteRouterTypes } from "./router-types.ts";

const PACKAGE = fileURLToPath(new URL("..", import.meta.url));
const DIST = `${PACKAGE}dist`;
const DECLARATIONS = `${DIST}/declarations`;
const ENTRIES = ["index", "queries", "expo-sqlite", "node-sqlite"];
const EXTERNAL = /^@trpc\//;

/** In declarations the compiler keeps `.ts` in the names of files, which have become `.d.ts`. */
const declarationsByName: Plugin = {
  name: "declarations-by-name",
  resolveId(name, importer) {
    if (importer === undefined || !name.startsWith(".") || !name.endsWith(".ts")) return null;
    const file = fileURLToPath(
      new URL(name.replace(/(?:\.d)?\.ts$/, ".d.ts"), `file://${importer}`),
    );
    return existsSync(file) ? file : null;
  },
};

/** The texts that the server alone says, which a phone has no use for: it tells faults of codes itself, in English. */
const SERVER_TEXTS = /src\/texts\/(?:(?:inputs|reasons)\/\w+|errors\/(?:fr|ar))\.ts$/;
const withoutServerTexts: Plugin = {
  name: "without-server-texts",
  load(id) {
    const [, language] = /(\w+)\.ts$/.exec(id) ?? [];
    return SERVER_TEXTS.test(id) ? `export const ${language} = {};` : null;
  },
};

async function buildCode(): Promise<void> {
  const bundle = await rolldown({
    input: Object.fromEntries(ENTRIES.map((entry) => [entry, `${PACKAGE}src/${entry}.ts`])),
    external: EXTERNAL,
    plugins: [withoutServerTexts],
    platform: "neutral",
    resolve: { mainFields: ["module", "main"] },
    treeshake: { moduleSideEffects: false },
    transform: { target: "es2022" },
  });
  await bundle.write({ dir: DIST, format: "es", chunkFileNames: "[name].js", minify: true });
  await bundle.close();
}

async function buildTypes(): Promise<void> {
  const compiler = fileURLToPath(import.meta.resolve("typescript/package.json"));
  const config = fileURLToPath(new URL("tsconfig.json", import.meta.url));
  const { bin } = JSON.parse(readFileSync(compiler, "utf8")) as { readonly bin: { tsc: string } };
  execFileSync(process.execPath, [`${dirname(compiler)}/${bin.tsc}`, "-p", config], {
    stdio: "inherit",
  });
  rewriteRouterTypes(DECLARATIONS);
  const source = `${DECLARATIONS}/packages/client/src`;
  const bundle = await rolldown({
    input: Object.fromEntries(ENTRIES.map((entry) => [entry, `${source}/${entry}.d.ts`])),
    external: EXTERNAL,
    plugins: [declarationsByName, dts({ dtsOnly: true, tsconfig: false, generator: "oxc" })],
  });
  await bundle.write({ dir: DIST, format: "es", chunkFileNames: "[name].ts" });
  await bundle.close();
  rmSync(DECLARATIONS, { recursive: true });
}

rmSync(DIST, { recursive: true, force: true });
await buildCode();
await buildTypes();
