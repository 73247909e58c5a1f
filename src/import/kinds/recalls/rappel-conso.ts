import type { Conversion, ConversionContext } from "../../kind.ts";
import { isObject, problem } from "../../read/records.ts";
import { finiteNumber, webAddress } from "../fields.ts";
import {
  barcodeOf,
  endOfDay,
  firstText,
  foldedFields,
  instantOf,
  paragraphs,
} from "./recall-fields.ts";
import { recallRow } from "./target.ts";

/** Longer numbers are lots or dates with a barcode's beginning. */
const LEADING_CODE = /^\s*(\d{8,14})(?!\d)/;

/**
 * Makes the converter of RappelConso's exports, first edition and V2, by their columns. The V2 export by GTIN has a
 * record for each barcode of a recall.
 * Source: data.economie.gouv.fr, `rappelconso0`, `rappelconso-v2-gtin-espaces`, `rappelconso-v2-gtin-trie`.
 */
export function createRappelConsoConverter(
  context: ConversionContext,
): (value: unknown) => Conversion {
  return (value) => {
    if (!isObject(value)) return { problem: problem("not_a_recall", "not a recall's record") };
    // The first edition's JSON has its columns one level down.
    const record = isObject(value["fields"]) ? value["fields"] : value;
    const fields = foldedFields(record);
    const text = (...names: readonly string[]) => firstText(fields, names);
    const ref = text("numerofiche", "referencefiche");
    if (ref === null || ref.length > 100)
      return {
        problem: problem("no_number", "a recall needs its numero_fiche or reference_fiche"),
      };
    const category = text("categorieproduit", "categoriedeproduit");
    if (category !== null && !/aliment/i.test(category))
      return { problem: problem("not_food", `not food, but ${category.slice(0, 60)}`) };
    const publishedAt = instantOf(text("datepublication", "datedepublication"));
    if (publishedAt === null)
      return { problem: problem("no_date", "a recall needs its date_publication") };

    const identification = text("identificationproduits", "identificationdesproduits");
    const reason = text("motifrappel", "motifdurappel");
    const risk = text("risquesencourus", "risquesencourusparleconsommateur");
    const name = text("libelle", "modelesoureferences", "nomsdesmodelesoureferences");
    const brand = text("marqueproduit", "nomdelamarqueduproduit");
    const zone = text("zonegeographiquedevente");
    const { barcodes, lots } = identifiedBy(identification);
    const gtin = barcodeOf(text("gtin"));
    return recallRow(
      {
        ref,
        version: versionOf(text("numeroversion", "ndegdeversion", "ndeversion")),
        isPartial: fields.has("gtin"),
        language: "fr",
        title: `Rappel : ${[name, brand].filter((part) => part !== null).join(", ") || ref}`,
        summary: [reason, risk].filter((part) => part !== null).join(". ") || "Produit rappelé",
        content: paragraphs([
          ["Produits", identification],
          ["Conditionnements", text("conditionnements")],
          ["Motif", reason],
          ["Risques", risk],
          ["Préconisations", text("preconisationssanitaires")],
          ["Zone de vente", zone],
          ["Distributeurs", text("distributeurs")],
        ]),
        // The source grades no recall, and asks of each that the product be not eaten.
        severity: "critical",
        imageUrl: webAddress(text("liensverslesimages")?.split("|")[0], 500),
        sourceUrl: webAddress(text("lienverslaficherappel"), 500),
        publishedAt,
        expiresAt: endOfDay(instantOf(text("datedefindelaprocedurederappel"))),
        barcodes: gtin === null ? barcodes : [gtin, ...barcodes],
        lots,
        brand,
        risk,
        whatToDo: text("conduitesatenirparleconsommateur"),
        countries: ["FR"],
        notes: [],
      },
      context,
    );
  };
}

function versionOf(text: string | null): number | null {
  const version = finiteNumber(text);
  return version !== null && Number.isInteger(version) && version >= 0 && version < 1e6
    ? version
    : null;
}

/** Reads `GTIN$lot$kind of date$date|…`, and the same with spaces, where a new product begins with its barcode. */
function identifiedBy(text: string | null): { barcodes: string[]; lots: string[] } {
  const barcodes: string[] = [];
  const lots: string[] = [];
  for (const part of (text ?? "").split(/[|¤]|(?<=\s)(?=\d{13}\s)/)) {
    const [code = "", lot = ""] = part.includes("$") ? part.split("$") : [part];
    const barcode = barcodeOf(LEADING_CODE.exec(code)?.[1]);
    if (barcode !== null) barcodes.push(barcode);
    const trimmed = lot.trim();
    if (trimmed !== "" && trimmed.length <= 200 && !/^tous\b/i.test(trimmed)) lots.push(trimmed);
  }
  return { barcodes, lots };
}
