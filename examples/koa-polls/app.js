const Koa = require("koa");
const Router = require("@koa/router");
const bodyParser = require("koa-bodyparser");

const { page } = require("./page");

/** The application over `polls`; `title` heads the page. */
function application(polls, title = process.env.TITLE ?? "koa-polls") {
  const app = new Koa();
  const router = new Router();

  router.get("/", async (context) => {
    context.body = page(title, await polls.all());
  });
  router.post("/polls", async (context) => {
    const { question, choices } = context.request.body;
    await polls.add(question, String(choices ?? "").split("\n"));
    context.status = 303;
    context.redirect("/");
  });
  router.post("/polls/:id/votes", async (context) => {
    await polls.vote(Number(context.params.id), Number(context.request.body.choice));
    context.status = 303;
    context.redirect("/");
  });
  router.get("/live", live(polls));
  router.get("/api/polls", async (context) => {
    context.body = { title, polls: await polls.all() };
  });
  router.get("/healthz", async (context) => {
    await polls.check();
    context.body = { status: "ok" };
  });

  return app.use(bodyParser()).use(router.routes()).use(router.allowedMethods());
}

/** Server-sent events: one for each vote. */
const live = (polls) => (context) => {
  context.set({ "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" });
  context.respond = false;
  context.res.writeHead(200, context.response.headers);
  const tell = (poll) => context.res.write(`data: ${JSON.stringify(poll)}\n\n`);
  polls.on("vote", tell);
  context.res.on("close", () => polls.off("vote", tell));
};

module.exports = { application };
