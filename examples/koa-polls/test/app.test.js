const assert = require("node:assert/strict");
const { test } = require("node:test");

const request = require("supertest");

const { application } = require("../app");
const { Polls } = require("./memory");

test("votes are counted, and what is no choice is refused", async () => {
  const polls = new Polls();
  await polls.add("Tabs or spaces?", ["Tabs", "Spaces", "Both, mixed"]);
  const client = request(application(polls).callback());
  await client.post("/polls/0/votes").type("form").send({ choice: 1 }).expect(303);
  await client.post("/polls/0/votes").type("form").send({ choice: 9 }).expect(404);
  const answer = await client.get("/api/polls").expect(200);
  assert.deepEqual(answer.body.polls[0].votes, [0, 1, 0]);
});

test("a question needs choices", async () => {
  const client = request(application(new Polls()).callback());
  await client.post("/polls").type("form").send({ question: "?", choices: "one" }).expect(400);
});
