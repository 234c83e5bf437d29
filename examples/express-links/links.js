export class BadLink extends Error {}

/** Links in memory, the most voted first. */
export class Links {
  #links = [];
  #next = 1;

  add(url, title) {
    if (!isWeb(url)) throw new BadLink("a link begins with http:// or https://");
    const link = { id: this.#next++, url, title: String(title || url).slice(0, 200), votes: 0 };
    this.#links.push(link);
    return link;
  }

  vote(id) {
    const link = this.#links.find((one) => one.id === id);
    if (!link) throw new BadLink("there is no such link");
    link.votes += 1;
  }

  all() {
    return [...this.#links].sort((one, other) => other.votes - one.votes || other.id - one.id);
  }
}

function isWeb(text) {
  try {
    return ["http:", "https:"].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}
