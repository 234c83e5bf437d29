from app import app

client = app.test_client()


def test_a_code_is_drawn():
    assert client.get("/code.svg?text=hello").data.startswith(b"<?xml")
    assert b"<svg" in client.get("/?text=hello").data


def test_without_text_there_is_none():
    assert client.get("/code.svg").status_code == 400
