import "./style.css";

const table = document.getElementById("checks");

function row({ address, up, took, at }) {
  const tr = document.createElement("tr");
  tr.className = up ? "up" : "down";
  for (const text of [address, up ? "up" : "down", `${Math.round(took / 1e6)} ms`, at.slice(11, 19)]) {
    tr.append(Object.assign(document.createElement("td"), { textContent: text }));
  }
  return tr;
}

async function show() {
  const checks = await (await fetch("/api/checks")).json();
  table.replaceChildren(...checks.map(row));
}

show();
setInterval(show, 5000);
