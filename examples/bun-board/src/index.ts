import { Board } from "./board";

const board = new Board();
const page = Bun.file(new URL("../public/index.html", import.meta.url));

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.env.PORT ?? 3000),
  fetch(request, server) {
    const { pathname } = new URL(request.url);
    if (pathname === "/healthz") return Response.json({ status: "ok" });
    if (pathname === "/api/strokes") return Response.json(board.strokes);
    if (pathname === "/live") {
      return server.upgrade(request) ? undefined : new Response("no websocket", { status: 400 });
    }
    return pathname === "/" ? new Response(page) : new Response("Not found", { status: 404 });
  },
  websocket: {
    open(socket) {
      socket.subscribe("board");
      socket.send(JSON.stringify(board.strokes));
    },
    message(_socket, message) {
      const stroke = board.draw(String(message));
      if (stroke) server.publish("board", JSON.stringify([stroke]));
    },
  },
});

process.on("SIGTERM", () => server.stop(true));
console.log(`listening on ${server.hostname}:${server.port}`);
