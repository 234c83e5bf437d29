const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escape = (text) => text.replace(/[&<>"]/g, (character) => ENTITIES[character]);

const page = (content) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>fastify-pastes</title>
    <style>
      body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 45rem; margin: 2rem auto; padding: 0 1rem; }
      textarea { width: 100%; height: 14rem; font: 1rem monospace; }
      pre { background: #f4f4f4; padding: 1rem; overflow: auto; }
    </style>
  </head>
  <body>
    <h1><a href="/">fastify-pastes</a></h1>
${content}
  </body>
</html>
`;

/** The form for a new text. */
export const form = (count) =>
  page(`    <p>${count} texts are kept right now.</p>
    <form method="post">
      <textarea name="text" required></textarea>
      <label>Minutes <input name="minutes" type="number" min="1" max="1440" value="60"></label>
      <button>Share</button>
    </form>`);

/** A text. */
export const shown = (paste) =>
  page(`    <p>Until ${new Date(paste.until).toISOString()}</p>
    <pre>${escape(paste.text)}</pre>`);
