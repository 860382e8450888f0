import { expect, it } from "vitest";
import { ParcelsInMemory } from "./store.js";

it("keeps what was added", async () => {
  const parcels = new ParcelsInMemory();
  const added = await parcels.add({ recipient: "Ada", country: "NL", grams: 900, cents: 475 });
  expect(await parcels.one(added.id)).toEqual(added);
  expect(await parcels.all()).toHaveLength(1);
});

it("knows no other", async () => {
  expect(await new ParcelsInMemory().one("none")).toBeUndefined();
});
