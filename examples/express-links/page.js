const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escape = (text) => String(text).replace(/[&<>"']/g, (character) => ENTITIES[character]);

const row = (link) => `
      <li>
        <form method="post" action="/vote/${link.id}"><button>▲ ${link.votes}</button></form>
        <a href="${escape(link.url)}">${escape(link.title)}</a>
      </li>`;

/** The page as HTML. */
export const page = (links, message) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>express-links</title>
    <link rel="stylesheet" href="/static/style.css">
  </head>
  <body>
    <h1>express-links</h1>
    <p>${escape(message)}</p>
    <ol>${links.map(row).join("") || "<li>No links yet.</li>"}
    </ol>
    <form method="post">
      <input name="url" type="url" placeholder="https://..." required>
      <input name="title" placeholder="Title">
      <button>Add</button>
    </form>
  </body>
</html>
`;
