import { expect, it } from "vitest";
import { day, money, weight } from "./format";

it("writes money with two decimals", () => {
  expect(money(475)).toBe("€ 4.75");
});

it("writes heavy things in kilograms", () => {
  expect(weight(999)).toBe("999 g");
  expect(weight(1500)).toBe("1.5 kg");
});

it("writes a day", () => {
  expect(day("2025-08-01T12:00:00Z")).toBe("1 August 2025");
});
