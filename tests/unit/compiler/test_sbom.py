from __future__ import annotations

import base64
import json
import shutil
import subprocess

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from autodeploy.compiler.sbom import Package
from autodeploy.compiler.sbom.document import document
from autodeploy.compiler.sbom.installed import installed


def write(folder, files):
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def found(folder, **more):
    return {one.purl: one for one in installed(folder, **more)}


SITE = "lib/python3.11/site-packages"


def metadata(name, version, *lines):
    return "\n".join(["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", *lines, ""])


def test_python_packages_with_licence_and_what_they_need(tmp_path):
    flask = ("License-Expression: BSD-3-Clause", "Requires-Dist: My_Lib>=1; python_version>'3'")
    extra = 'Requires-Dist: other; extra == "more"'
    files = {
        "Flask-3.1.dist-info": metadata("Flask", "3.1", *flask, extra, "", "License: not this"),
        "my_lib-1.0.dist-info": metadata(
            "My.Lib", "1.0", "Classifier: License :: OSI :: MIT License"
        ),
        "other-2.dist-info": metadata("other", "2", f"License: {'long ' * 40}"),
        "broken-1.dist-info": "no metadata",
    }
    write(tmp_path, {f"{SITE}/{name}/METADATA": text for name, text in files.items()})
    assert found(tmp_path) == {
        one.purl: one
        for one in (
            Package(
                purl="pkg:pypi/flask@3.1", licence="BSD-3-Clause", requires=("pkg:pypi/my-lib@1.0",)
            ),
            Package(purl="pkg:pypi/my-lib@1.0", licence="MIT License"),
            Package(purl="pkg:pypi/other@2"),
        )
    }


def test_node_modules_as_node_would_find_them(tmp_path):
    digest = bytes(range(64))
    integrity = f"sha512-{base64.b64encode(digest).decode()}"
    write(
        tmp_path,
        {
            "node_modules/a/package.json": {
                "name": "a",
                "version": "1.0.0",
                "license": "MIT",
                "dependencies": {"b": "^1", "@x/c": "*", "gone": "*"},
            },
            "node_modules/a/node_modules/b/package.json": {"name": "b", "version": "1.0.0"},
            "node_modules/b/package.json": {"name": "b", "version": "2.0.0", "dependencies": []},
            "node_modules/@x/c/package.json": {"name": "@x/c", "version": "3.0.0"},
            "node_modules/bad/package.json": "{",
            "node_modules/a/lib/package.json": {"type": "module"},
            "node_modules/.package-lock.json": {
                "packages": {"node_modules/a": {"integrity": integrity}}
            },
        },
    )
    (tmp_path / "node_modules" / "linked").symlink_to("/etc")
    packages = found(tmp_path)
    assert set(packages) == {
        "pkg:npm/a@1.0.0",
        "pkg:npm/b@1.0.0",
        "pkg:npm/b@2.0.0",
        "pkg:npm/%40x/c@3.0.0",
    }
    a = packages["pkg:npm/a@1.0.0"]
    assert a.requires == ("pkg:npm/%40x/c@3.0.0", "pkg:npm/b@1.0.0")
    assert (a.licence, a.hashes) == ("MIT", {"SHA-512": digest.hex()})


def test_what_is_no_part_of_the_layer_is_not_told(tmp_path):
    write(tmp_path, {"node_modules/a/package.json": {"name": "a", "version": "1.0.0"}})
    assert not found(tmp_path, skip={"node_modules"})


def go_binary(version, modules):
    """An executable with the list that Go's linker writes."""

    def string(text):
        length, prefix = len(text), b""
        while length > 0x7F:
            prefix, length = prefix + bytes([length & 0x7F | 0x80]), length >> 7
        return prefix + bytes([length]) + text

    head = b"\xff Go buildinf:\x08\x02" + bytes(16)
    return b"\x7fELF" + bytes(60) + head + string(version) + string(modules)


def test_go_modules_of_a_binary_replacements_too(tmp_path):
    lines = [
        "path\texample.org/app",
        "mod\texample.org/app\t(devel)\t",
        "dep\tgithub.com/a/b\tv1.2.3\th1:xxx=",
        "dep\texample.org/old\tv1.0.0",
        "=>\texample.org/new\tv1.0.1\th1:yyy=",
        "build\t-trimpath=true",
    ]
    text = bytes(16) + "\n".join(lines).encode() + b"\n" + bytes(16)
    (tmp_path / "app").write_bytes(go_binary(b"go1.26.1", text))
    (tmp_path / "app").chmod(0o755)
    (tmp_path / "cut").write_bytes(go_binary(b"go1.26.1", text)[:90])
    (tmp_path / "cut").chmod(0o755)
    assert set(found(tmp_path)) == {
        "pkg:golang/stdlib@1.26.1",
        "pkg:golang/github.com/a/b@v1.2.3",
        "pkg:golang/example.org/new@v1.0.1",
    }


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("go") is None, reason="needs Go")
def test_go_itself_says_the_same(tmp_path):
    write(
        tmp_path, {"go.mod": "module x\n\ngo 1.20\n", "main.go": "package main\nfunc main() {}\n"}
    )
    command = ["go", "build", "-trimpath", "-ldflags=-buildid=", "-o", "app", "."]
    subprocess.run(command, cwd=tmp_path, check=True)
    said = subprocess.check_output(["go", "version", "app"], cwd=tmp_path, text=True).split()
    assert set(found(tmp_path)) == {f"pkg:golang/stdlib@{said[1].removeprefix('go')}"}


PACKAGES = (
    Package(purl="pkg:pypi/flask@3.1", licence="BSD-3-Clause", requires=("pkg:pypi/click@8",)),
    Package(purl="pkg:pypi/click@8", licence="My own, see (file)"),
    Package(purl="pkg:npm/%40x/c@3.0.0", licence="MIT OR Apache-2.0", hashes={"SHA-1": "a" * 40}),
)


def test_the_document_is_valid_and_the_same_whatever_the_order(tmp_path):
    one = document("shop", "a" * 64, "b" * 40, {"uv": "1", "npm": "2"}, PACKAGES)
    two = document("shop", "a" * 64, "b" * 40, {"npm": "2", "uv": "1"}, PACKAGES[::-1])
    assert one == two
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(one) is None
    told = json.loads(one)
    assert {part["purl"] for part in told["components"]} == {part.purl for part in PACKAGES}
    needed = {part["ref"]: part.get("dependsOn", []) for part in told["dependencies"]}
    assert needed["shop"] == ["pkg:npm/%40x/c@3.0.0", "pkg:pypi/flask@3.1"]
    assert needed["pkg:pypi/flask@3.1"] == ["pkg:pypi/click@8"]


def test_another_artifact_has_another_serial_number():
    numbers = {json.loads(document("x", d * 64, None, {}, ()))["serialNumber"] for d in "ab"}
    assert len(numbers) == 2


def test_a_build_has_one_and_the_deployment_keeps_it(build, source, journal, store):
    files = {f"{SITE}/a-1.dist-info/METADATA": metadata("a", "1"), "index.html": ""}
    artifact = build(source(files), language="static")
    store.keep(journal.state.id, artifact)
    artifact.sbom.unlink()
    told = json.loads(store.sbom(journal.state.id))
    assert [part["purl"] for part in told["components"]] == ["pkg:pypi/a@1"]
    assert told["metadata"]["component"]["name"] == "shop"
    kept = json.loads((store.root / "deployments" / journal.state.id / "artifact.json").read_text())
    assert kept["digest"] == artifact.digest
    assert kept["size"] == sum(layer.size for layer in artifact.layers)
