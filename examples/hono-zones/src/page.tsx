import { ZONES, type Local } from "./zones.js";

/** The form, and the times where there are some. */
export const Page = (props: { at: string; from: string; times: Local[] | null }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>hono-zones</title>
    </head>
    <body>
      <h1>hono-zones</h1>
      <form>
        <input type="datetime-local" name="at" value={props.at} />
        <select name="from">
          {ZONES.map((zone) => (
            <option selected={zone === props.from}>{zone}</option>
          ))}
        </select>
        <button>Meet</button>
      </form>
      <table>
        {(props.times ?? []).map((one) => (
          <tr>
            <th>{one.zone}</th>
            <td>{one.time}</td>
            <td>{one.office ? "at work" : "asleep or at home"}</td>
          </tr>
        ))}
      </table>
    </body>
  </html>
);
