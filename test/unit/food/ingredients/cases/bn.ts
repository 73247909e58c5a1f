import type { LabelCase } from "./label-case.ts";

export const bn: readonly LabelCase[] = [
  {
    about: "মুক্ত denies the word before",
    text: "চিনি, লবণ। অ্যালকোহল মুক্ত।",
    says: "en:sugar; en:salt; en:alcohol denied",
    recognised: "2/2",
  },
  {
    about: "pork is found",
    text: "চিনি, শূকরের মাংস।",
    says: "en:sugar; en:pork-meat",
    recognised: "2/2",
  },
  {
    about: "থাকতে পারে closes traces",
    text: "চাল। দুধ থাকতে পারে।",
    says: "en:rice; en:milk trace",
    recognised: "1/1",
  },
  {
    about: "the origin stands beside the code",
    text: "ইমালসিফায়ার (E471, উদ্ভিজ্জ), লবণ",
    says: "en:e471 from plant; en:salt",
    recognised: "2/2",
  },
];
