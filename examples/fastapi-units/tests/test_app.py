from fastapi.testclient import TestClient

from app import app

client = TestClient(app)


def test_kilometres_to_miles():
    answer = client.get("/convert", params={"value": 100, "unit": "km/h", "target": "mph"})
    assert round(answer.json()["result"], 2) == 62.14


def test_what_cannot_be_converted():
    answer = client.get("/convert", params={"value": 1, "unit": "km", "target": "kg"})
    assert answer.status_code == 400
