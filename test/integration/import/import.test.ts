import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cell, toCopyLine } from "../../../src/import/write/copy-text.ts";
import { COMPUTED_COLUMNS } from "../../../src/verdict/computed-status.ts";
import { PRODUCT_TARGET } from "../../../src/import/kinds/products/target.ts";
import { closeSession, openStaging } from "../../../src/import/write/staging.ts";
import { countEvents, countsOf, type Importer, openImporter } from "../../support/import-run.ts";
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

describe("products", () => {
  it("of either export become scanned products with labels, additives and a verdict", async () => {
    const tsv = [
      "code\tproduct_name\tbrands\tlabels_tags\tadditives_tags\tingredients_text",
      "11110786043\tChile\tKroger\ten:halal,fr:a-votre-service\ten:e330\tchile",
      '0021130341658\tGreen "hot"\tSignature\ten:halal\t\tchile',
      "3.02E+12\tDamaged\tX\t\t\t",
      "0011110786044\tMistyped\tX\t\t\t",
      "0011110786043\tChile again\tX\t\t\t",
    ].join("\n");
    const summary = await importer.run("products", importer.write("products.csv", tsv));
    expect(countsOf(summary)).toEqual([5, 2, 0, 0, 3]);
    expect(Object.fromEntries(summary.reasons)).toEqual({
      barcode_spreadsheet_damage: 1,
      barcode_check_digit: 1,
      repeated: 1,
    });
    expect(Object.fromEntries(summary.notes)).toEqual({ barcode_repaired: 1 });

    const user = await instance.as({});
    const scan = (id: string, barcode: string) =>
      user.scans.record.mutate({ id: `00000000-0000-4000-8000-00000000000${id}`, barcode });
    const certified = await scan("1", "011110786043");
    expect(certified.product).toMatchObject({ name: "Chile", brand: "Kroger", certifierId: "avs" });
    expect(certified.verdict.halalStatus).toBe("halal");
    expect(certified.verdict.reasons.map(({ code }) => code)).toContain("label_certifier");
    const claimed = await scan("2", "0021130341658");
    expect(claimed.product).toMatchObject({ name: 'Green "hot"', certifierId: null });
    expect(claimed.verdict).toMatchObject({ halalStatus: "halal", confidence: 0.6 });
  });

  it("are rejected one by one where the database refuses them", async () => {
    try {
      const staging = await openStaging(importer.sql, PRODUCT_TARGET, {
        isDryRun: false,
        onWritten: () => Promise.resolve(),
      });
      const given = new Map<string, Cell>([
        ["says", []],
        ["name", "x"],
        ["names", "{}"],
        ["confidence_score", 0],
        ["reasons", "[]"],
        ["additives", []],
        ["ingredient_texts", "{}"],
        ["labels", []],
        ["categories", []],
        ["allergens", []],
        ["source", "off"],
        ...COMPUTED_COLUMNS.map((column) => [column, "unknown"] as const),
      ]);
      const row = (position: number, status: string) => {
        const cells = new Map(given)
          .set("barcode", `0000000000000${position}`)
          .set("halal_status", status);
        return {
          position,
          line: toCopyLine(PRODUCT_TARGET.columns.map(({ name }) => cells.get(name) ?? null)),
        };
      };
      const rows = [1, 2, 3, 4, 5, 6, 7].map((i) => row(i, i === 5 ? "perhaps" : "unknown"));
      const outcome = await staging.merge(rows);
      expect(outcome).toMatchObject({ inserted: 6, updated: 0, same: 0 });
      expect(outcome.rejected).toMatchObject([{ position: 5, reason: "database" }]);
    } finally {
      await closeSession(importer.sql);
    }
  });
});

describe("additives", () => {
  const TAXONOMY =
    "en:E120, Cochineal\nfr:E120, Cochenille\nvegan:en:no\n\nen:E471, Mono- and diglycerides\nadditives_classes:en: en:emulsifier\n\n<en:E471\nen:E472a, Acetic esters\n";
  const XML = (status: string) =>
    `<ecodes><ecode id="E120" name="Carmine" purpose="Colour" status="HARAM" vegetarian="0"/><ecode id="E471" name="Esters" status="${status}"/><ecode id="E999" name="Quillaia" status="HALAL"/></ecodes>`;
  const read = () => stack.sql`
    select code, name_en, name_fr, category, halal_status, status_source is not null as sourced, vegan, vegetarian, parents, source
    from additives order by code`;

  it("end up the same whichever file comes first", async () => {
    const taxonomy = importer.write("additives.txt", TAXONOMY);
    const xml = importer.write("ecodes.xml", XML("SUSPECTED"));
    await importer.run("additives", taxonomy);
    await importer.run("additives", xml);
    const rows = await read();
    expect(
      rows.map((row) => [row["code"], row["name_en"], row["halal_status"], row["source"]]),
    ).toEqual([
      ["E120", "Cochineal", "haram", "off"],
      ["E471", "Mono- and diglycerides", "doubtful", "off"],
      ["E472a", "Acetic esters", "unknown", "off"],
      ["E999", "Quillaia", "halal", "ecodes"],
    ]);
    const before = await countEvents(stack);
    expect(countsOf(await importer.run("additives", taxonomy))).toEqual([3, 0, 0, 3, 0]);
    expect(countsOf(await importer.run("additives", xml))).toEqual([3, 0, 0, 3, 0]);
    expect(await countEvents(stack)).toBe(before);

    await stack.sql`delete from additives`;
    await importer.run("additives", xml);
    await importer.run("additives", taxonomy);
    expect(await read()).toEqual(rows);
  });

  it("keep a status that an administrator set, and take back what their source takes back", async () => {
    await stack.sql`
      update additives set halal_status = 'halal', status_source = 'Our scholars', explanation = 'plant', status_locked = true
      where code = 'E120'`;
    const summary = await importer.run("additives", importer.write("ecodes.xml", XML("N/A")));
    expect(countsOf(summary)).toEqual([3, 0, 1, 2, 0]);
    expect(
      await stack.sql`select code, halal_status, status_source, explanation from additives where code in ('E120', 'E471') order by code`,
    ).toEqual([
      { code: "E120", halal_status: "halal", status_source: "Our scholars", explanation: "plant" },
      { code: "E471", halal_status: "unknown", status_source: null, explanation: null },
    ]);
  });
});

describe("certifiers and boycotts", () => {
  it("are upserted by their natural keys, and keep what a file does not say", async () => {
    const first = importer.write(
      "certifiers.json",
      JSON.stringify([
        { id: "hfa", name: "Halal Food Authority", country: "GB", trustScore: 70 },
        { id: "avs", name: "À Votre Service (AVS)", website: "https://avs.fr" },
        { id: "nowhere", name: "Without a country" },
      ]),
    );
    const summary = await importer.run("certifiers", first);
    expect(countsOf(summary)).toEqual([3, 1, 1, 0, 1]);
    expect([...summary.reasons.keys()]).toEqual(["no_country"]);
    expect(countsOf(await importer.run("certifiers", first))).toEqual([3, 0, 0, 2, 1]);
    const labels = importer.write(
      "labels.txt",
      "en:Halal\n\n<en:Halal\nen:Halal Food Authority, HFA\n\n<en:Halal\nen:HFA Approved, Halal Food Authority\n",
    );
    expect(countsOf(await importer.run("certifiers", labels))).toEqual([3, 0, 1, 1, 1]);
    expect(countsOf(await importer.run("certifiers", labels))).toEqual([3, 0, 0, 2, 1]);
    const rows =
      await stack.sql`select id, country, trust_score, label_tags from certifiers order by id`;
    expect(rows).toEqual([
      { id: "avs", country: "FR", trust_score: 80, label_tags: ["fr:a-votre-service"] },
      {
        id: "hfa",
        country: "GB",
        trust_score: 70,
        label_tags: ["en:halal-food-authority", "en:hfa-approved"],
      },
    ]);
  });

  it("let boycott.check find a brand alias and a parent", async () => {
    const csv = (brand: string) =>
      importer.write(
        "boycotts.csv",
        `company_name;brands;parent_company;level;reasons\nÀcme Foods;"${brand}|Snax";Acme Holding;official;"a|b"\nACME foods;;;;\n`,
      );
    expect(countsOf(await importer.run("boycotts", csv("Acmé Light")))).toEqual([2, 1, 0, 0, 1]);
    expect(countsOf(await importer.run("boycotts", csv("Acmé Light")))).toEqual([2, 0, 0, 1, 1]);
    await expect
      .poll(
        async () => (await instance.client.boycott.check.query({ brand: "acme LIGHT" })).boycotted,
        SHOWN_WITHIN,
      )
      .toBe(true);
    expect(countsOf(await importer.run("boycotts", csv("Other")))).toEqual([2, 0, 1, 0, 1]);
    await expect
      .poll(
        async () => (await instance.client.boycott.check.query({ brand: "acme LIGHT" })).boycotted,
        SHOWN_WITHIN,
      )
      .toBe(false);
  });
});
