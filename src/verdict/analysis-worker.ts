import { parentPort } from "node:worker_threads";
import { createLexicon, type Lexicon, type LexiconRows } from "../food/ingredients/lexicon.ts";
import { analyseProduct } from "./analysis.ts";
import type { AnalysedProduct, AnalysisRequest } from "./analysis-thread.ts";
import { computeStatuses } from "./computed-status.ts";
import { Rulings, type RulingsData } from "./rulings.ts";

/** The lexicon and the rulings that the thread has. */
let tools: { readonly lexicon: Lexicon; readonly rulings: Rulings } | undefined;

function analyse({ gtin14, readable, stored }: AnalysisRequest): AnalysedProduct {
  if (tools === undefined) throw new Error("a product came before the lexicon");
  const { kept, ...analysis } = analyseProduct(readable, tools.lexicon);
  return {
    ...analysis,
    statuses: computeStatuses(gtin14, { ...stored, ...analysis }, tools.rulings, kept),
  };
}

type Message =
  | { readonly load: { readonly rows: LexiconRows; readonly rulings: RulingsData } }
  | { readonly id: number; readonly requests: readonly AnalysisRequest[] };

parentPort?.on("message", (message: Message) => {
  if ("load" in message) {
    const { rows, rulings } = message.load;
    tools = { lexicon: createLexicon(rows), rulings: new Rulings(rulings) };
    return;
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
  parentPort?.postMessage({ id: message.id, analysed: message.requests.map(analyse) });
});
