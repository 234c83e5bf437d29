import Link from "next/link";
import { notFound } from "next/navigation";

import { recipe } from "../../../lib/recipes";

export default async function Recipe({ params, searchParams }) {
  const found = recipe((await params).name, (await searchParams).people);
  if (!found) notFound();
  return (
    <main>
      <h1>{found.title}</h1>
      <form>
        For <input name="people" type="number" min="1" max="100" defaultValue={found.people} /> people
        <button>Count</button>
      </form>
      <ul>
        {found.needs.map(({ what, amount }) => (
          <li key={what}>
            {amount} {what}
          </li>
        ))}
      </ul>
      <Link href="/">All recipes</Link>
    </main>
  );
}
