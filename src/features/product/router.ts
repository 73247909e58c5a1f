import { AppError } from "../../errors.ts";
import { parseBarcode } from "../../food/barcode.ts";
import { inBytes } from "../../trpc/fast-query.ts";
import { cutPage, decodeCursor, listId } from "../../trpc/list.ts";
import { adminProcedure, publicProcedure, router } from "../../trpc/procedures.ts";
import { analyseOne } from "../../verdict/analyse-one.ts";
import { currentRulings } from "../../verdict/rulings-policy.ts";
import { listProducts, removeProduct } from "./admin-queries.ts";
import { findAlternatives } from "./alternatives-queries.ts";
import { byBarcode } from "./by-barcode.ts";
import { withVerdict } from "./listed.ts";
import {
  AdminProduct,
  AlternativesInput,
  AlternativesOutput,
  ByBarcodeInput,
  ByBarcodeOutput,
  ListPlace,
  ListProductsInput,
  ListProductsOutput,
  RemoveProductInput,
  RemoveProductOutput,
  SearchPlace,
  SearchProductsInput,
  SearchProductsOutput,
  UpsertProductInput,
} from "./schemas.ts";
import { searchProducts } from "./search-queries.ts";
import { upsertProduct } from "./upsert.ts";
import { text } from "../../texts/text.ts";

/** More than are asked for, as some may turn out not to be halal by the rulings of the moment. */
const SPARE = 10;

export const productRouter = router({
  /**
   * Everything known of a barcode, with a verdict as a scan gives it for all schools, boycotts and recalls; nothing is
   * recorded. `product` is null where nobody has described the barcode.
   * Units: confidence 0–1; instants in ISO 8601.
   * Errors: BAD_REQUEST (also a wrong check digit), SERVICE_UNAVAILABLE.
   * Source: the rules in docs/verdicts.md; the `products`, `boycott_targets` and `alerts` tables; each product names its own source.
   */
  byBarcode: publicProcedure
    .meta({ fast: byBarcode, isByLanguage: true })
    .input(ByBarcodeInput)
    .output(ByBarcodeOutput)
    .query(inBytes(byBarcode)),

  /**
   * Products by their names in any language and brand, the most alike first: those with all words of the query, then
   * those with words that begin so or are one typo away. Of thousands that match, some may be left out. Verdicts are by the rulings of the moment; the filter is by those for which they were last computed.
   * Units: confidence 0–1.
   * Errors: BAD_REQUEST, SERVICE_UNAVAILABLE.
   * Source: the `products` table; a typo as in Damerau 1964; likeness is pg_trgm's similarity.
   */
  search: publicProcedure
    .meta({ cost: 3 })
    .input(SearchProductsInput)
    .output(SearchProductsOutput)
    .query(async ({ ctx, input }) => {
      const list = listId("product.search", input);
      const { query, limit } = input;
      const search = {
        query,
        halalStatus: input.halalStatus ?? undefined,
        category: input.category ?? undefined,
        after: decodeCursor(input.cursor, SearchPlace, list),
        limit: limit + 1,
      };
      const [rows, rulings] = await Promise.all([
        ctx.reads.readPublic((db) => searchProducts(db, search)),
        currentRulings(ctx),
      ]);
      const page = cutPage(rows, limit, list, ({ sortKey, id }) => [sortKey, id]);
      // The output's schema leaves the sort key out.
      return { ...page, items: page.items.map((row) => withVerdict(row, rulings)) };
    }),

  /**
   * Products of the most specific category that has enough of them which are halal for the school, not boycotted and not
   * recalled, the most alike first; for a product without categories, those that share words of its name.
   * Units: confidence 0–1.
   * Errors: BAD_REQUEST (also a wrong check digit), SERVICE_UNAVAILABLE.
   * Source: the `products`, `boycott_targets` and `alerts` tables; categories of Open Food Facts; the rules in docs/verdicts.md.
   */
  alternatives: publicProcedure
    .meta({ cost: 3 })
    .input(AlternativesInput)
    .output(AlternativesOutput)
    .query(async ({ ctx, input }) => {
      const { gtin14 } = parseBarcode(input.barcode);
      const madhab = input.madhab ?? null;
      const question = { gtin14, madhab, now: ctx.now(), limit: input.limit + SPARE };
      const [found, rulings] = await Promise.all([
        ctx.reads.readPublic((db) => findAlternatives(db, question)),
        currentRulings(ctx),
      ]);
      const items = found.items
        .map((row) => withVerdict(row, rulings))
        .filter((item) => (madhab === null ? item : item.bySchool[madhab]).halalStatus === "halal")
        .slice(0, input.limit);
      const isShared = (category: string) =>
        items.some(({ categories }) => categories.includes(category));
      return { category: found.categories?.findLast(isShared) ?? null, items };
    }),

  /**
   * Makes or changes a product; what is left out stays as it is. Its lists are read at once, and the next look shows it
   * everywhere. The row is the administrators' from then on: imports leave it alone, and its attribution stays.
   * Units: confidence 0–1; instants in ISO 8601.
   * Errors: BAD_REQUEST (also a wrong check digit), UNAUTHORIZED, FORBIDDEN, SERVICE_UNAVAILABLE.
   */
  upsert: adminProcedure
    .input(UpsertProductInput)
    .output(AdminProduct)
    .mutation(async ({ ctx, input: { barcode, ...fields } }) => {
      const { gtin14 } = parseBarcode(barcode);
      const product = await upsertProduct(ctx.db, gtin14, fields);
      ctx.afterwards((db) => analyseOne({ db, analyse: ctx.analyse }, gtin14));
      return product;
    }),

  /**
   * Removes a product for good; imports do not bring it back, `upsert` does.
   * Errors: BAD_REQUEST, NOT_FOUND, UNAUTHORIZED, FORBIDDEN, SERVICE_UNAVAILABLE.
   */
  remove: adminProcedure
    .input(RemoveProductInput)
    .output(RemoveProductOutput)
    .mutation(async ({ ctx, input }) => {
      const { gtin14 } = parseBarcode(input.barcode);
      if (!(await removeProduct(ctx.db, gtin14)))
        throw new AppError("NOT_FOUND", text("no_product"));
      return { barcode: gtin14 };
    }),

  /**
   * All products with every field, or those that administrators made or changed, by barcode.
   * Units: confidence 0–1; instants in ISO 8601.
   * Errors: BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, SERVICE_UNAVAILABLE.
   * Source: the `products` table.
   */
  list: adminProcedure
    .input(ListProductsInput)
    .output(ListProductsOutput)
    .query(async ({ ctx, input }) => {
      const { isEdited, limit, cursor } = input;
      const list = listId("product.list", input);
      const [after] = decodeCursor(cursor, ListPlace, list) ?? [null];
      const rows = await listProducts(ctx.db, { isEdited, limit, after });
      return cutPage(rows, limit, list, ({ barcode }) => [barcode]);
    }),
});
