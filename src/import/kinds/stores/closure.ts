import { plainText } from "../fields.ts";
import { problem, type RecordProblem } from "../../read/records.ts";
import { readOsmDate } from "./osm-date.ts";
import { isFoodPlace } from "./store-types.ts";

type Tags = Readonly<Record<string, unknown>>;

/** Keys that say what a place is. */
const MAIN_KEYS = "amenity|shop|craft|industrial|wholesale|cuisine|office|tourism|leisure";

/**
 * A main key of another time.
 * Source: OSM wiki, Lifecycle prefix.
 */
const LIFECYCLE_KEY = new RegExp(
  `^(?:disused|abandoned|was|demolished|removed|razed|historic|historical|proposed|planned|construction|destroyed|dismantled|obliterated|ruins|ruined|closed|vacant|former|formerly|old|past|ceased|defunct|no|not|never|future|gone)[:_](?:${MAIN_KEYS})$`,
);

/** Flags that are closure with any value but "no", and those that may mean something else unless it is "yes". */
const GONE_FLAGS = [
  "disused",
  "abandoned",
  "demolished",
  "razed",
  "removed",
  "destroyed",
  "dismantled",
  "vacant",
];
const YES_FLAGS = [
  "closed",
  "permanently_closed",
  "closed_permanently",
  "construction",
  "proposed",
  "planned",
  "defunct",
];

const STATUS_KEYS = ["operational_status", "status", "business_status", "lifecycle"];
/** Words, also as they stand in `shop=vacant`. */
const GONE_WORDS =
  /(?:^|[^\p{L}])(?:closed|shut|shut down|permanently closed|abandoned|disused|demolished|defunct|vacant|empty|gone|razed|removed|destroyed|dismantled|decommissioned|ceased|inactive|out of business|not operational|non ?operational|no longer operational|under construction|construction|proposed|planned)(?:$|[^\p{L}])/u;
const FOR_A_WHILE =
  /tempor|season|winter|summer|renovat|covid|corona|holiday|vacation|ramadan|until/u;

const isNo = (text: string) => /^(?:no|false|0|none|n)$/.test(text);
const isYes = (text: string) => /^(?:yes|true|1|y|permanent|permanently)$/.test(text);

/** The reason in a source for hiding a place; null for a place of today. */
export function closureOf(tags: Tags, now: Date): RecordProblem | null {
  const sign = signOfClosure(tags, now);
  return sign === null ? null : problem("closed", `not a place of today: ${sign.slice(0, 120)}`);
}

function signOfClosure(tags: Tags, now: Date): string | null {
  const written = (key: string) =>
    (tags[key] === true ? "yes" : plainText(tags[key]))?.toLowerCase() ?? "";
  const found = (key: string) => `${key}=${written(key)}`;
  const isLive = isFoodPlace(tags) || isShopOfToday(written("shop"));
  const former = Object.keys(tags).find(
    (key) => LIFECYCLE_KEY.test(key.toLowerCase()) && written(key) !== "" && !isNo(written(key)),
  );
  if (former !== undefined && !isLive) return found(former);
  const vacant = ["shop", "amenity", "craft"].find((key) => isGone(written(key)));
  if (vacant !== undefined && !isLive) return found(vacant);
  const gone = GONE_FLAGS.find((key) => written(key) !== "" && !isNo(written(key)));
  if (gone !== undefined) return found(gone);
  const flag = YES_FLAGS.find((key) => isYes(written(key)));
  if (flag !== undefined) return found(flag);
  const status = STATUS_KEYS.find((key) => isGone(written(key)));
  if (status !== undefined) return found(status);
  if (neverOpens(written("opening_hours"), now)) return found("opening_hours");
  const ended = readOsmDate(written("end_date"));
  if (ended !== null && ended.endMs <= now.getTime()) return found("end_date");
  const opening = ["opening_date", "start_date"].find((key) => {
    const period = readOsmDate(written(key));
    return period !== null && period.startMs > now.getTime();
  });
  return opening === undefined ? null : found(opening);
}

const isGone = (value: string) => {
  const words = value.replaceAll(/[_-]/g, " ");
  return GONE_WORDS.test(words) && !FOR_A_WHILE.test(words);
};

const isShopOfToday = (value: string) => value !== "" && !isNo(value) && !isGone(value);

const ALL_DAYS = String.raw`(?:24/7|mo-su(?:,? ?ph)?|su-sa|ph,? ?mo-su|daily|every ?day|jan-dec|(?:mo-su )?0?0:00-24:00)`;
const CLOSING_RULE = new RegExp(
  `^(?:${ALL_DAYS}:?\\s+)?(?:off|closed|permanently closed|closed permanently|closed for good|fermé définitivement|définitivement fermé|dauerhaft geschlossen|geschlossen|fermé|cerrado|cerrado permanentemente|chiuso|kapalı|مغلق)\\s*(?:"([^"]*)")?$`,
  "u",
);
const HOLIDAYS_OFF = /^(?:ph|sh)(?:,(?:ph|sh))?\s+(?:off|closed)$/;
const SINCE_RULE = /^(\d{4}(?: [a-z]{3}(?: \d{1,2})?)?)\+\s*(?:off|closed)(?:\s*"([^"]*)")?$/;

/** Hours that are closed for good: all days off, or off from a day in the past on. */
function neverOpens(hours: string, now: Date): boolean {
  if (/^"[^"]*"$/.test(hours)) return isGone(hours);
  const rules = hours
    .split(/;|\|\||,(?=\s*(?:ph|sh)\s)/)
    .map((rule) => rule.trim())
    .filter((rule) => rule !== "");
  const [, since = "", reason] = SINCE_RULE.exec(rules.at(-1) ?? "") ?? [];
  const period = readOsmDate(since);
  if (period !== null && period.startMs <= now.getTime() && isForGood(reason)) return true;
  const closing = rules
    .filter((rule) => !HOLIDAYS_OFF.test(rule))
    .map((rule) => CLOSING_RULE.exec(rule));
  return closing.length > 0 && closing.every((match) => match !== null && isForGood(match[1]));
}

/** A comment may say that one has to ask, or that it is for a while. */
const isForGood = (comment = "") =>
  !FOR_A_WHILE.test(comment) &&
  (comment === "" || isGone(comment) || /perman|good|ever|d[ée]finiti|dauerhaft/.test(comment));
