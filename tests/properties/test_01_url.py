"""Property 1: every accepted form of address is accepted, every other string refused, unseen."""

from __future__ import annotations

import string
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autodeploy import recon
from autodeploy.errors import SourceRefused
from autodeploy.settings import NAME

pytestmark = pytest.mark.property

SAFE = string.ascii_letters + string.digits
LABEL = st.text(SAFE, min_size=1, max_size=8)
HOST = st.lists(LABEL, min_size=1, max_size=3).map(".".join) | st.sampled_from(
    ["127.0.0.1", "[::1]", "my-host.example"]
)
PORT = st.just("") | st.integers(1, 65535).map(":{}".format)
PART = st.builds("{}{}".format, LABEL, st.text(SAFE + "._~%é-", max_size=6))
PATH = st.lists(PART, min_size=1, max_size=4).map("/".join)
SECRET = st.text(SAFE, min_size=12, max_size=20)


@st.composite
def accepted(draw):
    """An address built from the grammar, and what of it is secret."""
    host, port, path, secret = draw(HOST), draw(PORT), draw(PATH), draw(SECRET)
    user = draw(LABEL)
    form = draw(st.sampled_from(["https", "token", "password", "git", "ssh", "scp", "file"]))
    return {
        "https": (f"https://{host}{port}/{path}", None),
        "token": (f"https://{secret}@{host}{port}/{path}", secret),
        "password": (f"https://{user}:{secret}@{host}{port}/{path}", secret),
        "git": (f"git://{host}{port}/{path}", None),
        "ssh": (f"ssh://{user}@{host}{port}/{path}", None),
        "scp": (f"git@{host.strip('[]:') or 'h'}:{path.lstrip('-') or 'x'}", None),
        "file": (f"file:///{path}", None),
    }[form]


@given(accepted())
def test_accepted_forms(pair):
    url, secret = pair
    assert recon.validate(url) == url
    shown = recon.without_credentials(url)
    if secret:
        assert secret not in shown
    else:
        assert shown == url
    assert shown.rsplit("/", 1)[-1] == url.rsplit("/", 1)[-1]


@given(st.text(SAFE + " ._-é", min_size=1, max_size=20).filter(lambda one: one.strip(" .")))
def test_folders_that_exist(tmp_path_factory, name):
    folder = tmp_path_factory.mktemp("folders") / name
    folder.mkdir()
    assert Path(recon.validate(str(folder))) == folder.resolve()


def test_relative_and_home_folders(tmp_path, monkeypatch):
    (tmp_path / "shop").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for given_as in ("shop", "./shop", "~/shop", "shop/../shop"):
        assert recon.validate(given_as) == str(tmp_path / "shop")
    (tmp_path / "file").touch()
    (tmp_path / "-u").mkdir()
    for wrong in ("-u", "file", "./nothing", "~nobody-of-that-name/x"):
        with pytest.raises(SourceRefused):
            recon.validate(wrong)


CONTROL = st.sampled_from([chr(number) for number in (*range(32), 127, 0x85, 0x2028)])
OTHER_SCHEMES = st.text(SAFE + "+.-", min_size=1, max_size=8).filter(
    lambda one: one.lower() not in ("https", "ssh", "git", "file")
)


@st.composite
def refused(draw):
    """What must be refused, by the way in which it is wrong."""
    url, _secret = draw(accepted())
    host, path = draw(HOST), draw(PATH)
    place = draw(st.integers(0, len(url)))
    return draw(
        st.sampled_from(
            [
                f"-{url}",
                f"--upload-pack={url}",
                f"ext::{url}",
                f"fd::{path}",
                f"{draw(LABEL)}::{url}",
                url[:place] + draw(CONTROL) + url[place:],
                f"{draw(OTHER_SCHEMES)}://{host}/{path}",
                f"http://{host}/{path}",
                f"https://-{host}/{path}",
                f"ssh://-oProxyCommand=x@{host}/{path}",
                f"ssh://-oProxyCommand=x/{path}",
                f"git@-{host}:{path}",
                f"-u@{host}:{path}",
                f"git@{host}:-{path}",
                f"https://{host}",
                f"https://{host}/",
                f"https:///{path}",
                f"https://{host}:0/{path}",
                f"https://{host}:65536/{path}",
                f"https://{host}:x/{path}",
                f"https://{host} /{path}",
                f"https://{host}/{path}?{path}",
                f"https://{host}/{path}#{path}",
                f"https://{host}\\@evil/{path}",
                f"file://{draw(LABEL)}x/{path}",
                "file://",
                "",
            ]
        )
    )


@settings(max_examples=500)
@given(refused())
@example("-u./payload")
@example("--upload-pack=touch /tmp/x")
@example("ext::sh -c 'touch /tmp/x'")
@example("EXT::sh")
@example("HTTP://example.org/x")
@example("git@host")
@example("https:/example.org/x")
@example("C:\\Users\\me")
@example("ssh://%2doProxyCommand=x@host/x")
def test_every_other_string(url):
    events = []
    WATCH.append(events)
    try:
        with pytest.raises(SourceRefused) as caught:
            recon.validate(url)
    finally:
        WATCH.clear()
    assert not events, "something happened before the refusal"
    assert caught.value.exit_code == 2
    assert "https://" in caught.value.remediation


@given(st.text(max_size=40))
def test_any_text_is_accepted_or_refused(text):
    with suppress(SourceRefused):
        assert recon.validate(recon.validate(text)) == recon.validate(text)


@given(accepted())
def test_names_are_legal(pair):
    try:
        assert NAME.fullmatch(recon.default_name(pair[0]))
    except SourceRefused:
        last = pair[0].rsplit("/", 1)[-1].rsplit(":", 1)[-1].removesuffix(".git")
        assert not any(one in string.ascii_letters for one in last)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://example.org/me/My_Shop.git", "my-shop"),
        ("git@example.org:me/shop.git/", "shop"),
        ("https://example.org/me/2048-game", "game"),
        ("file:///srv/Caf%C3%A9", "cafe"),
        ("https://example.org/x/" + "a" * 40, "a" * 28),
        ("https://example.org/x/" + "a" * 27 + "-b", "a" * 27),
    ],
)
def test_names(url, name):
    assert recon.default_name(url) == name


WATCH: list[list[str]] = []
EFFECTS = ("subprocess.", "os.system", "os.exec", "os.posix_spawn", "socket.", "os.mkdir", "open")


def _audit(event: str, _arguments: object) -> None:
    for events in WATCH:
        if event.startswith(EFFECTS):
            events.append(event)


sys.addaudithook(_audit)
