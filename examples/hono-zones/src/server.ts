import { serve } from "@hono/node-server";

import { app } from "./app.js";

const port = Number(process.env.PORT ?? 3000);
const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port }, () => {
  console.log(`listening on 127.0.0.1:${port}`);
});

process.on("SIGTERM", () => server.close());
