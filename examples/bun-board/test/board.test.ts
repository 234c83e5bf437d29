import { expect, test } from "bun:test";

import { Board } from "../src/board";

const stroke = { from: [0, 0], to: [1, 1], colour: "#00ff00" };

test("strokes are kept, the newest of them", () => {
  const board = new Board(2);
  for (let n = 0; n < 3; n += 1) board.draw(JSON.stringify(stroke));
  expect(board.strokes).toHaveLength(2);
});

test("what is no stroke is not drawn", () => {
  const board = new Board();
  expect(board.draw("{")).toBeNull();
  expect(board.draw(JSON.stringify({ ...stroke, colour: "red;" }))).toBeNull();
  expect(board.strokes).toEqual([]);
});
