import express, { type Express } from "express";
import helmet from "helmet";
import type { Logger } from "pino";
import { pinoHttp } from "pino-http";
import { label } from "./label.js";
import { NewParcel } from "./parcel.js";
import { price } from "./price.js";
import type { Parcels } from "./store.js";

export function service(parcels: Parcels, pages: string, log: Logger): Express {
  const app = express();
  app.use(pinoHttp({ logger: log }), helmet(), express.json({ limit: "100kb" }));

  app.get("/health", (_request, response) => {
    response.json({ status: "ok", version: process.env.VERSION ?? "development" });
  });

  app.get("/api/parcels", async (_request, response) => {
    response.json(await parcels.all());
  });

  app.post("/api/parcels", async (request, response) => {
    const wanted = NewParcel.safeParse(request.body);
    if (!wanted.success) {
      response.status(422).json({ error: "not a parcel", issues: wanted.error.issues });
      return;
    }
    response.status(201).json(await parcels.add({ ...wanted.data, cents: price(wanted.data) }));
  });

  app.get("/api/parcels/:id/label.png", async (request, response) => {
    const parcel = await parcels.one(request.params.id);
    if (!parcel) {
      response.status(404).json({ error: "no such parcel" });
      return;
    }
    response.type("png").send(await label(parcel));
  });

  app.use(express.static(pages));
  return app;
}
