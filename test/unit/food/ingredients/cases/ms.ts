import type { LabelCase } from "./label-case.ts";

export const ms: readonly LabelCase[] = [
  {
    about: "tidak mengandungi denies the sentence",
    text: "Beras, garam. Tidak mengandungi babi dan alkohol.",
    says: "en:rice; en:salt; en:pork denied; en:alcohol denied",
    recognised: "2/2",
  },
  {
    about: "mungkin mengandungi opens traces",
    text: "Beras. Mungkin mengandungi kesan susu.",
    says: "en:rice; en:milk trace",
    recognised: "1/1",
  },
  {
    about: "pork gelatine is found",
    text: "Gula, gelatin khinzir.",
    says: "en:sugar; en:pork-gelatin",
    recognised: "2/2",
  },
  {
    about: "the origin follows",
    text: "Pengemulsi (E471, tumbuhan), garam.",
    says: "en:e471 from plant; en:salt",
    recognised: "2/2",
  },
];
