import { format, parseISO } from "date-fns";

export function money(cents: number): string {
  return `€ ${(cents / 100).toFixed(2)}`;
}

export function weight(grams: number): string {
  return grams < 1000 ? `${grams} g` : `${(grams / 1000).toFixed(1)} kg`;
}

export function day(moment: string): string {
  return format(parseISO(moment), "d MMMM yyyy");
}
