const { EventEmitter } = require("node:events");

const { checked, refused } = require("../polls");

/** Polls in memory, of which each vote counts at once. */
class Polls extends EventEmitter {
  #polls = [];

  async add(question, choices) {
    const poll = checked(question, choices);
    this.#polls.push({ id: this.#polls.length, ...poll, votes: poll.choices.map(() => 0) });
  }

  async vote(id, choice) {
    const poll = this.#polls[id];
    if (!poll || !(choice in poll.votes)) throw refused(404, "there is no such choice");
    poll.votes[choice] += 1;
    this.emit("vote", poll);
  }

  async all() {
    return this.#polls;
  }

  async check() {}
}

module.exports = { Polls };
