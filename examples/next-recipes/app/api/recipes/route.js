import { names, recipe } from "../../../lib/recipes";

export function GET(request) {
  const people = new URL(request.url).searchParams.get("people");
  return Response.json(names().map((name) => recipe(name, people)));
}
