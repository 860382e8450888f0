import { randomUUID } from "node:crypto";
import type { Pool } from "pg";
import type { Parcel } from "./parcel.js";

type Fresh = Omit<Parcel, "id" | "sent">;

export interface Parcels {
  all(): Promise<Parcel[]>;
  one(id: string): Promise<Parcel | undefined>;
  add(parcel: Fresh): Promise<Parcel>;
}

export class ParcelsInMemory implements Parcels {
  private readonly parcels = new Map<string, Parcel>();

  async all(): Promise<Parcel[]> {
    return [...this.parcels.values()];
  }

  async one(id: string): Promise<Parcel | undefined> {
    return this.parcels.get(id);
  }

  async add(fresh: Fresh): Promise<Parcel> {
    const parcel = { ...fresh, id: randomUUID(), sent: new Date().toISOString() };
    this.parcels.set(parcel.id, parcel);
    return parcel;
  }
}

export class ParcelsInPostgres implements Parcels {
  constructor(private readonly pool: Pool) {}

  async all(): Promise<Parcel[]> {
    return (await this.pool.query<Parcel>("select * from parcels order by sent desc")).rows;
  }

  async one(id: string): Promise<Parcel | undefined> {
    return (await this.pool.query<Parcel>("select * from parcels where id = $1", [id])).rows[0];
  }

  async add({ recipient, country, grams, cents }: Fresh): Promise<Parcel> {
    const columns = "insert into parcels (recipient, country, grams, cents) values ($1, $2, $3, $4) returning *";
    return (await this.pool.query<Parcel>(columns, [recipient, country, grams, cents])).rows[0];
  }
}
