import type { Lexicon } from "../../src/food/ingredients/lexicon.ts";
import { analyseProduct } from "../../src/verdict/analysis.ts";
import { median } from "../rounds.ts";

/** The longest list that an import takes. Units: bytes. */
const LIST_BYTES = 20_000;
const ROUNDS = 9;

/** The cost of reading. Units: milliseconds of processor time. */
export interface ReadingCost {
  /** Of one product, the median over the labelled ones. */
  readonly product: number;
  /** Of the hostile list that costs most, its median over the rounds. */
  readonly hostile: number;
  readonly hostileName: string;
}

interface Readable {
  readonly name: string;
  readonly list: string;
  readonly language: string;
}

/** Measures the reading of lists in this process, warm, one after another. */
export function measureReading(lists: readonly Readable[], lexicon: Lexicon): ReadingCost {
  const real = lists.filter(({ list }) => list !== "");
  for (const list of real) read(list, lexicon);
  const each = real.map((list) => median(rounds(() => read(list, lexicon), 3)));
  const hostile = hostileLists(real).map((list) => ({
    name: list.name,
    cost: median(rounds(() => read(list, lexicon), ROUNDS)),
  }));
  const worst = hostile.reduce((one, other) => (other.cost > one.cost ? other : one));
  return { product: median(each), hostile: worst.cost, hostileName: worst.name };
}

function rounds(run: () => void, count: number): number[] {
  return Array.from({ length: count }, () => {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  });
}

function read({ name, list, language }: Readable, lexicon: Lexicon): void {
  const product = { name, ingredients: list, ingredientTexts: {}, language, categories: [] };
  analyseProduct(product, lexicon);
}

/** Lists as long as an import takes them, each against another part of the reader. */
function hostileLists(real: readonly Readable[]): Readable[] {
  const repeat = (text: string) => text.repeat(Math.ceil(LIST_BYTES / text.length));
  const letters = "abcdefghiklmnoprstuvwz";
  const nonsense = Array.from({ length: 3_000 }, (_, index) =>
    Array.from({ length: 14 }, (__, at) => letters[(index * 7 + at * (index + 3)) % 22]).join(""),
  ).join(" ");
  const texts: Readonly<Record<string, string>> = {
    brackets: repeat("([{"),
    "words in brackets": repeat("sugar ("),
    commas: repeat(","),
    "words and commas": repeat("a,"),
    "mixed scripts": repeat("sugar, سكر، сахар, চিনি, ζάχαρη, şeker, "),
    "right-to-left marks": repeat("\u200Fpork\u200E, \u202Esugar\u202C "),
    NUL: repeat("salt\u0000,\u0000"),
    HTML: repeat("<b>sugar</b>&amp;&eacute;<br>"),
    "words that nobody knows": nonsense,
    "endless words": repeat("schweinegelatinepulverherstellungsbetrieb"),
    compounds: repeat("Zuckerrübensirupkonzentratpulver Sonnenblumenkernölpressrückstand "),
    denials: repeat("without and no non free from pork or alcohol and "),
    traces: repeat("may contain traces of pork. "),
    "begun phrases": repeat("mono and diglycerides of fatty "),
    "all labels": real.map(({ list }) => list).join(", "),
  };
  return Object.entries(texts).flatMap(([name, text]) =>
    ["en", "de", "tr", ""].map((language) => ({
      name: language === "" ? `${name}, no language` : `${name}, ${language}`,
      list: Buffer.from(text).subarray(0, LIST_BYTES).toString("utf8"),
      language,
    })),
  );
}
