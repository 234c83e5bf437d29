import { Hono } from "hono";

import { Page } from "./page.js";
import { meeting } from "./zones.js";

const now = () => new Date().toISOString().slice(0, 16);

export const app = new Hono();

app.get("/", (context) => {
  const { at = now(), from = "UTC" } = context.req.query();
  return context.html(<Page at={at} from={from} times={meeting(at, from)} />);
});
app.get("/api/meeting", (context) => {
  const { at = now(), from = "UTC", zones } = context.req.query();
  const times = meeting(at, from, zones?.split(","));
  return times ? context.json(times) : context.json({ error: "no such time or zone" }, 400);
});
app.get("/healthz", (context) => context.json({ status: "ok" }));
