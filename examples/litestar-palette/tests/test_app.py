from litestar.testing import TestClient

from app import app, palette


def test_the_complement_of_red_is_cyan():
    assert palette("ff0000").harmonies["complement"] == ["00ffff"]


def test_what_is_no_colour():
    with TestClient(app) as client:
        assert client.get("/palette/ff0000").json()["text"] == "000000"
        assert client.get("/palette/red").status_code == 400
