import { z } from "zod";

const point = z.number().min(0).max(1);
const Stroke = z.object({
  from: z.tuple([point, point]),
  to: z.tuple([point, point]),
  colour: z.string().regex(/^#[0-9a-f]{6}$/),
});
export type Stroke = z.infer<typeof Stroke>;

/** The newest strokes, in memory. */
export class Board {
  strokes: Stroke[] = [];

  constructor(private most = 5000) {}

  /** Adds what a browser sent; null where that is no stroke. */
  draw(message: string): Stroke | null {
    const stroke = Stroke.safeParse(parsed(message));
    if (!stroke.success) return null;
    this.strokes = [...this.strokes, stroke.data].slice(-this.most);
    return stroke.data;
  }
}

function parsed(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return null;
  }
}
