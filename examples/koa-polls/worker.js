const { Polls } = require("./polls");

const SECONDS = 5;
const polls = new Polls();
let turn = Promise.resolve();

/** Count what waits, one turn after another. */
function count() {
  turn = turn.then(async () => {
    const votes = await polls.count();
    if (votes) console.log(`counted ${votes}`);
  });
}

async function work() {
  await polls.listen();
  polls.on("waiting", count);
  // What came while nobody listened.
  const timer = setInterval(count, SECONDS * 1000);
  process.on("SIGTERM", async () => {
    clearInterval(timer);
    await turn;
    await polls.close();
  });
  console.log("counting");
  count();
}

work();
