import { z } from "zod";

export const NewParcel = z.object({
  recipient: z.string().min(1).max(200),
  country: z.string().length(2),
  grams: z.number().int().positive().max(30_000),
});

export type NewParcel = z.infer<typeof NewParcel>;
export type Parcel = NewParcel & { id: string; cents: number; sent: string };
