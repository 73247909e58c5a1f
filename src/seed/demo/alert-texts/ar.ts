import type { AlertText } from "../../../db/tables/alerts.ts";

/** The demo alerts in Arabic. */
export const DEMO_ALERTS_AR: {
  readonly isInvented: string;
  readonly texts: Record<string, AlertText>;
} = {
  isInvented: "هذه بيانات تجريبية: المنتج والحدث من نسج الخيال.",
  texts: {
    "gumdrolls-gelatine": {
      title: "استدعاء: حلوى Gumdrolls الهلامية بالفواكه",
      summary: "يذكر الملصق أن الجيلاتين من السمك، ووجدت التحاليل جيلاتين من حيوان آخر.",
      risk: "الجيلاتين ليس من الحيوان الذي يذكره الملصق.",
      whatToDo: "لا تأكلوها، وأعيدوها إلى المتجر الذي يردّ ثمنها.",
    },
    "zaytara-label": {
      title: "مرق دجاج Zaytara من دون شهادته",
      summary: "تحمل إحدى الدفعات علامة جهة اعتماد لم تُمنح لها.",
    },
    "moorberry-carmine": {
      title: "مشروب الزبادي Moorberry يحتوي الآن على القرمز",
      summary: "الوصفة الجديدة ملوّنة بمادة E120، والعبوة لم تتغير.",
    },
    "dates-season": {
      title: "التمور الطازجة في المتاجر",
      summary: "كيف تميّز محصول هذا العام من محصول العام الماضي.",
    },
    "halvessane-allergen": {
      title: "استدعاء: ألواح السمسم Halvessane",
      summary: "لا يذكر الملصق الفول السوداني: خطر على المصابين بالحساسية.",
      risk: "فول سوداني لا يذكره الملصق.",
      whatToDo: "لا تأكلوها إن كانت لديكم حساسية من الفول السوداني.",
    },
    "reading-a-mark": {
      title: "كيف تقرأ علامة حلال",
      summary: "ما الذي يدل عليه الاسم والرقم والتاريخ بجانب العلامة.",
    },
    "ramadan-hours": {
      title: "أوقات عمل مختلفة في رمضان",
      summary: "تفتح متاجر كثيرة في وقت متأخر من النهار: تحقق قبل أن تذهب.",
    },
    "nurbrook-mix-up": {
      title: "استدعاء: نقانق لحم البقر Nurbrook",
      summary: "في أحد الأيام عُبّئ منتج آخر تحت هذا الملصق.",
      risk: "قد تحتوي العبوة على منتج آخر.",
      whatToDo: "أعيدوها إلى المتجر.",
    },
  },
};
