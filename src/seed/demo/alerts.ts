import type { alerts } from "../../db/tables/alerts.ts";
import type { AlertSeverity } from "../../db/tables/vocabulary.ts";
import { DEMO_ALERTS_AR } from "./alert-texts/ar.ts";
import { DEMO_ALERTS_FR } from "./alert-texts/fr.ts";
import type { AlertText } from "../../db/tables/alerts.ts";
import { demoBarcode } from "./products.ts";
import { deterministicUuid } from "./random.ts";

/** A row for `alerts` with every column that the demo data sets. */
export type DemoAlert = Required<Omit<typeof alerts.$inferInsert, "createdAt" | "updatedAt">>;

type Notice = readonly [
  key: string,
  severity: AlertSeverity,
  category: string,
  publishedAt: string,
  expiresAt: string | null,
  title: string,
  summary: string,
];

const NOTICES: readonly Notice[] = [
  [
    "gumdrolls-gelatine",
    "critical",
    "recall",
    "2026-10-28T08:00:00Z",
    null,
    "Recall: Gumdrolls fruit gums",
    "The gelatine on the label is said to be from fish; tests found another animal's.",
  ],
  [
    "zaytara-label",
    "warning",
    "labelling",
    "2026-10-12T09:30:00Z",
    null,
    "Zaytara chicken stock without its certificate",
    "One batch carries a certifier's mark that was not granted for it.",
  ],
  [
    "moorberry-carmine",
    "warning",
    "ingredients",
    "2026-09-21T14:00:00Z",
    null,
    "Moorberry yoghurt drink now contains carmine",
    "The new recipe is coloured with E120; the packet looks the same.",
  ],
  [
    "dates-season",
    "info",
    "season",
    "2026-09-01T06:00:00Z",
    "2036-01-01T00:00:00Z",
    "Fresh dates are in the shops",
    "How to tell this year's harvest from the last.",
  ],
  [
    "halvessane-allergen",
    "critical",
    "recall",
    "2026-07-15T10:15:00Z",
    null,
    "Recall: Halvessane sesame bars",
    "Peanuts are not declared on the label: dangerous for people with an allergy.",
  ],
  [
    "reading-a-mark",
    "info",
    "certification",
    "2026-06-03T12:00:00Z",
    null,
    "How to read a halal mark",
    "What the name, number and date beside a mark tell you.",
  ],
  [
    "ramadan-hours",
    "info",
    "season",
    "2026-02-10T05:00:00Z",
    "2026-03-20T00:00:00Z",
    "Other opening hours in Ramadan",
    "Many shops open later in the day: look before you go.",
  ],
  [
    "nurbrook-mix-up",
    "critical",
    "recall",
    "2026-01-19T16:45:00Z",
    "2026-04-30T00:00:00Z",
    "Recall: Nurbrook beef sausages",
    "Packets of another product were filled under this label on one day.",
  ],
];

type RecallColumns = Pick<
  DemoAlert,
  | "recallBarcodes"
  | "recallLots"
  | "recallBrand"
  | "recallRisk"
  | "recallWhatToDo"
  | "recallCountries"
>;

const NO_RECALL: RecallColumns = {
  recallBarcodes: null,
  recallLots: null,
  recallBrand: null,
  recallRisk: null,
  recallWhatToDo: null,
  recallCountries: null,
};

/** Brands and products by their place in the demo products. */
const RECALLS: ReadonlyMap<string, RecallColumns> = new Map([
  [
    "gumdrolls-gelatine",
    {
      recallBarcodes: [demoBarcode(8, 1)],
      recallLots: ["L2609", "L2610"],
      recallBrand: "Gumdrolls",
      recallRisk: "The gelatine is not of the animal that the label names.",
      recallWhatToDo: "Do not eat them; bring them back to the shop, which refunds them.",
      recallCountries: ["FR", "GB"],
    },
  ],
  [
    "halvessane-allergen",
    {
      recallBarcodes: [],
      recallLots: [],
      recallBrand: "Halvessane",
      recallRisk: "Peanuts, which the label does not name.",
      recallWhatToDo: "Do not eat them if you are allergic to peanuts.",
      recallCountries: ["FR"],
    },
  ],
  [
    "nurbrook-mix-up",
    {
      recallBarcodes: [demoBarcode(2, 5)],
      recallLots: ["19 January 2026"],
      recallBrand: "Nurbrook",
      recallRisk: "The packet may hold another product.",
      recallWhatToDo: "Bring it back to the shop.",
      recallCountries: ["GB"],
    },
  ],
]);

/** An alert's words in another language, with the sentence that says that it is invented. */
function alertText(
  { texts, isInvented }: { readonly texts: Record<string, AlertText>; readonly isInvented: string },
  key: string,
): AlertText {
  const text = texts[key];
  if (text === undefined) throw new Error(`the demo alert ${key} has no translation`);
  return { ...text, content: `${text.summary}\n\n${isInvented}` };
}

/** Recalls and notices of the demo data: every product and event is invented. */
export const DEMO_ALERTS: readonly DemoAlert[] = NOTICES.map(
  ([key, severity, category, publishedAt, expiresAt, title, summary]) => ({
    id: deterministicUuid(`alert ${key}`),
    language: "en",
    texts: { fr: alertText(DEMO_ALERTS_FR, key), ar: alertText(DEMO_ALERTS_AR, key) },
    title,
    summary,
    content: `${summary}\n\nThis is demo data: the product and the event are invented.`,
    severity,
    category,
    imageUrl: null,
    sourceUrl: `https://demo.example/alerts/${key}`,
    publishedAt: new Date(publishedAt),
    expiresAt: expiresAt === null ? null : new Date(expiresAt),
    isActive: true,
    isHeld: false,
    isLocked: false,
    ...(RECALLS.get(key) ?? NO_RECALL),
    source: "demo",
    sourceRef: key,
    sourceVersion: null,
  }),
);
