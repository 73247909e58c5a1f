import type { LabelCase } from "./label-case.ts";

export const id: readonly LabelCase[] = [
  {
    about: "tidak mengandung denies the sentence",
    text: "Beras, garam. Tidak mengandung babi dan alkohol.",
    says: "en:rice; en:salt; en:pork denied; en:alcohol denied",
    recognised: "2/2",
  },
  {
    about: "mungkin mengandung opens traces",
    text: "Beras. Mungkin mengandung jejak susu.",
    says: "en:rice; en:milk trace",
    recognised: "1/1",
  },
  {
    about: "the animal follows",
    text: "Gelatin sapi, gula.",
    says: "en:beef-gelatin from bovine; en:sugar",
    recognised: "2/2",
  },
  {
    about: "the origin follows",
    text: "Pengemulsi (E471, nabati), garam.",
    says: "en:e471 from plant; en:salt",
    recognised: "2/2",
  },
  {
    about: "pork gelatine is found",
    text: "Gula, gelatin babi.",
    says: "en:sugar; en:pork-gelatin",
    recognised: "2/2",
  },
];
