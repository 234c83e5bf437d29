import express from "express";
import helmet from "helmet";
import morgan from "morgan";

import { Links, BadLink } from "./links.js";
import { page } from "./page.js";

// Behind plain http (a deployment without a domain), nothing may be upgraded to https.
const policy = { directives: { upgradeInsecureRequests: null } };

/** The application; `links` can be given, so that tests have their own. */
export function application(links = new Links(), log = "tiny") {
  const app = express();
  app.use(helmet({ contentSecurityPolicy: policy }));
  if (log) app.use(morgan(log));
  app.use("/static", express.static("public"));
  app.use(express.json(), express.urlencoded({ extended: false }));

  app.get("/", (_request, response) => {
    response.send(page(links.all(), process.env.MESSAGE ?? "Links worth keeping."));
  });
  app.post("/", (request, response) => {
    links.add(request.body.url, request.body.title);
    response.redirect(303, "/");
  });
  app.post("/vote/:id", (request, response) => {
    links.vote(Number(request.params.id));
    response.redirect(303, "/");
  });
  app.get("/api/links", (_request, response) => response.json(links.all()));
  app.post("/api/links", (request, response) => {
    response.status(201).json(links.add(request.body.url, request.body.title));
  });
  app.get("/healthz", (_request, response) => response.json({ status: "ok" }));

  app.use((error, _request, response, next) => {
    if (!(error instanceof BadLink)) return next(error);
    return response.status(400).json({ error: error.message });
  });
  return app;
}
