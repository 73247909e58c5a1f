import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { countsOf, type Importer, openImporter } from "../../support/import-run.ts";
import { openStack, type Instance, type Stack } from "../../support/stack.ts";

let stack: Stack;
let instance: Instance;
let importer: Importer;
let admin: Awaited<ReturnType<Instance["as"]>>;

beforeAll(async () => {
  stack = await openStack();
  instance = await stack.startInstance();
  importer = openImporter(stack);
  admin = await instance.as({ isAdmin: true });
}, 300_000);

afterAll(async () => {
  await importer?.close();
  await stack?.close();
});

const rowOf = async (ref: string) => {
  const [row] = await stack.sql`
    select title, summary, severity, to_json(recall_barcodes) as barcodes, to_json(recall_lots) as lots, recall_brand as brand,
      recall_risk as risk, recall_what_to_do as what, to_json(recall_countries) as countries, source, is_active, is_held,
      published_at::text as published, expires_at::text as expires, source_url as url
    from alerts where source_ref = ${ref}`;
  return row;
};

const FICHE = {
  numero_fiche: "2026-05-0101",
  numero_version: 1,
  nature_juridique_rappel: "volontaire (sans arrêté préfectoral)",
  categorie_produit: "alimentation",
  sous_categorie_produit: "viandes",
  marque_produit: "Nurbrook",
  modeles_ou_references: "Saucisses",
  identification_produits: "3017620422003$L42$date limite de consommation$2026-06-01",
  zone_geographique_de_vente: "France entière",
  motif_rappel: "Présence de listeria",
  risques_encourus: "Listeria monocytogenes (agent responsable de la listériose)",
  conduites_a_tenir_par_le_consommateur: "Ne plus consommer|Rapporter le produit au point de vente",
  date_de_fin_de_la_procedure_de_rappel: "mercredi 30 décembre 2099",
  date_publication: "2026-05-21T07:54:12+00:00",
  libelle: "Saucisses de volaille",
  lien_vers_la_fiche_rappel: "https://rappel.conso.gouv.fr/fiche-rappel/1/Interne",
};

it("reads RappelConso's V2 export, holds what it brings, and shows it once an administrator approves it", async () => {
  const path = importer.write(
    "v2.json",
    JSON.stringify([
      { ...FICHE, gtin: 3017620422003 },
      { ...FICHE, gtin: 5449000000996, identification_produits: "5449000000996$L43$$" },
      { ...FICHE, numero_fiche: "2026-05-0102", categorie_produit: "automobiles", gtin: null },
    ]),
  );
  const summary = await importer.run("recalls", path);
  expect(countsOf(summary)).toEqual([3, 1, 0, 1, 1]);
  expect(summary.reasons.get("not_food")).toBe(1);
  expect(await rowOf("2026-05-0101")).toMatchObject({
    title: "Rappel : Saucisses de volaille, Nurbrook",
    barcodes: ["03017620422003", "05449000000996"],
    lots: ["L42", "L43"],
    brand: "Nurbrook",
    what: "Ne plus consommer|Rapporter le produit au point de vente",
    countries: ["FR"],
    source: "rappelconso",
    is_active: false,
    is_held: true,
    published: "2026-05-21 07:54:12+00",
    expires: "2099-12-31 00:00:00+00",
    url: FICHE.lien_vers_la_fiche_rappel,
  });
  expect(countsOf(await importer.run("recalls", path))).toEqual([3, 0, 0, 2, 1]);

  const user = await instance.as({});
  const scan = { id: randomUUID(), barcode: "5449000000996" };
  expect((await user.scans.record.mutate(scan)).recalls).toEqual([]);
  const { items } = await admin.alerts.adminList.query({ state: "held", isRecall: true });
  await admin.alerts.approve.mutate({ ids: items.map(({ id }) => id) });
  expect((await user.scans.record.mutate(scan)).recalls).toMatchObject([{ lots: ["L42", "L43"] }]);

  // A newer edition replaces the lists; an older one, and one of what an administrator took back, change nothing.
  const newer = { ...FICHE, numero_version: 2, gtin: 3017620422003 };
  const edition2 = importer.write("v2b.json", JSON.stringify([newer]));
  expect(countsOf(await importer.run("recalls", edition2))).toEqual([1, 0, 1, 0, 0]);
  expect(countsOf(await importer.run("recalls", path))).toEqual([3, 0, 0, 2, 1]);
  expect(await rowOf("2026-05-0101")).toMatchObject({
    barcodes: ["03017620422003"],
    is_active: true,
  });
  await admin.alerts.retract.mutate({ id: String(items[0]?.id) });
  await importer.run("recalls", edition2, { publishes: true });
  expect(await rowOf("2026-05-0101")).toMatchObject({ is_active: false, is_held: false });
});

it("reads the first edition's columns from a table with semicolons", async () => {
  const path = importer.write(
    "v1.csv",
    [
      "reference_fiche;ndeg_de_version;categorie_de_produit;nom_de_la_marque_du_produit;noms_des_modeles_ou_references;identification_des_produits;motif_du_rappel;risques_encourus_par_le_consommateur;date_de_publication;date_de_fin_de_la_procedure_de_rappel",
      "2021-04-0084;2;Alimentation;Dom Duarte;Thé;5608771030810 107 Date de consommation 01/02/2024 5449000131836 048 Date;Oxyde d'éthylène;Autre;09/04/2021;30/04/2021",
    ].join("\n"),
  );
  expect(countsOf(await importer.run("recalls", path, { publishes: true }))).toEqual([
    1, 1, 0, 0, 0,
  ]);
  expect(await rowOf("2021-04-0084")).toMatchObject({
    brand: "Dom Duarte",
    barcodes: ["05449000131836", "05608771030810"],
    published: "2021-04-09 00:00:00+00",
    expires: "2021-05-01 00:00:00+00",
    is_active: true,
    is_held: false,
  });
});

it("reads openFDA's reports: UPCs in free text, class, and the end of a terminated recall", async () => {
  const report = {
    recall_number: "F-0276-2026",
    product_type: "Food",
    product_description: "Chicken stock, 500 g, UPC 0 12345 67890 5; Item 123456789012",
    code_info: "Lot 036000291452; UPC codes: 0-36000-29145-2, Best by 01/01/2027",
    reason_for_recall: "Undeclared pork",
    recalling_firm: "Stock Makers Inc.",
    classification: "Class II",
    status: "Ongoing",
    report_date: "20260415",
  };
  const page = (results: readonly object[]) =>
    JSON.stringify({ meta: { license: "x", results: { total: results.length } }, results });
  const path = importer.write("fda.json", page([report, { ...report, recall_number: undefined }]));
  expect(countsOf(await importer.run("recalls", path))).toEqual([2, 1, 0, 0, 1]);
  expect(await rowOf("F-0276-2026")).toMatchObject({
    barcodes: ["00012345678905", "00036000291452"],
    lots: ["Lot 036000291452", "UPC codes: 0-36000-29145-2, Best by 01/01/2027"],
    brand: "Stock Makers Inc.",
    severity: "warning",
    risk: "Undeclared pork · Class II",
    countries: ["US"],
    source: "openfda",
    published: "2026-04-15 00:00:00+00",
    expires: null,
    is_held: true,
  });
  const over = { ...report, status: "Terminated", termination_date: "20260601" };
  const later = importer.write("fda2.json", page([over]));
  expect(countsOf(await importer.run("recalls", later))).toEqual([1, 0, 1, 0, 0]);
  expect(await rowOf("F-0276-2026")).toMatchObject({ expires: "2026-06-02 00:00:00+00" });
});

it("reads columns of our own, says what it leaves out, and keeps what an administrator changed", async () => {
  const path = importer.write(
    "own.csv",
    [
      "id,title,summary,severity,barcodes,lots,brand,risk,what_to_do,countries,published_at,expires_at",
      "r1,Glass in gums,Glass,warning,4006381333931|123,L1|L2,Gumdrolls,Cuts,Bring them back,FR|BE,2026-03-01,2026-04-01",
      "r2,No date,None,critical,,,,,,,,",
      "r3,Bad country,None,critical,,,,,,France,2026-03-01,",
    ].join("\n"),
  );
  const summary = await importer.run("recalls", path, { publishes: true });
  expect(countsOf(summary)).toEqual([3, 1, 0, 0, 2]);
  expect([...summary.reasons.keys()].sort()).toEqual(["bad_country", "no_date"]);
  expect([...summary.notes.keys()]).toEqual(["bad_barcode"]);
  expect(await rowOf("r1")).toMatchObject({
    barcodes: ["04006381333931"],
    lots: ["L1", "L2"],
    countries: ["FR", "BE"],
    severity: "warning",
    is_active: true,
  });
  const [row] = await stack.sql<{ id: string }[]>`select id from alerts where source_ref = 'r1'`;
  await admin.alerts.update.mutate({ id: String(row?.id), title: "Glass in fruit gums" });
  expect(countsOf(await importer.run("recalls", path))).toEqual([3, 0, 0, 1, 2]);
  expect(await rowOf("r1")).toMatchObject({ title: "Glass in fruit gums" });
});
