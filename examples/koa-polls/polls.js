const { EventEmitter } = require("node:events");

/** Polls in memory; each vote is the event `vote`. */
class Polls extends EventEmitter {
  #polls = [];

  constructor() {
    super();
    this.setMaxListeners(0);
    this.add("Tabs or spaces?", ["Tabs", "Spaces", "Both, mixed"]);
  }

  add(question, choices) {
    const texts = choices.map((text) => text.trim()).filter(Boolean).slice(0, 10);
    if (!question || texts.length < 2) throw refused(400, "a question and two choices at least");
    const poll = { id: this.#polls.length, question: question.slice(0, 200), choices: texts };
    this.#polls.push({ ...poll, votes: texts.map(() => 0) });
  }

  vote(id, choice) {
    const poll = this.#polls[id];
    if (!poll || !(choice in poll.votes)) throw refused(404, "there is no such choice");
    poll.votes[choice] += 1;
    this.emit("vote", poll);
  }

  all() {
    return this.#polls;
  }
}

const refused = (status, message) => Object.assign(new Error(message), { status, expose: true });

module.exports = { Polls };
