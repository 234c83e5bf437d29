"""The other ecosystems: named by their package files, with their frameworks and little more."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from autodeploy.recon.declared import versions
from autodeploy.recon.fact import DECLARED, DERIVED, GUESSED, Candidates, Fact
from autodeploy.recon.tree import Tree

WEAK = GUESSED + 0.1


@dataclass(frozen=True)
class Marker:
    """An ecosystem by its files at the root.

    Attributes:
        language: Its name.
        files: Any of them, as patterns; those with a slash as they are.
        confidence: How sure they make it.
        package_manager: That of the first file.
        frameworks: Framework by a text that the first file holds.
        beside: Files or folders of which one must be there as well.
        says: A text that the first file must hold.
    """

    language: str
    files: tuple[str, ...]
    confidence: float = DECLARED
    package_manager: str | None = None
    frameworks: tuple[tuple[str, str], ...] = ()
    beside: tuple[str, ...] = ()
    says: str = ""

    def claim(self, tree: Tree) -> Fact | None:
        """How sure it is that the repository is of this ecosystem."""
        path = self._file(tree)
        return Fact(self.language, path, None, self.confidence) if path else None

    def facts(self, tree: Tree) -> Candidates:
        """Package manager, framework and declared version."""
        path = self._file(tree)
        file = tree.read(path) if path else None
        manager = [Fact(self.package_manager, file.path)] if file and self.package_manager else []
        framework = [
            Fact(name, file.path, line)
            for text, name in self.frameworks
            if file and (line := file.line_of(text))
        ]
        return {
            "package_manager": manager,
            "framework": framework[:1],
            "runtime_version": list(versions(tree, self.language)),
        }

    def deployable(self, tree: Tree) -> bool:
        """Whether it is sure that there is an application: a mere folder of scripts is none."""
        claim = self.claim(tree)
        return claim is not None and claim.confidence > WEAK

    def workspace(self, _tree: Tree) -> list[str]:
        """None that is known of."""
        return []

    def _file(self, tree: Tree) -> str | None:
        if self.beside and not any(tree.has(one) or tree.holds(one) for one in self.beside):
            return None
        for pattern in self.files:
            if "/" in pattern and tree.has(pattern):
                return pattern
            for name in tree.files():
                if fnmatchcase(name, pattern) and (not self.says or tree.line(name, self.says)):
                    return name
        return None


RUBY = (
    *(('"rails"', "rails"), ("'rails'", "rails"), ("sinatra", "sinatra"), ("hanami", "hanami")),
    *(("jekyll", "jekyll"), ("middleman", "middleman"), ("bridgetown", "bridgetown")),
)
PHP = (
    *(('"laravel/framework"', "laravel"), ('"symfony/framework-bundle"', "symfony")),
    *(('"slim/slim"', "slim"), ('"cakephp/cakephp"', "cakephp")),
    *(('"codeigniter4/framework"', "codeigniter"), ('"laravel/lumen-framework"', "lumen")),
)
JVM = (
    *(("spring-boot", "spring-boot"), ("springframework.boot", "spring-boot")),
    *(("quarkus", "quarkus"), ("micronaut", "micronaut"), ("ktor", "ktor")),
)
RUST = (
    *(("actix-web", "actix-web"), ("axum", "axum"), ("rocket =", "rocket"), ("warp =", "warp")),
    *(("poem =", "poem"), ("leptos =", "leptos"), ("loco-rs", "loco")),
)
DOTNET = ("*.csproj", "*.fsproj", "*.vbproj", "*.sln", "*.slnx", "global.json")
GRADLE = ("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts")
DOCUMENT_ROOTS = ("public", "htdocs", "web", "www")
HUGO = ("config.toml", "config.yaml", "config.yml", "config.json")
MARKERS = (
    Marker("php", ("composer.json",), DECLARED, "composer", PHP),
    Marker("java", ("pom.xml",), DECLARED, "maven", JVM),
    Marker("java", GRADLE, DECLARED, "gradle", JVM),
    Marker("scala", ("build.sbt",), DECLARED, "sbt"),
    Marker("clojure", ("project.clj",), DECLARED, "leiningen"),
    Marker("clojure", ("deps.edn",), DECLARED, "clojure"),
    Marker("rust", ("Cargo.toml",), DECLARED, "cargo", RUST),
    Marker("ruby", ("Gemfile",), DERIVED, "bundler", RUBY),
    Marker("elixir", ("mix.exs",), DECLARED, "mix", (("{:phoenix,", "phoenix"),)),
    Marker("dotnet", DOTNET, DECLARED, "nuget", (("Microsoft.NET.Sdk.Web", "aspnet"),)),
    Marker("deno", ("deno.json", "deno.jsonc", "deno.lock"), DERIVED),
    Marker("gleam", ("gleam.toml",), DECLARED),
    Marker("swift", ("Package.swift",), DECLARED, "swiftpm", (("vapor", "vapor"),)),
    Marker("dart", ("pubspec.yaml",), DECLARED, "pub"),
    Marker("crystal", ("shard.yml",), DECLARED, "shards"),
    Marker("zig", ("build.zig",), DECLARED),
    Marker("haskell", ("stack.yaml", "*.cabal", "cabal.project"), DECLARED, "stack"),
    Marker("cpp", ("CMakeLists.txt",), DERIVED, "cmake"),
    Marker("cpp", ("meson.build",), DERIVED, "meson"),
    Marker("static", ("hugo.toml", "hugo.yaml", "hugo.json"), DERIVED, frameworks=(("", "hugo"),)),
    Marker(
        *("static", HUGO, DERIVED - 0.2),
        frameworks=(("", "hugo"),),
        beside=("archetypes", "layouts", "themes"),
    ),
    Marker(
        *("static", ("config.toml",), DERIVED - 0.2),
        frameworks=(("", "zola"),),
        beside=("templates", "sass"),
        says="base_url",
    ),
    Marker("static", ("mkdocs.yml", "mkdocs.yaml"), WEAK, frameworks=(("", "mkdocs"),)),
    Marker("static", ("_config.yml",), WEAK, beside=("_posts", "_layouts")),
    Marker("php", ("index.php", *(f"{one}/index.php" for one in DOCUMENT_ROOTS)), GUESSED + 0.05),
    Marker("static", ("Staticfile", "index.html"), WEAK),
    Marker("shell", ("start.sh",), GUESSED - 0.1),
)
