import type { Booking } from "./stock.service";

const row = ([item, amount]: [string, number]) => `
      <tr><th>${item}</th><td>${amount}</td><td>
        <form method="post" action="/items/${item}">
          <input name="change" type="number" value="-1"><button>Book</button>
        </form></td></tr>`;

const line = ({ item, change, at }: Booking) => `<li>${at}: ${change} ${item}</li>`;

/** The page; items come from the code alone, so nothing needs escaping. */
export const page = (stock: Record<string, number>, bookings: Booking[]) => `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>nest-inventory</title></head>
  <body>
    <h1>nest-inventory</h1>
    <table>${Object.entries(stock).map(row).join("")}
    </table>
    <ul>${bookings.map(line).join("")}</ul>
  </body>
</html>
`;
