import { render } from "preact";

import { Timer } from "./timer.jsx";
import "./style.css";

const minutes = () => Number(location.hash.slice(1)) || 25;
const show = () => render(<Timer key={minutes()} minutes={minutes()} />, document.getElementById("root"));

addEventListener("hashchange", show);
show();
