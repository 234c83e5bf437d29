const { Client } = require("pg");

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS polls (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    question text NOT NULL,
    choices text[] NOT NULL,
    votes int[] NOT NULL
  );
  CREATE TABLE IF NOT EXISTS votes (
    poll int NOT NULL REFERENCES polls ON DELETE CASCADE,
    choice int NOT NULL
  );
  CREATE TABLE IF NOT EXISTS reports (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    votes bigint NOT NULL,
    made timestamptz NOT NULL DEFAULT now()
  );
  INSERT INTO polls (question, choices, votes)
  SELECT 'Tabs or spaces?', ARRAY['Tabs', 'Spaces', 'Both, mixed'], ARRAY[0, 0, 0]
  WHERE NOT EXISTS (SELECT FROM polls);
`;

/** The release command: the tables, and a first poll. */
async function migrate() {
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  await client.query(SCHEMA);
  await client.end();
}

migrate();
