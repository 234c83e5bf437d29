const { application } = require("./app");

const port = Number(process.env.PORT ?? 3000);
const server = application().listen(port, "127.0.0.1", () => {
  console.log(`listening on 127.0.0.1:${port}`);
});

process.on("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
});
