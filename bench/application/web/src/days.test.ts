import { expect, it } from "vitest";
import { lastDays } from "./days";

const parcel = { id: "1", recipient: "Ada", country: "NL", grams: 1, cents: 475, sent: "2025-08-01T12:00:00Z" };

it("counts the parcels of each day", () => {
  const days = lastDays([parcel, parcel], new Date("2025-08-02T12:00:00Z"), 3);
  expect(days.map(({ parcels }) => parcels)).toEqual([0, 2, 0]);
});
