import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { service } from "./service.js";
import { ParcelsInMemory } from "./store.js";

const log = pino();
const pages = fileURLToPath(new URL("../../web/dist", import.meta.url));
const port = Number(process.env.PORT ?? 8080);

service(new ParcelsInMemory(), pages, log).listen(port, () => log.info({ port }, "listening"));
process.on("SIGTERM", () => process.exit(0));
