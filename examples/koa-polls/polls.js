const { EventEmitter } = require("node:events");

const { Client, Pool } = require("pg");

const ALL = `SELECT id, question, choices, votes FROM polls ORDER BY id`;
const COUNT = `
  WITH waiting AS (DELETE FROM votes RETURNING poll, choice),
  counted AS (SELECT poll, choice, count(*)::int AS more FROM waiting GROUP BY poll, choice)
  SELECT poll, choice, more FROM counted ORDER BY poll, choice`;

/** Polls in PostgreSQL. A vote waits until a worker counts it; then it is the event `vote`. */
class Polls extends EventEmitter {
  #pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 5 });
  #listener;

  constructor() {
    super();
    this.setMaxListeners(0);
    this.#pool.on("error", (error) => console.error(`database: ${error.message}`));
  }

  async add(question, choices) {
    const poll = checked(question, choices);
    await this.#pool.query(
      "INSERT INTO polls (question, choices, votes) VALUES ($1, $2, array_fill(0, ARRAY[$3::int]))",
      [poll.question, poll.choices, poll.choices.length],
    );
  }

  async vote(id, choice) {
    const { rowCount } = await this.#pool.query(
      `INSERT INTO votes (poll, choice)
       SELECT id, $2 FROM polls WHERE id = $1 AND $2 BETWEEN 0 AND cardinality(choices) - 1`,
      [whole(id), whole(choice)],
    );
    if (!rowCount) throw refused(404, "there is no such choice");
    await this.#pool.query("NOTIFY waiting");
  }

  async all() {
    return (await this.#pool.query(ALL)).rows;
  }

  /** Count the votes that wait; what one worker has taken no other counts. */
  async count() {
    const client = await this.#pool.connect();
    try {
      await client.query("BEGIN");
      const { rows } = await client.query(COUNT);
      for (const { poll, choice, more } of rows) {
        await client.query("UPDATE polls SET votes[$2] = votes[$2] + $3 WHERE id = $1", [
          ...[poll, choice + 1, more],
        ]);
        await client.query("SELECT pg_notify('counted', $1)", [String(poll)]);
      }
      await client.query("COMMIT");
      return rows.reduce((sum, { more }) => sum + more, 0);
    } catch (error) {
      await client.query("ROLLBACK");
      throw error;
    } finally {
      client.release();
    }
  }

  /** Write down where the polls stand; gives how many votes there are, and how many such lines. */
  async report() {
    const { rows } = await this.#pool.query(
      `INSERT INTO reports (votes)
       SELECT coalesce(sum(v), 0) FROM polls, unnest(votes) AS v RETURNING id, votes`,
    );
    return { votes: Number(rows[0].votes), reports: rows[0].id };
  }

  /** Hear of what other processes, on other hosts too, have done; `waiting` and `vote` are events. */
  async listen() {
    this.#listener = new Client({ connectionString: process.env.DATABASE_URL, keepAlive: true });
    // Whoever keeps us running starts us anew, with a connection.
    this.#listener.on("error", (error) => {
      console.error(`database: ${error.message}`);
      process.exit(1);
    });
    this.#listener.on("notification", ({ channel, payload }) => this.#heard(channel, payload));
    await this.#listener.connect();
    await this.#listener.query("LISTEN counted; LISTEN waiting");
  }

  async #heard(channel, payload) {
    if (channel === "waiting") this.emit("waiting");
    else this.emit("vote", (await this.all()).find(({ id }) => id === Number(payload)));
  }

  /** Throws where the database does not answer. */
  async check() {
    await this.#pool.query("SELECT 1");
  }

  async close() {
    await this.#listener?.end();
    await this.#pool.end();
  }
}

/** A poll as it may be kept. */
function checked(question, choices) {
  const texts = choices.map((text) => text.trim()).filter(Boolean).slice(0, 10);
  if (!question || texts.length < 2) throw refused(400, "a question and two choices at least");
  return { question: question.slice(0, 200), choices: texts };
}

const whole = (number) => (Number.isSafeInteger(number) && Math.abs(number) < 2 ** 31 ? number : -1);
const refused = (status, message) => Object.assign(new Error(message), { status, expose: true });

module.exports = { Polls, checked, refused };
