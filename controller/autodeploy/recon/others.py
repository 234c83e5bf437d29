"""The other ecosystems: named by their package files, with little more."""

from __future__ import annotations

from dataclasses import dataclass

from autodeploy.recon.fact import DECLARED, DERIVED, GUESSED, Candidates, Fact
from autodeploy.recon.tree import Tree


@dataclass(frozen=True)
class Marker:
    """An ecosystem by its files at the root.

    Attributes:
        language: Its name.
        files: Any of them; a leading `*` stands for any beginning.
        confidence: How sure they make it.
        package_manager: That of the first file.
        frameworks: Framework by a text that the first file holds.
    """

    language: str
    files: tuple[str, ...]
    confidence: float = DECLARED
    package_manager: str | None = None
    frameworks: tuple[tuple[str, str], ...] = ()

    def claim(self, tree: Tree) -> Fact | None:
        """How sure it is that the repository is of this ecosystem."""
        path = self._file(tree)
        return Fact(self.language, path, None, self.confidence) if path else None

    def facts(self, tree: Tree) -> Candidates:
        """Package manager and framework."""
        path = self._file(tree)
        file = tree.read(path) if path else None
        manager = [Fact(self.package_manager, file.path)] if file and self.package_manager else []
        framework = [
            Fact(name, file.path, line)
            for text, name in self.frameworks
            if file and (line := file.line_of(text))
        ]
        return {"package_manager": manager, "framework": framework[:1]}

    def _file(self, tree: Tree) -> str | None:
        for pattern in self.files:
            for name in tree.files():
                if name == pattern or (pattern[0] == "*" and name.endswith(pattern[1:])):
                    return name
        return None


MARKERS = (
    Marker("php", ("composer.json",), DECLARED, "composer", (('"laravel/framework"', "laravel"),)),
    Marker("java", ("pom.xml",), DECLARED, "maven", (("spring-boot", "spring-boot"),)),
    Marker(
        "java",
        ("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"),
        DECLARED,
        "gradle",
        (("springframework.boot", "spring-boot"),),
    ),
    Marker(
        "rust",
        ("Cargo.toml",),
        DECLARED,
        "cargo",
        (("actix-web", "actix-web"), ("axum", "axum"), ("rocket =", "rocket")),
    ),
    Marker(
        "ruby",
        ("Gemfile",),
        DERIVED,
        "bundler",
        (
            ('"rails"', "rails"),
            ("'rails'", "rails"),
            ("sinatra", "sinatra"),
            ("jekyll", "jekyll"),
            ("middleman", "middleman"),
        ),
    ),
    Marker("elixir", ("mix.exs",), DECLARED, "mix", (("{:phoenix,", "phoenix"),)),
    Marker("dotnet", ("*.csproj", "*.fsproj", "*.sln"), DECLARED, "nuget"),
    Marker("deno", ("deno.json", "deno.jsonc"), DERIVED),
    Marker("gleam", ("gleam.toml",), DECLARED),
    Marker("cpp", ("CMakeLists.txt",), DERIVED, "cmake"),
    Marker("cpp", ("meson.build",), DERIVED, "meson"),
    Marker("php", ("index.php",), GUESSED + 0.05),
    Marker("static", ("hugo.toml", "hugo.yaml"), DERIVED, frameworks=(("", "hugo"),)),
    Marker("static", ("Staticfile", "index.html"), GUESSED + 0.1),
    Marker("shell", ("start.sh",), GUESSED - 0.1),
)
