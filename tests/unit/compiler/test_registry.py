from __future__ import annotations

from autodeploy.compiler.registry import go_registry, node_registry, npmrc, pip_registry


def test_pips_files_and_variables_reach_uv(tmp_path):
    folder = tmp_path / ".config" / "pip"
    folder.mkdir(parents=True)
    (folder / "pip.conf").write_text(
        "[global]\nindex-url = https://one.example/simple\n"
        "trusted-host =\n  a.example\n  b.example\n"
    )
    environ = {"HOME": str(tmp_path), "PIP_EXTRA_INDEX_URL": "https://two.example/simple"}
    found = pip_registry(environ)
    assert found["UV_DEFAULT_INDEX"] == "https://one.example/simple"
    assert found["UV_INSECURE_HOST"] == "a.example b.example"
    assert found["UV_EXTRA_INDEX_URL"] == "https://two.example/simple"


def test_a_variable_wins_over_pips_files(tmp_path):
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = https://file.example\n")
    environ = {
        "HOME": str(tmp_path),
        "PIP_CONFIG_FILE": str(tmp_path / "pip.conf"),
        "PIP_INDEX_URL": "https://variable.example",
    }
    assert pip_registry(environ)["UV_DEFAULT_INDEX"] == "https://variable.example"


def test_a_file_that_pip_could_not_read_either_is_left_out(tmp_path):
    (tmp_path / "pip.conf").write_text("index-url\n")
    environ = {"HOME": str(tmp_path), "PIP_CONFIG_FILE": str(tmp_path / "pip.conf")}
    assert "UV_DEFAULT_INDEX" not in pip_registry(environ)


def test_npms_registry_is_passed_on_and_its_tokens_are_not(tmp_path):
    (tmp_path / ".npmrc").write_text(
        "registry=https://npm.example/\n//npm.example/:_authToken=s3cret\n; note=1\n"
    )
    text = npmrc({"HOME": str(tmp_path)})
    assert "registry=https://npm.example/\n" in text
    assert "s3cret" not in text


def test_npms_registry_is_passed_on_to_yarn_and_bun(tmp_path):
    (tmp_path / ".npmrc").write_text("registry=https://npm.example/\ncafile=/own/ca.pem\n")
    found = node_registry({"HOME": str(tmp_path)})
    assert found["YARN_NPM_REGISTRY_SERVER"] == "https://npm.example/"
    assert found["BUN_CONFIG_REGISTRY"] == "https://npm.example/"
    assert found["NODE_EXTRA_CA_CERTS"] == "/own/ca.pem"
    variable = {"HOME": str(tmp_path), "NPM_CONFIG_REGISTRY": "https://variable.example/"}
    assert node_registry(variable)["BUN_CONFIG_REGISTRY"] == "https://variable.example/"


def test_gos_own_settings(tmp_path):
    folder = tmp_path / ".config" / "go"
    folder.mkdir(parents=True)
    (folder / "env").write_text("GOPROXY=https://go.example\nGOFLAGS=-x\n")
    assert go_registry({"HOME": str(tmp_path)}) == {"GOPROXY": "https://go.example"}
