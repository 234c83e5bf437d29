const { Polls } = require("./polls");

/** The job: how many votes there are by now. */
async function report() {
  const polls = new Polls();
  const { votes, reports } = await polls.report();
  console.log(`report ${reports}: ${votes} votes`);
  await polls.close();
}

report();
