const DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
const DAY = "(?:Mo|Tu|We|Th|Fr|Sa|Su)";
const DAY_LIST = `${DAY}(?:-${DAY})?(?:\\s*,\\s*${DAY}(?:-${DAY})?)*`;
const SPAN = "\\d{1,2}:\\d{2}-\\d{1,2}:\\d{2}";
const WEEKDAY_RULE = new RegExp(`^(${DAY_LIST})\\s+(off|closed|${SPAN}(?:\\s*,\\s*${SPAN})*)$`);
const HOLIDAY_RULE = /^(?:PH|SH)\b/;
const HOLIDAY = /\b(?:PH|SH)\b/;
const SELECTOR = new RegExp(
  `^((?:${DAY}(?:-${DAY})?|PH|SH)(?:\\s*,\\s*(?:${DAY}(?:-${DAY})?|PH|SH))*)\\s+(.*)$`,
);

/** Whether hours ask which days are public or school holidays. */
export function asksHolidays(openingHours: string): boolean {
  return HOLIDAY.test(openingHours.replaceAll(/"[^"]*"/g, ""));
}

/**
 * The same hours as people read them where a night goes over into a day of another rule. By the letter of the
 * specification the later rule (`;`) replaces the whole day, the end of the night before included; additional rules
 * (`,`) leave it: `Tu-Th 07:00-04:00; Fr-Su 09:00-17:00` is open on Friday at 02:00.
 * Source: OSM `opening_hours` specification, rule separators.
 */
export function withNightsKept(openingHours: string): string {
  const rules = openingHours.split(";").map((rule) => rule.trim());
  const kept: string[] = [];
  const holidays: string[] = [];
  const seen = new Set<string>();
  for (const rule of rules.filter((one) => one !== "")) {
    const [, days = "", times = ""] = WEEKDAY_RULE.exec(rule) ?? [];
    if (HOLIDAY_RULE.test(rule)) holidays.push(rule);
    else if (days === "" || holidays.length > 0) return openingHours;
    else {
      for (const day of daysOf(days)) {
        // A rule that speaks of a day again replaces what was said of it.
        if (seen.has(day)) return openingHours;
        seen.add(day);
      }
      if (/\d/.test(times)) kept.push(rule);
    }
  }
  return kept.length === 0 ? openingHours : [kept.join(", "), ...holidays].join("; ");
}

function daysOf(list: string): string[] {
  return list.split(",").flatMap((part) => {
    const [from = "", to = from] = part.trim().split("-");
    const start = DAYS.indexOf(from);
    const length = ((DAYS.indexOf(to) - start + 7) % 7) + 1;
    return Array.from({ length }, (_, place) => DAYS[(start + place) % 7] ?? "");
  });
}

/**
 * The hours of an ordinary day and those of a holiday, where nobody knows which one it is; null where they cannot be
 * told apart. A text without rules is a place that is closed.
 */
export function hoursByHoliday(
  openingHours: string,
): { readonly ordinary: string; readonly holiday: string } | null {
  const ordinary: string[] = [];
  const holiday: string[] = [];
  for (const rule of openingHours
    .replace(
      /(?<=\d|off|closed)\s*,\s*(?=(?:PH|SH)(?:\s*,\s*(?:PH|SH))*\s+(?:off|closed)\b)/g,
      "; ",
    )
    .split(";")
    .map((one) => one.trim())
    .filter((one) => one !== "")) {
    if (!HOLIDAY.test(rule)) {
      ordinary.push(rule);
      holiday.push(rule);
      continue;
    }
    const [, list = "", rest = ""] = SELECTOR.exec(rule) ?? [];
    if (list === "" || HOLIDAY.test(rest) || new RegExp(`^${DAY}`).test(rest)) return null;
    const days = list.split(",").filter((part) => !HOLIDAY.test(part));
    if (days.length > 0) ordinary.push(`${days.join(",")} ${rest}`);
    holiday.push(`Mo-Su ${rest}`);
  }
  return { ordinary: ordinary.join("; "), holiday: holiday.join("; ") };
}
