"""Packages by the bill of materials; a program that asks is one of ours that answers."""

from __future__ import annotations

import json
import stat

import pytest

from autodeploy.sheriff.scan import dependencies, npm, pip, scan_dependencies, tools

ADVISORY = {
    "name": "lodash",
    "title": "Prototype pollution",
    "url": "https://github.com/advisories/GHSA-jf85-cpcp-j695",
    "severity": "critical",
    "range": "<4.17.12",
}


def sbom(*purls: str) -> str:
    return json.dumps({"components": [{"purl": one} for one in purls]})


@pytest.fixture
def programs(monkeypatch, tmp_path):
    """Makes a program that prints a text, and keeps the files of the folder it ran in."""
    monkeypatch.setattr(tools.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    seen = tmp_path / "seen"
    seen.mkdir()

    def make(name: str, text: str):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\nenv > {seen}/env\ncp * {seen}/\ncat <<'END'\n{text}\nEND\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return seen

    return make


def test_packages_are_names_and_versions_and_nothing_else():
    found = dependencies.packages_of(
        sbom(
            "pkg:pypi/flask@3.1.0",
            "pkg:npm/%40scope/lib@1.0.0-rc.1",
            "pkg:npm/lodash@4.17.11",
            "pkg:npm/lodash@4.17.21",
            "pkg:golang/github.com/go-chi/chi@v5.0.0",
            "pkg:pypi/evil@1.0%0A--index-url%20http:%2F%2Fevil",
            "pkg:pypi/--index-url@1%20x",
            "pkg:pypi/nothing",
            "no purl",
        )
    )
    assert found == {
        "pypi": (("flask", "3.1.0"),),
        "npm": (("@scope/lib", "1.0.0-rc.1"), ("lodash", "4.17.11"), ("lodash", "4.17.21")),
        "golang": (("github.com/go-chi/chi", "v5.0.0"),),
    }


def test_pip_audit_is_asked_and_told(programs, monkeypatch):
    monkeypatch.setenv("AUTODEPLOY_SECRET", "hidden")
    document = {
        "dependencies": [
            {
                "name": "flask",
                "version": "0.12",
                "vulns": [{"id": "PYSEC-1", "fix_versions": ["1"]}],
            },
            {"name": "click", "version": "8.0", "vulns": []},
            {"name": "own", "skip_reason": "not found on PyPI: own (1)"},
        ]
    }
    seen = programs("pip-audit", json.dumps(document))
    report = scan_dependencies(sbom("pkg:pypi/flask@0.12", "pkg:pypi/own@1"))
    (found,) = report.findings
    assert (found.id, found.resource, found.message) == (
        "PYSEC-1",
        "pypi flask 0.12",
        "mended in 1",
    )
    (skipped,) = report.not_verified
    assert skipped.startswith("Python packages: 1 not scanned, such as: not found")
    assert (seen / "requirements.txt").read_text() == "flask==0.12\nown==1\n"
    assert "hidden" not in (seen / "env").read_text()


def test_what_pip_audit_skipped_is_not_verified(programs):
    programs("pip-audit", json.dumps({"dependencies": [{"name": "a", "skip_reason": "gone"}]}))
    report = scan_dependencies(sbom("pkg:pypi/a@1"))
    assert report.verified == ()
    assert report.not_verified


@pytest.mark.parametrize("wanting", ["url", "severity", "name", "title", "range"])
def test_an_advisory_that_is_none_is_no_scan(programs, wanting):
    advisory = {name: one for name, one in ADVISORY.items() if name != wanting}
    programs("npm", json.dumps({"vulnerabilities": {"lodash": {"via": [advisory]}}}))
    report = scan_dependencies(sbom("pkg:npm/lodash@4.17.11"))
    assert (report.verified, report.findings) == ((), ())
    (said,) = report.not_verified
    assert (
        said == f"Node.js packages: not scanned, what was told is not as it should be: '{wanting}'"
    )


def test_a_program_that_does_not_start_is_no_scan(programs, tmp_path):
    programs("npm", "")
    (tmp_path / "npm").write_text("#!/nowhere/at/all\n")
    report = scan_dependencies(sbom("pkg:npm/lodash@4.17.11"))
    assert report.verified == ()
    (said,) = report.not_verified
    assert "npm does not start" in said


def test_npm_is_asked_with_a_lock_of_ours(programs):
    seen = programs(
        "npm", json.dumps({"vulnerabilities": {"lodash": {"via": [ADVISORY, "other"]}}})
    )
    report = scan_dependencies(sbom("pkg:npm/lodash@4.17.11"))
    (found,) = report.findings
    assert (found.id, found.severity, found.resource) == (
        "GHSA-jf85-cpcp-j695",
        "critical",
        "npm lodash",
    )
    packages = json.loads((seen / "package-lock.json").read_text())["packages"]
    assert packages["node_modules/p0"] == {"name": "lodash", "version": "4.17.11"}


def test_a_registry_without_advisories_is_said(programs):
    programs("npm", json.dumps({"message": "405 Method Not Allowed"}))
    report = scan_dependencies(sbom("pkg:npm/lodash@4.17.11"))
    assert report.not_verified == ("Node.js packages: not scanned, 405 Method Not Allowed",)
    assert report.verified == ()


def test_nothing_known_is_verified(programs):
    programs("npm", json.dumps({"vulnerabilities": {}}))
    report = scan_dependencies(sbom("pkg:npm/lodash@4.17.21"))
    assert report.verified == ("1 Node.js packages: none has a known vulnerability",)


@pytest.mark.parametrize(
    ("purl", "said"),
    [
        ("pkg:golang/example.org/x@v1.0.0", "Go modules: not scanned, govulncheck"),
        ("pkg:gem/rails@8.0.0", "gem packages: not scanned, nobody"),
        ("pkg:pypi/flask@1", "Python packages: not scanned, pip-audit is not installed"),
        ("pkg:npm/a@1", "Node.js packages: not scanned, npm is not installed"),
    ],
)
def test_whom_nobody_can_ask_is_said(purl, said, monkeypatch, tmp_path):
    monkeypatch.setattr(tools.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    (one,) = scan_dependencies(sbom(purl)).not_verified
    assert one.startswith(said)


def test_without_a_bill_of_materials_that_is_said():
    assert scan_dependencies(None).not_verified


@pytest.mark.parametrize("module", [pip, npm])
def test_what_is_no_document_is_not_scanned(module, programs):
    programs("pip-audit", "Traceback")
    programs("npm", "Traceback")
    with pytest.raises(tools.NotScanned):
        module.audit((("a", "1"),))
