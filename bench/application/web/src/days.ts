import { eachDayOfInterval, formatISO, subDays } from "date-fns";
import type { Parcel } from "./parcels";

export interface Day {
  day: string;
  parcels: number;
}

/** How many parcels were sent on each of the last days, also where there were none. */
export function lastDays(parcels: Parcel[], today: Date, count = 14): Day[] {
  return eachDayOfInterval({ start: subDays(today, count - 1), end: today }).map((date) => {
    const day = formatISO(date, { representation: "date" });
    return { day, parcels: parcels.filter(({ sent }) => sent.startsWith(day)).length };
  });
}
