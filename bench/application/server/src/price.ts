import type { NewParcel } from "./parcel.js";

const HOME = "NL";
const STEPS = [
  { grams: 2_000, home: 475, abroad: 1_100 },
  { grams: 10_000, home: 725, abroad: 1_950 },
  { grams: 30_000, home: 1_325, abroad: 3_200 },
];

export function price(parcel: Pick<NewParcel, "country" | "grams">): number {
  const step = STEPS.find(({ grams }) => parcel.grams <= grams);
  if (!step) throw new RangeError("too heavy");
  return parcel.country === HOME ? step.home : step.abroad;
}
