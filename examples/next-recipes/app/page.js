import Link from "next/link";

import { names, recipe } from "../lib/recipes";

export default function Home() {
  return (
    <main>
      <h1>next-recipes</h1>
      <ul>
        {names().map((name) => (
          <li key={name}>
            <Link href={`/recipes/${name}`}>{recipe(name).title}</Link>
          </li>
        ))}
      </ul>
    </main>
  );
}
