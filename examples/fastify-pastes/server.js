import { application } from "./app.js";

const app = application();
await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT ?? 3000) });

process.on("SIGTERM", () => app.close());
