import type { LabelCase } from "./label-case.ts";

export const tr: readonly LabelCase[] = [
  {
    about: "içermez denies its sentence",
    text: "Pirinç, tuz. Domuz eti ve alkol içermez.",
    says: "en:rice; en:salt; en:pork-meat denied; en:alcohol denied",
    recognised: "2/2",
  },
  {
    about: "a verb at the end of the list itself reaches one entry",
    text: "Su, domuz eti, şeker, gluten içermez.",
    says: "en:water; en:pork-meat; en:sugar; en:gluten denied",
    recognised: "3/3",
  },
  {
    about: "an ending denies",
    text: "Alkolsüz, glutensiz. Su, şeker.",
    says: "en:alcohol denied; en:gluten denied; en:water; en:sugar",
    recognised: "2/2",
  },
  {
    about: "içerebilir closes traces",
    text: "Pirinç, tuz. Eser miktarda süt ve domuz eti içerebilir.",
    says: "en:rice; en:salt; en:milk trace; en:pork-meat trace",
    recognised: "2/2",
  },
  {
    about: "ham is raw",
    text: "Ham şeker, su.",
    says: "en:sugar inside; en:water; ?Ham şeker",
    recognised: "1/2",
  },
  {
    about: "capital İ and I fold alike",
    text: "ŞEKER, SIĞIR JELATİNİ, PİRİNÇ.",
    says: "en:sugar; en:beef-gelatin from bovine; en:rice",
    recognised: "3/3",
  },
  {
    about: "halal stands in brackets",
    text: "Sığır jelatini (helal), şeker.",
    says: "en:beef-gelatin from halal; en:sugar",
    recognised: "2/2",
  },
  {
    about: "the origin stands before the code",
    text: "Bitkisel emülgatör (E471), tuz.",
    says: "en:e471 from plant; en:salt",
    recognised: "2/2",
  },
];
