import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  COPENHAGEN,
  countEvents,
  countsOf,
  type Importer,
  openImporter,
  shops,
} from "../../support/import-run.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";

/** Running instances show an import within 1 s of its end; the second one is for a loaded machine. */
const SHOWN_WITHIN = { timeout: 2_000, interval: 50 };

let stack: Stack;
let instance: Instance;
let importer: Importer;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
  importer = openImporter(stack);
  await stack.sql`
    insert into certifiers (id, name, country, trust_score, label_tags)
    values ('avs', 'À Votre Service (AVS)', 'FR', 80, array['fr:a-votre-service'])`;
});

afterAll(async () => {
  await importer.close();
  await stack.close();
});

describe("stores", () => {
  it("are in the answers of store.nearby; the same file changes nothing, a changed file changes its rows only", async () => {
    const path = importer.write("shops.geojson", shops(30));
    expect(countsOf(await importer.run("stores", path))).toEqual([30, 30, 0, 0, 0]);
    await expect
      .poll(
        async () => (await instance.client.store.nearby.query(COPENHAGEN)).items.length,
        SHOWN_WITHIN,
      )
      .toBe(20);

    const before = await countEvents(stack);
    const [source] = await stack.sql`select * from data_sources where id = 'osm'`;
    expect(source).toMatchObject({
      licence: "ODbL 1.0",
      attribution: "© OpenStreetMap contributors",
    });
    expect(countsOf(await importer.run("stores", path))).toEqual([30, 0, 0, 30, 0]);
    expect(await countEvents(stack)).toBe(before);
    expect((await stack.sql`select * from data_sources where id = 'osm'`)[0]).toEqual(source);

    const changed = importer.write(
      "shops.geojson",
      shops(31, (i) => (i === 3 ? { name: "New name" } : {})),
    );
    expect(countsOf(await importer.run("stores", changed))).toEqual([31, 1, 1, 29, 0]);
    expect(await countEvents(stack)).toBe(before + 2);
    await expect
      .poll(async () => {
        const { items } = await instance.client.store.nearby.query(COPENHAGEN);
        return items[3]?.name;
      }, SHOWN_WITHIN)
      .toBe("New name");
  });

  it("keep the removal, the rating and the certificate that editors set", async () => {
    await stack.sql`
      update stores set halal_certified = true, certifier_id = 'avs', average_rating = 4.5, removed_at = now()
      where source = 'osm' and source_ref = 'node/5'`;
    const path = importer.write(
      "again.geojson",
      shops(6, (i) => (i === 5 ? { phone: "+45 5" } : {})),
    );
    await importer.run("stores", path);
    const [row] = await stack.sql`
      select phone, halal_certified, certifier_id, average_rating, removed_at is not null as removed
      from stores where source = 'osm' and source_ref = 'node/5'`;
    expect(row).toEqual({
      phone: "+45 5",
      halal_certified: true,
      certifier_id: "avs",
      average_rating: 4.5,
      removed: true,
    });
  });

  it("of a CSV file take its word on certification, and its licence from the operator", async () => {
    const source = {
      id: "city-list",
      name: "City list",
      licence: "CC BY 4.0",
      attribution: "The city",
      url: null,
    };
    const csv = (certifier: string) =>
      importer.write(
        "list.csv",
        `id,name,latitude,longitude,type,certifier\n1,"Ali, butcher",1,2,butcher,${certifier}\n2,No place,,,other,\n`,
      );
    const first = await importer.run("stores", csv("AVS"), { source });
    expect(countsOf(first)).toEqual([2, 1, 0, 0, 1]);
    const read = () => stack.sql`
      select stores.name, halal_certified, certifier_id, licence from stores join data_sources on data_sources.id = source
      where source = 'city-list'`;
    expect(await read()).toEqual([
      { name: "Ali, butcher", halal_certified: true, certifier_id: "avs", licence: "CC BY 4.0" },
    ]);
    expect(countsOf(await importer.run("stores", csv(""), { source }))).toEqual([2, 0, 1, 0, 1]);
    expect((await read())[0]).toMatchObject({ halal_certified: false, certifier_id: null });
  });

  it("that are rejected are listed with their position and the reason", async () => {
    const path = importer.write(
      "mixed.csv",
      "name,lat,lon,type\nA,1,2,bakery\n,1,2,bakery\nB,95,2,bakery\nC,1,2,castle\nA,1,2,bakery\n",
    );
    const summary = await importer.run("stores", path);
    expect(countsOf(summary)).toEqual([5, 1, 0, 0, 4]);
    expect(Object.fromEntries(summary.reasons)).toEqual({
      no_name: 1,
      no_position: 1,
      store_type: 1,
      repeated: 1,
    });
    const rejects = readFileSync(summary.rejectsFile ?? "", "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { line: number; reason: string });
    expect(rejects.map(({ line, reason }) => `${line} ${reason}`)).toEqual([
      "3 no_name",
      "4 no_position",
      "5 store_type",
      "6 repeated",
    ]);
  });
});
