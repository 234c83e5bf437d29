"use strict";
(() => {
  const filter = document.querySelector(".filter");
  const [words, level, matches] = ["words", "level", "matches"].map((id) => document.getElementById(id));
  const levels = {
    "": ["debug", "info", "step", "warning", "error"],
    step: ["info", "step", "warning", "error"],
    warning: ["warning", "error"],
  };
  const apply = () => {
    const wanted = words.value.toLowerCase();
    const lines = document.querySelectorAll(".log li");
    let shown = 0;
    for (const line of lines) {
      const fits = levels[level.value].includes(line.className);
      line.hidden = !(fits && line.textContent.toLowerCase().includes(wanted));
      shown += !line.hidden;
    }
    matches.textContent = `${shown} of ${lines.length} lines`;
  };
  filter.hidden = false;
  filter.addEventListener("input", apply);
  apply();
})();
