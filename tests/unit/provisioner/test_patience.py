import threading

import pytest

from autodeploy.errors import Interrupted, ResourceFailed
from autodeploy.provisioner.patience import Patience, pause
from autodeploy.provisioner.watch import Watch


def questions(ready, usual):
    """When it is asked, until what takes `ready` seconds is there."""
    at = [pause(0, usual)]
    while at[-1] < ready:
        at.append(at[-1] + pause(at[-1], usual))
    return at


@pytest.mark.parametrize(
    ("ready", "usual", "count"),
    [(1, 300, 1), (280, 300, 3), (300, 300, 3), (320, 300, 4), (600, 300, 9), (20, 20, 3)],
)
def test_few_questions_are_asked(ready, usual, count):
    assert len(questions(ready, usual)) == count


@pytest.mark.parametrize("ready", [20, 21, 50, 300, 1000])
def test_after_the_usual_time_an_answer_is_at_most_an_eighth_late(ready):
    assert ready <= questions(ready, 20)[-1] <= ready * 9 / 8


def test_the_pace_of_the_place_counts():
    asked = []
    Patience(pace=0.001).until(lambda: len(asked) > 2 or asked.append(1), seconds=60, what="it")
    with pytest.raises(ResourceFailed, match=r"in vain for it"):
        Patience(pace=0.001).until(lambda: False, seconds=0, what="it")


def test_who_gives_up_waits_no_longer():
    stop = threading.Event()
    stop.set()
    with pytest.raises(Interrupted):
        Patience(stop).until(lambda: False, seconds=1000, what="it", usual=1000)


def test_one_look_serves_all_that_wait():
    looks = []

    def read():
        looks.append(1)
        return {name: f"look {len(looks)}" for name in "ab"}

    watch = Watch(read)
    one, two = watch.follow("a"), watch.follow("b")
    assert [one(), two()] == ["look 1", "look 1"]
    assert [two(), one()] == ["look 2", "look 2"]
    late, unknown = watch.follow("a"), watch.follow("c")
    assert late() == "look 3"
    assert unknown() is None
    assert len(looks) == 3
