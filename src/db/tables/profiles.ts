import { sql } from "drizzle-orm";
import { boolean, check, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant, literals } from "./columns.ts";
import { type Allergen, type Madhab, MADHABS } from "./vocabulary.ts";

/** Users' settings for their scans. */
export const profiles = pgTable(
  "profiles",
  {
    userId: uuid("user_id").primaryKey(),
    /** The school of law; null for the general rulings. */
    madhab: text("madhab").$type<Madhab>(),
    /** The languages, the preferred one first. Units: BCP 47. */
    languages: text("languages").array().notNull().default([]),
    allergens: text("allergens").array().$type<Allergen[]>().notNull().default([]),
    avoidBoycotted: boolean("avoid_boycotted").notNull().default(true),
    /** The additives to avoid. Units: canonical E-numbers. */
    avoidAdditives: text("avoid_additives").array().notNull().default([]),
    updatedAt: instant("updated_at").notNull().defaultNow(),
  },
  (t) => [
    check("profiles_madhab_known", sql`${t.madhab} in (${literals(MADHABS)})`),
    check(
      "profiles_sizes",
      sql`cardinality(${t.languages}) <= 10 and cardinality(${t.allergens}) <= 50 and cardinality(${t.avoidAdditives}) <= 200`,
    ),
  ],
);
