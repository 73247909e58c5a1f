import type { LabelCase } from "./label-case.ts";

export const ru: readonly LabelCase[] = [
  {
    about: "a Cyrillic E begins a code",
    text: "Сахар, эмульгатор Е471, краситель Е-120.",
    says: "en:sugar; en:e471; en:e120",
    recognised: "3/3",
  },
  {
    about: "не содержит denies the sentence",
    text: "Рис, соль. Не содержит свинины.",
    says: "en:rice; en:salt; en:pork denied",
    recognised: "2/2",
  },
  {
    about: "без denies what follows",
    text: "Рис. Без алкоголя.",
    says: "en:rice; en:alcohol denied",
    recognised: "1/1",
  },
  {
    about: "может содержать opens traces",
    text: "Рис. Может содержать следы молока и свинины.",
    says: "en:rice; en:milk trace; en:pork trace",
    recognised: "1/1",
  },
  {
    about: "inflected words are found",
    text: "Сахара, воды, молока, свинину.",
    says: "en:sugar; en:water; en:milk; en:pork",
    recognised: "4/4",
  },
  {
    about: "the origin stands beside the code",
    text: "Эмульгатор (Е471, растительного происхождения), соль.",
    says: "en:e471 from plant; en:salt",
    recognised: "2/2",
  },
];
