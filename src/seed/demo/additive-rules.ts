import type { HalalStatus, Madhab } from "../../db/tables/vocabulary.ts";
import { inEnglish, text } from "../../texts/text.ts";
import type { SchoolRule } from "./rule-texts/en.ts";

/** The source of every status and ruling of the demo data. */
export const STATUS_SOURCE = inEnglish(text("source_demo_rule"));

/** Where schools are generally reported to differ from each other: code, school, status, and which of `SCHOOL_RULES`. */
export const RULINGS: readonly (readonly [string, Madhab, HalalStatus, SchoolRule])[] = [
  ["E120", "hanafi", "haram", "insectsNoFood"],
  ["E120", "shafii", "doubtful", "insectsClassical"],
  ["E120", "maliki", "halal", "insectsSlaughtered"],
  ["E120", "hanbali", "haram", "insectsButLocusts"],
  ["E441", "hanafi", "doubtful", "transformed"],
  ["E441", "maliki", "doubtful", "transformed"],
  ["E441", "shafii", "haram", "notTransformed"],
  ["E441", "hanbali", "haram", "notTransformed"],
  ["E542", "hanafi", "doubtful", "bonesPure"],
  ["E542", "maliki", "doubtful", "bonesReports"],
  ["E542", "shafii", "haram", "bonesImpure"],
  ["E542", "hanbali", "haram", "bonesImpure"],
  ["E904", "hanafi", "doubtful", "secretionOrPart"],
  ["E904", "shafii", "halal", "secretionPure"],
  ["E904", "maliki", "halal", "secretionOfLawful"],
  ["E904", "hanbali", "halal", "secretionPure"],
  ["E920", "hanafi", "doubtful", "feathersPure"],
  ["E920", "maliki", "doubtful", "hairPure"],
  ["E920", "shafii", "haram", "feathersImpure"],
  ["E920", "hanbali", "doubtful", "hairGenerally"],
  ["E1510", "hanafi", "doubtful", "alcoholTraces"],
  ["E1510", "maliki", "haram", "alcoholNone"],
  ["E1510", "shafii", "haram", "alcoholNone"],
  ["E1510", "hanbali", "haram", "alcoholNone"],
];
