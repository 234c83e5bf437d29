import assert from "node:assert/strict";
import { test } from "node:test";

import request from "supertest";

import { application } from "../app.js";
import { Links } from "../links.js";

const fresh = () => request(application(new Links(), null));

test("the page says who it is", async () => {
  const answer = await fresh().get("/").expect(200);
  assert.match(answer.text, /<h1>express-links<\/h1>/);
});

test("links are kept, the most voted first, and escaped", async () => {
  const client = fresh();
  await client.post("/api/links").send({ url: "https://a.example/", title: "<b>" }).expect(201);
  await client.post("/api/links").send({ url: "https://b.example/" }).expect(201);
  await client.post("/vote/1").expect(303);
  const answer = await client.get("/api/links").expect(200);
  assert.deepEqual(answer.body.map((link) => link.id), [1, 2]);
  assert.match((await client.get("/")).text, /&lt;b&gt;/);
});

test("only web addresses are taken", async () => {
  await fresh().post("/api/links").send({ url: "javascript:alert(1)" }).expect(400);
});

test("health", () => fresh().get("/healthz").expect(200, { status: "ok" }));
