import timeZoneAt from "@photostructure/tz-lookup";
import type { z } from "zod";
import { textOfIssue } from "../../trpc/issue-texts.ts";
import type { Db } from "../../db/client/database.ts";
import { AppError, inputError } from "../../errors.ts";
import { readENumber } from "../../food/e-number.ts";
import {
  closeCase,
  correctProduct,
  correctStore,
  type HeldCase,
  hideStore,
  holdCase,
  type ProductCorrection,
} from "./resolve-queries.ts";
import {
  ProposedIngredients,
  ProposedProduct,
  ProposedStatus,
  ProposedStore,
  type ResolveInput,
} from "./schemas.ts";
import { inEnglish, text } from "../../texts/text.ts";

/** How sure a status is that an administrator has confirmed. Units: 0–1. */
const CONFIRMED_CONFIDENCE = 0.9;

type Proposal = Record<string, unknown>;

/**
 * Decides a case, and writes what was proposed when it is accepted, all in the caller's transaction. The same decision of
 * the same administrator sent again changes nothing.
 * Errors: NOT_FOUND, CONFLICT (decided by another, another revision, different proposals), BAD_REQUEST.
 */
export async function resolveCase(
  { db, actor, now }: { readonly db: Db; readonly actor: string; readonly now: Date },
  { id, outcome, note, proposed, revision }: ResolveInput,
): Promise<{ applied: Proposal | null; correctedBarcode: string | null }> {
  const held = await holdCase(db, id);
  if (held === null) throw new AppError("NOT_FOUND", text("no_report"));
  if (held.state !== "open") {
    if (held.state === outcome && held.resolvedBy === actor)
      return { applied: null, correctedBarcode: null };
    throw new AppError("CONFLICT", text(`report_already_${held.state}`));
  }
  if (typeof revision === "number" && revision !== held.revision)
    throw new AppError("CONFLICT", text("new_reports"));
  const applied = outcome === "accepted" ? await apply(db, held, proposed ?? null) : null;
  await closeCase(db, id, { state: outcome, note: note ?? null, resolvedBy: actor, now });
  return { applied, correctedBarcode: applied === null ? null : held.barcode };
}

/** Writes what a case asks for; gives what was written. */
async function apply(db: Db, held: HeldCase, given: Proposal | null): Promise<Proposal | null> {
  const { kind, barcode, storeId } = held;
  if (kind === "closed_store" && storeId !== null) {
    await hideStore(db, storeId);
    return null;
  }
  const proposal = given ?? onlyProposal(held);
  if (kind === "verdict_feedback" || proposal === null) return null;
  const isThere =
    barcode === null
      ? await applyToStore(db, storeId ?? "", proposal)
      : await correctProduct(db, barcode, productCorrection(kind, proposal), {
          mayInsert: kind === "missing_product",
        });
  if (!isThere) throw new AppError("NOT_FOUND", text("report_target_gone"));
  return proposal;
}

function onlyProposal({ kind, proposals }: HeldCase): Proposal | null {
  if (kind === "verdict_feedback" || proposals.length <= 1) return proposals[0] ?? null;
  throw new AppError("CONFLICT", text("different_proposals"));
}

function productCorrection(kind: HeldCase["kind"], proposal: Proposal): ProductCorrection {
  if (kind === "wrong_status") {
    const { halalStatus } = checked(ProposedStatus, proposal);
    return {
      halalStatus,
      confidenceScore: halalStatus === "unknown" ? 0 : CONFIRMED_CONFIDENCE,
      reasons: [
        {
          code: "report_accepted",
          message: inEnglish(text("report_accepted")),
          source: inEnglish(text("source_editors")),
        },
      ],
    };
  }
  if (kind === "wrong_ingredients") {
    const { ingredients, additives } = checked(ProposedIngredients, proposal);
    return { ingredients, additives: additives?.map(additiveCode) };
  }
  return checked(ProposedProduct, proposal);
}

function additiveCode(text: string): string {
  const reading = readENumber(text);
  if (!reading.ok)
    throw inputError("proposed.additives", reading.text, { reason: "e_number_unreadable" });
  return reading.eNumber.code;
}

async function applyToStore(db: Db, storeId: string, proposal: Proposal): Promise<boolean> {
  const fields = checked(ProposedStore, proposal);
  const { latitude, longitude } = fields;
  const timeZone =
    latitude === undefined || longitude === undefined ? undefined : timeZoneAt(latitude, longitude);
  return correctStore(db, storeId, { ...fields, timeZone });
}

/** Errors: BAD_REQUEST where an administrator's own proposal is none for such a report. */
function checked<T>(schema: z.ZodType<T>, proposal: Proposal): T {
  const { success, data, error } = schema.safeParse(proposal);
  if (success) return data;
  const issue = error.issues[0];
  const path = ["proposed", ...(issue?.path.map(String) ?? [])].join(".");
  throw inputError(path, issue === undefined ? text("not_a_proposal") : textOfIssue(issue), {
    cause: error,
  });
}
