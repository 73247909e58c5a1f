import type { LabelCase } from "./label-case.ts";

export const nl: readonly LabelCase[] = [
  {
    about: "geen denies what follows",
    text: "Rijst, zout. Bevat geen varkensvlees.",
    says: "en:rice; en:salt; en:pork-meat denied",
    recognised: "2/2",
  },
  {
    about: "a code with a stated plant origin",
    text: "Tarwebloem, E920 (plantaardig), emulgator: E471 (niet dierlijk).",
    says: "en:wheat-flour; en:e920 from plant; en:e471 from plant",
    recognised: "3/3",
  },
  {
    about: "days are no code",
    text: "DIE TEN MINSTE 120 DAGEN, melk.",
    says: "en:milk; ?DIE TEN MINSTE 120 DAGEN",
    recognised: "1/2",
  },
  {
    about: "compounds end in the thing",
    text: "Varkensgelatine, rundergelatine, zout.",
    says: "en:pork-gelatin; en:beef-gelatin; en:salt",
    recognised: "3/3",
  },
  {
    about: "kan sporen bevatten opens traces",
    text: "Rijst. Kan sporen van melk en varkensvlees bevatten.",
    says: "en:rice; en:milk trace; en:pork-meat trace",
    recognised: "1/1",
  },
  {
    about: "an additive lends its neighbour no origin",
    text: "Water, kleurstoffen: E471 en E120 (dierlijk), E322 E120.",
    says: "en:water; en:e471; en:e120 from animal; en:e322; en:e120",
    recognised: "3/3",
  },
];
