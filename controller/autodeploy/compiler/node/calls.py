"""How each package manager is called: a table."""

from __future__ import annotations

from dataclasses import dataclass

Command = tuple[str, ...]


@dataclass(frozen=True)
class Calls:
    """What a package manager is told: install with and without development's, take those away."""

    everything: Command
    production: Command
    prune: Command


FROZEN = {
    "npm": Calls(
        ("npm", "ci", "--include=dev"),
        ("npm", "ci", "--omit=dev"),
        ("npm", "prune", "--omit=dev", "--ignore-scripts"),
    ),
    "yarn": Calls(
        ("yarn", "install", "--frozen-lockfile", "--non-interactive", "--production=false"),
        ("yarn", "install", "--frozen-lockfile", "--non-interactive", "--production=true"),
        ("yarn", "install", "--production=true", "--ignore-scripts", "--non-interactive"),
    ),
    "pnpm": Calls(
        ("pnpm", "install", "--frozen-lockfile", "--prod=false"),
        ("pnpm", "install", "--frozen-lockfile", "--prod"),
        ("pnpm", "prune", "--prod", "--ignore-scripts"),
    ),
    "bun": Calls(
        ("bun", "install", "--frozen-lockfile"),
        ("bun", "install", "--frozen-lockfile", "--production"),
        ("bun", "install", "--frozen-lockfile", "--production"),
    ),
}
UNLOCKED = {
    "npm": Calls(
        ("npm", "install", "--include=dev"),
        ("npm", "install", "--omit=dev"),
        FROZEN["npm"].prune,
    ),
    "yarn": Calls(
        ("yarn", "install", "--no-lockfile", "--non-interactive", "--production=false"),
        ("yarn", "install", "--no-lockfile", "--non-interactive", "--production=true"),
        ("yarn", "install", "--no-lockfile", *FROZEN["yarn"].prune[2:]),
    ),
    "pnpm": Calls(
        ("pnpm", "install", "--no-frozen-lockfile", "--prod=false"),
        ("pnpm", "install", "--no-frozen-lockfile", "--prod"),
        FROZEN["pnpm"].prune,
    ),
    "bun": Calls(
        ("bun", "install", "--no-save"),
        ("bun", "install", "--no-save", "--omit=dev"),
        ("bun", "install", "--no-save", "--omit=dev"),
    ),
}
