import assert from "node:assert/strict";
import { test } from "node:test";

import { application } from "../app.js";
import { Pastes } from "../pastes.js";

test("a text is kept, escaped, until its time is over", async () => {
  let now = 0;
  const app = application(new Pastes(() => now), false);
  const made = await app.inject({ method: "POST", url: "/", payload: { text: "<b>", minutes: 1 } });
  assert.equal(made.statusCode, 303);
  const place = made.headers.location;
  assert.match((await app.inject(place)).body, /&lt;b&gt;/);
  assert.equal((await app.inject(place.replace("/p/", "/raw/"))).body, "<b>");
  now = 60_000;
  assert.equal((await app.inject(place)).statusCode, 404);
});

test("what is no text is refused", async () => {
  const app = application(new Pastes(), false);
  assert.equal((await app.inject({ method: "POST", url: "/", payload: {} })).statusCode, 400);
});
