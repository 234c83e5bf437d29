"use strict";
(() => {
  const MOST_LINES = 4000;
  const [live, says, elapsed, stages, trouble] = ["live", "says", "elapsed", "stages", "trouble"].map((id) => document.getElementById(id));
  const [log, filter] = [".log", ".filter"].map((one) => document.querySelector(one));
  let known = live.dataset.seq;
  let source = null;
  const made = (tag, name, text) => {
    const one = document.createElement(tag);
    one.className = name;
    one.textContent = text;
    return one;
  };
  const stage = (it) => {
    const one = made("li", it.status, "");
    one.append(made("span", "name", it.name), " ", made("span", "meta", `${it.status}, ${it.took}`));
    return one;
  };
  const line = (it) => {
    const one = made("li", it.level, "");
    const isBad = ["warning", "error"].includes(it.level);
    const text = made("span", "text", isBad ? ` ${it.text}` : it.text);
    if (isBad) text.prepend(made("b", "", it.level));
    one.append(made("time", "", it.time), made("span", "agent", it.agent), text);
    return one;
  };
  const grow = (lines) => {
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    log.append(...lines.map(line));
    while (log.children.length > MOST_LINES) log.firstElementChild.remove();
    filter.dispatchEvent(new Event("input"));
    if (isAtEnd) log.scrollTop = log.scrollHeight;
  };
  const progress = (event) => {
    const told = JSON.parse(event.data);
    known = event.lastEventId;
    trouble.textContent = "";
    if (says.textContent !== told.says) says.textContent = told.says;
    elapsed.textContent = told.elapsed;
    stages.replaceChildren(...told.stages.map(stage));
    if (told.log.length) grow(told.log);
  };
  const close = () => source?.close();
  const open = () => {
    close();
    source = new EventSource(`${live.dataset.events}?after=${known}`);
    source.addEventListener("progress", progress);
    source.addEventListener("over", () => {
      close();
      location.reload();
    });
    source.addEventListener("error", () => {
      const isTriedAgain = source.readyState === EventSource.CONNECTING;
      trouble.textContent = isTriedAgain
        ? "Nothing answers; it is tried again. Does `autodeploy ui` still run?"
        : "It does not go on of itself: load the page again.";
    });
  };
  // A browser has six connections to a server, and pages that nobody sees would take them all.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  log.scrollTop = log.scrollHeight;
  if (!document.hidden) open();
})();
