import type { Instance } from "./stack.ts";

/** Writes a certifier, a boycott target and additives: a row at least for each list that is equal for everybody. */
export async function writeListRows(
  admin: Awaited<ReturnType<Instance["as"]>>,
  codes: readonly string[],
): Promise<void> {
  await admin.certifier.upsert.mutate({ id: "first", name: "First", country: "FR" });
  await admin.boycott.upsert.mutate({ companyName: "A Company", level: "official" });
  for (const code of codes)
    await admin.additive.upsert.mutate({
      code,
      halalStatus: "doubtful",
      explanation: `About ${code}`,
      explanationTexts: { fr: `Sur ${code}` },
      source: "a source",
      rulings: [{ madhab: "hanafi", halalStatus: "halal", source: "another" }],
    });
}
