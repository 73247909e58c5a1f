/** Kinds of stores. */
export const STORE_TYPES = [
  "supermarket",
  "butcher",
  "restaurant",
  "bakery",
  "abattoir",
  "wholesaler",
  "online",
  "other",
] as const;
export type StoreType = (typeof STORE_TYPES)[number];

/** How much of a store's food is halal by its source: all, some beside other food, or little. */
export const HALAL_CLAIMS = ["only", "yes", "limited"] as const;
export type HalalClaim = (typeof HALAL_CLAIMS)[number];

/** Religious statuses; `doubtful` is mashbooh, `unknown` means that there is no evidence. */
export const HALAL_STATUSES = ["halal", "haram", "doubtful", "unknown"] as const;
export type HalalStatus = (typeof HALAL_STATUSES)[number];

/** The four Sunni schools of law. */
export const MADHABS = ["hanafi", "shafii", "maliki", "hanbali"] as const;
export type Madhab = (typeof MADHABS)[number];

/** The kind of group that calls for a boycott, from the movement's own list to a community's. */
export const BOYCOTT_LEVELS = ["official", "grassroots", "pressure", "community"] as const;
export type BoycottLevel = (typeof BOYCOTT_LEVELS)[number];

/** The origins of food additives. */
export const ADDITIVE_ORIGINS = [
  "plant",
  "animal",
  "insect",
  "mineral",
  "synthetic",
  "mixed",
  "unknown",
] as const;
export type AdditiveOrigin = (typeof ADDITIVE_ORIGINS)[number];

/** Whether an additive fits a diet, by its source. */
export const DIET_ANSWERS = ["yes", "no", "maybe"] as const;
export type DietAnswer = (typeof DIET_ANSWERS)[number];

/** The urgency of an alert. */
export const ALERT_SEVERITIES = ["info", "warning", "critical"] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

/** The kinds of rows that a user can save. */
export const FAVORITE_KINDS = ["product", "store"] as const;
export type FavoriteKind = (typeof FAVORITE_KINDS)[number];

/** The evidence that a verdict is based on. */
export const VERDICT_BASES = ["certified", "claimed", "ingredients", "none"] as const;
export type VerdictBasis = (typeof VERDICT_BASES)[number];

/** The nature of a substance; `function` is a class word such as emulsifier, `mixed` a compound food. */
export const SUBSTANCE_KINDS = [
  "animal",
  "dairy",
  "egg",
  "fish",
  "insect",
  "plant",
  "fungus",
  "mineral",
  "water",
  "synthetic",
  "microbial",
  "alcohol",
  "mixed",
  "function",
] as const;
export type SubstanceKind = (typeof SUBSTANCE_KINDS)[number];

/** Roles of words that name no substance: `heading` ("ingredients"), `modifier` ("organic"), `noise` (storage advice). */
export const PHRASE_ROLES = ["heading", "modifier", "noise"] as const;
export type PhraseRole = (typeof PHRASE_ROLES)[number];

/** Kinds of reports. */
export const REPORT_KINDS = [
  "wrong_status",
  "wrong_ingredients",
  "missing_product",
  "wrong_store",
  "closed_store",
  "verdict_feedback",
] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

/** States of a case. */
export const REPORT_STATES = ["open", "accepted", "rejected"] as const;
export type ReportState = (typeof REPORT_STATES)[number];

/** The allergens that a label must name in the European Union. Source: Regulation (EU) 1169/2011, annex II. */
export const ALLERGENS = [
  "gluten",
  "crustaceans",
  "eggs",
  "fish",
  "peanuts",
  "soybeans",
  "milk",
  "nuts",
  "celery",
  "mustard",
  "sesame",
  "sulphites",
  "lupin",
  "molluscs",
] as const;
export type Allergen = (typeof ALLERGENS)[number];

/** Subjects of push notifications. */
export const PUSH_KINDS = ["recall", "alert"] as const;
export type PushKind = (typeof PUSH_KINDS)[number];

/** Operating systems of phones. */
export const PUSH_PLATFORMS = ["ios", "android"] as const;
export type PushPlatform = (typeof PUSH_PLATFORMS)[number];

/** States of the delivery of a notification to a phone. */
export const DELIVERY_STATES = [
  "planned",
  "sending",
  "ticket",
  "delivered",
  "unknown",
  "dead",
] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];
