import type { LabelCase } from "./label-case.ts";

export const fa: readonly LabelCase[] = [
  {
    about: "بدون denies what follows",
    text: "شکر، نمک. بدون الکل.",
    says: "en:sugar; en:salt; en:alcohol denied",
    recognised: "2/2",
  },
  {
    about: "a verb at the end denies",
    text: "شکر. گوشت خوک ندارد.",
    says: "en:sugar; en:pork-meat denied",
    recognised: "1/1",
  },
  {
    about: "a non-joiner is read as a space",
    text: "آب، شکر، می‌باشد.",
    says: "en:water; en:sugar",
    recognised: "2/2",
  },
  {
    about: "ممکن است opens traces",
    text: "برنج. ممکن است حاوی شیر باشد.",
    says: "en:rice; en:milk trace",
    recognised: "1/1",
  },
  {
    about: "the origin follows",
    text: "امولسیفایر (E471، گیاهی)، نمک.",
    says: "en:e471 from plant; en:salt",
    recognised: "2/2",
  },
];
