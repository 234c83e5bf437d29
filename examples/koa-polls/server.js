const { application } = require("./app");
const { Polls } = require("./polls");

const port = Number(process.env.PORT ?? 3000);

async function serve() {
  const polls = new Polls();
  await polls.listen();
  const server = application(polls).listen(port, "127.0.0.1", () => {
    console.log(`listening on 127.0.0.1:${port}`);
  });
  process.on("SIGTERM", () => {
    server.close(() => polls.close());
    server.closeAllConnections();
  });
}

serve();
