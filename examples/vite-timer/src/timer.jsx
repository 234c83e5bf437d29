import { useEffect, useState } from "preact/hooks";

import { clock } from "./clock.js";

const USUAL = [5, 15, 25, 50];

/** A countdown of some minutes, and links to others. */
export function Timer({ minutes }) {
  const [end, setEnd] = useState(null);
  const [left, setLeft] = useState(minutes * 60_000);

  useEffect(() => {
    if (!end) return undefined;
    const ticks = setInterval(() => setLeft(Math.max(0, end - Date.now())), 200);
    return () => clearInterval(ticks);
  }, [end]);

  return (
    <main class={left ? "" : "over"}>
      <h1>vite-timer</h1>
      <time>{clock(left)}</time>
      <button onClick={() => (end ? setEnd(null) : setEnd(Date.now() + left))}>{end ? "Stop" : "Start"}</button>
      <nav>
        {USUAL.map((one) => (
          <a key={one} href={`#${one}`}>{one} minutes</a>
        ))}
      </nav>
    </main>
  );
}
