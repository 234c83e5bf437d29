import formbody from "@fastify/formbody";
import Fastify from "fastify";

import { form, shown } from "./page.js";
import { Pastes } from "./pastes.js";

const body = {
  type: "object",
  required: ["text"],
  properties: {
    text: { type: "string", minLength: 1, maxLength: 64 * 1024 },
    minutes: { type: "integer", minimum: 1, maximum: 1440, default: 60 },
  },
};

/** The application; `pastes` and `logger` can be given, so that tests have their own. */
export function application(pastes = new Pastes(), logger = true) {
  const app = Fastify({ logger });
  app.register(formbody);

  app.get("/", (_request, reply) => reply.type("text/html").send(form(pastes.count())));
  app.post("/", { schema: { body } }, (request, reply) => {
    const id = pastes.add(request.body.text, request.body.minutes);
    return reply.redirect(`/p/${id}`, 303);
  });
  app.get("/p/:id", (request, reply) => {
    const paste = pastes.get(request.params.id);
    if (!paste) return reply.code(404).send({ error: "it never was, or has expired" });
    return reply.type("text/html").send(shown(paste));
  });
  app.get("/raw/:id", (request, reply) => {
    const paste = pastes.get(request.params.id);
    return paste ? reply.type("text/plain").send(paste.text) : reply.code(404).send("");
  });
  app.get("/healthz", () => ({ status: "ok" }));
  return app;
}
