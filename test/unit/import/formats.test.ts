import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { chooseFormat, findSyntax, peek } from "../../../src/import/formats.ts";
import { IMPORT_KINDS, type ImportKind, KINDS } from "../../../src/import/registry.ts";
import { inChunks } from "./bytes.ts";

describe("findSyntax", () => {
  it.each<[ImportKind, string, string]>([
    ["stores", '{"type":"FeatureCollection","features":[{"type":"Feature"}]}', "json-items"],
    ["stores", '{\n"type": "FeatureCollection",\n"features": [\n{ "a": 1 },', "json-items"],
    ["stores", '{"type":"FeatureCollection","features":[\n{"type":"Feature"},', "json-items"],
    ["stores", '{"type":"FeatureCollection","features":[]}\n', "json-items"],
    ["stores", '{"type":"Feature"}\n{"type":"Feature"}', "json-lines"],
    ["stores", '{"type":"Feat\n{"type":"Feature"}', "json-lines"],
    ["stores", '\n[{"type":"Feature"}]', "json-items"],
    ["stores", '[\n{"type":"Feature"},\n{"type":"Feature"}', "json-items"],
    ["products", ',"brands":"x"}\n{"code":"1"}\n{"code":"2', "json-lines"],
    ["products", 'half, of a line"}\n{"code":"1', "json-lines"],
    ["products", '{"code":"1","product_name":"a', "json-lines"],
    ["products", '{"count":1,"products":[{"code":"1"}', "json-items"],
    ["products", '{\n  "products": [\n', "json-items"],
    ["products", "code\tproduct_name\n1\tx", "tabs"],
    ["stores", "name,latitude,longitude\n", "commas"],
    ["additives", '<?xml version="1.0"?><ecodes>', "xml"],
    ["additives", "# a word\n\nstopwords:en: of\n", "taxonomy"],
    ["certifiers", "en:Halal\nfr:Halal\n\n<en:Halal\nfr:AVS\n", "taxonomy"],
    ["certifiers", "<en:Halal\nfr:AVS\n", "taxonomy"],
  ])("reads a file of %s that begins with %j as %s", (kind, head, syntax) => {
    expect(findSyntax(kind, head)).toBe(syntax);
  });
});

describe("chooseFormat", () => {
  it("lists the formats of a kind when it finds none", () => {
    expect(() => chooseFormat("products", "<?xml?>")).toThrow(/JSON lines/);
    expect(() => chooseFormat("stores", '<osm version="0.6">')).toThrow(/GeoJSON/);
  });
});

describe("the registry", () => {
  it.each(IMPORT_KINDS)("has formats of %s, and a row in docs/imports.md", (kind) => {
    expect(Object.keys(KINDS[kind].formats(""))).not.toEqual([]);
    expect(readFileSync("docs/imports.md", "utf8")).toMatch(
      new RegExp(`^\\| \`${kind}\` +\\|`, "m"),
    );
  });

  it("has another lock for each kind", () => {
    const locks = IMPORT_KINDS.map((kind) => KINDS[kind].lock);
    expect(new Set(locks).size).toBe(locks.length);
  });
});

describe("peek", () => {
  it("leaves the whole stream to be read", async () => {
    const peeked = await peek(inChunks("some text", 2));
    const parts: Buffer[] = [];
    for await (const chunk of peeked?.chunks ?? []) parts.push(chunk);
    expect(peeked?.head).toBe("some text");
    expect(Buffer.concat(parts).toString()).toBe("some text");
  });

  it("returns null for an empty file", async () => {
    expect(await peek(inChunks(" \n "))).toBeNull();
  });
});
