import { randomBytes } from "node:crypto";

/** Texts in memory, each until its time is over; the oldest goes where there are too many. */
export class Pastes {
  #pastes = new Map();

  constructor(now = Date.now, most = 1000) {
    this.now = now;
    this.most = most;
  }

  add(text, minutes) {
    const id = randomBytes(6).toString("base64url");
    this.#pastes.set(id, { text, until: this.now() + minutes * 60_000 });
    if (this.#pastes.size > this.most) this.#pastes.delete(this.#pastes.keys().next().value);
    return id;
  }

  get(id) {
    const paste = this.#pastes.get(id);
    if (paste && paste.until <= this.now()) this.#pastes.delete(id);
    return this.#pastes.get(id);
  }

  count() {
    return [...this.#pastes.keys()].filter((id) => this.get(id)).length;
  }
}
