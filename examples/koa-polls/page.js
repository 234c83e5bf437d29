const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escape = (text) => text.replace(/[&<>"]/g, (character) => ENTITIES[character]);

const choice = (poll) => (text, index) => `
        <li><button name="choice" value="${index}">${escape(text)}</button>
          <output id="v${poll.id}-${index}">${poll.votes[index]}</output></li>`;

const section = (poll) => `
    <form method="post" action="/polls/${poll.id}/votes">
      <h2>${escape(poll.question)}</h2>
      <ul>${poll.choices.map(choice(poll)).join("")}
      </ul>
    </form>`;

const SCRIPT = `
      new EventSource("/live").onmessage = (event) => {
        const poll = JSON.parse(event.data);
        poll.votes.forEach((votes, index) => {
          const output = document.getElementById("v" + poll.id + "-" + index);
          if (output) output.value = votes;
        });
      };
    `;

/** The page as HTML. */
const page = (title, polls) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${escape(title)}</title>
  </head>
  <body>
    <h1>${escape(title)}</h1>${polls.map(section).join("")}
    <h2>Ask</h2>
    <form method="post" action="/polls">
      <p><input name="question" placeholder="Question" required></p>
      <p><textarea name="choices" placeholder="One choice a line" required></textarea></p>
      <button>Ask</button>
    </form>
    <script>${SCRIPT}</script>
  </body>
</html>
`;

module.exports = { page };
