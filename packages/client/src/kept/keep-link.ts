import type { TRPCLink } from "@trpc/client";
import { observable, tap } from "@trpc/server/observable";
import type { AppRouter, RouterOutputs } from "../app-router.ts";
import { senderOf } from "../token.ts";
import type { KeptAnswers } from "./kept-answers.ts";

/** Keeps what the server says of products and additives, whichever call it answers. */
export function keepLink(
  kept: KeptAnswers,
  whileKeeping: (work: Promise<void>) => void,
): TRPCLink<AppRouter> {
  return () =>
    ({ op, next }) =>
      observable((observer) =>
        next(op)
          .pipe(
            tap({
              next({ result }) {
                if ("data" in result)
                  whileKeeping(keep(kept, op.path, result.data, senderOf(op.context)));
              },
            }),
          )
          .subscribe(observer),
      );
}

async function keep(
  kept: KeptAnswers,
  path: string,
  data: unknown,
  sender: string | null,
): Promise<void> {
  switch (path) {
    case "product.byBarcode":
      return kept.keepProduct(data as RouterOutputs["product"]["byBarcode"]);
    case "additive.byCode":
      return kept.keepAdditive(data as RouterOutputs["additive"]["byCode"]);
    case "additive.forCodes":
      for (const { additive } of (data as RouterOutputs["additive"]["forCodes"]).items)
        if (additive !== null) await kept.keepAdditive(additive);
      return;
    case "scans.record":
      if (sender !== null) await kept.keepScan(data as RouterOutputs["scans"]["record"], sender);
      return;
    case "scans.recordMany":
      for (const outcome of (data as RouterOutputs["scans"]["recordMany"]).outcomes)
        if (outcome.ok && sender !== null) await kept.keepScan(outcome, sender);
      return;
  }
}
