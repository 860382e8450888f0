import { describe, expect, it } from "vitest";
import { price } from "./price.js";

describe("price", () => {
  it("rises with the weight", () => {
    const prices = [1_000, 5_000, 20_000].map((grams) => price({ country: "NL", grams }));
    expect(prices).toEqual([...prices].sort((a, b) => a - b));
  });

  it("is more for a parcel that goes abroad", () => {
    expect(price({ country: "FR", grams: 500 })).toBeGreaterThan(price({ country: "NL", grams: 500 }));
  });

  it("refuses what is too heavy", () => {
    expect(() => price({ country: "NL", grams: 40_000 })).toThrow("too heavy");
  });
});
