import type { LabelCase } from "./label-case.ts";

export const ur: readonly LabelCase[] = [
  {
    about: "کے بغیر denies the word before",
    text: "چینی، نمک۔ الکحل کے بغیر۔",
    says: "en:sugar; en:salt; en:alcohol denied",
    recognised: "2/2",
  },
  {
    about: "pork is found",
    text: "چینی، سور کا گوشت، نمک۔",
    says: "en:sugar; en:pork-meat; en:salt",
    recognised: "3/3",
  },
  {
    about: "traces close with the verb",
    text: "چاول۔ دودھ شامل ہو سکتا ہے۔",
    says: "en:rice; en:milk trace",
    recognised: "1/1",
  },
  {
    about: "the origin stands beside the code",
    text: "ایملسیفائر (E471، نباتاتی)، نمک",
    says: "en:e471 from plant; en:salt",
    recognised: "2/2",
  },
];
