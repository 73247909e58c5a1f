import type { LabelCase } from "./label-case.ts";

export const ar: readonly LabelCase[] = [
  {
    about: "خالٍ من denies what follows",
    text: "سكر، ملح. خالٍ من الجيلاتين.",
    says: "en:sugar; en:salt; en:e428 denied",
    recognised: "2/2",
  },
  {
    about: "لا يحتوي على denies the sentence",
    text: "أرز، ملح. لا يحتوي على لحم الخنزير أو الكحول.",
    says: "en:rice; en:salt; en:pork-meat denied; en:alcohol denied",
    recognised: "2/2",
  },
  {
    about: "the article and the conjunction are taken off",
    text: "أرز، والسكر، وملح، بالماء.",
    says: "en:rice; en:sugar; en:salt; en:water",
    recognised: "4/4",
  },
  {
    about: "قد يحتوي على opens traces",
    text: "أرز. قد يحتوي على آثار من الحليب.",
    says: "en:rice; en:milk trace",
    recognised: "1/1",
  },
  {
    about: "a code has an Arabic letter",
    text: "سكر، مستحلب (إي 471).",
    says: "en:sugar; en:e471",
    recognised: "2/2",
  },
  {
    about: "marks and letter forms fold",
    text: "سُكَّر، أُرْز، مـلـح.",
    says: "en:sugar; en:rice; en:salt",
    recognised: "3/3",
  },
  {
    about: "the origin follows",
    text: "مستحلب (E471، نباتي)، ملح.",
    says: "en:e471 from plant; en:salt",
    recognised: "2/2",
  },
  {
    about: "pork is found",
    text: "دقيق القمح، لحم خنزير، ملح.",
    says: "en:wheat-flour; en:wheat; en:pork-meat; en:salt",
    recognised: "3/3",
  },
];
