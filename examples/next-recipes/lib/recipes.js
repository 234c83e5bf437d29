const RECIPES = {
  pancakes: { title: "Pancakes", serves: 2, needs: { "flour, g": 125, "milk, ml": 250, eggs: 2 } },
  hummus: { title: "Hummus", serves: 4, needs: { "chickpeas, g": 400, "tahini, g": 60, lemons: 1 } },
  ratatouille: { title: "Ratatouille", serves: 4, needs: { aubergines: 1, courgettes: 2, tomatoes: 6 } },
};

export const names = () => Object.keys(RECIPES);

/** A recipe for some people; null where there is none of the name. */
export function recipe(name, people) {
  const found = Object.hasOwn(RECIPES, name) ? RECIPES[name] : null;
  if (!found) return null;
  const count = Math.min(Math.max(Number(people) || found.serves, 1), 100);
  const needs = Object.entries(found.needs).map(([what, amount]) => ({
    what,
    amount: Math.round((amount * count * 10) / found.serves) / 10,
  }));
  return { name, title: found.title, people: count, needs };
}
