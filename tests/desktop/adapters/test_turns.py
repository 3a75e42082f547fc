import pytest

from tonewright.desktop.adapters import turns
from tonewright.desktop.adapters.turns import Turns


@pytest.fixture
def seen():
    return []


@pytest.fixture
def pieces(seen):
    """Return pieces that note their number."""
    return lambda numbers: [lambda number=number: seen.append(number) for number in numbers]


def test_short_work_is_done_at_once(qapp, seen, pieces, monkeypatch):
    monkeypatch.setattr(turns, "BUDGET_MS", 60_000.0)
    work = Turns()
    work.run("a", pieces(range(5)))
    assert seen == [0, 1, 2, 3, 4]
    assert not work.busy


def test_long_work_is_done_in_turns_and_in_order(until, seen, pieces, monkeypatch):
    monkeypatch.setattr(turns, "BUDGET_MS", 0.0)
    work = Turns()
    work.run("a", pieces(range(5)))
    assert seen == [0]
    until(lambda: not work.busy)
    assert seen == [0, 1, 2, 3, 4]


def test_new_work_takes_the_place_of_old(until, seen, pieces, monkeypatch):
    monkeypatch.setattr(turns, "BUDGET_MS", 0.0)
    work = Turns()
    work.run("a", pieces(range(5)))
    work.run("a", pieces([7, 8]))
    until(lambda: not work.busy)
    assert seen == [0, 7, 8]


def test_who_cannot_wait_has_it_finished(qapp, seen, pieces, monkeypatch):
    monkeypatch.setattr(turns, "BUDGET_MS", 0.0)
    work = Turns()
    work.run("a", pieces(range(5)))
    work.finish("a")
    assert seen == [0, 1, 2, 3, 4]
    assert not work.busy


def test_several_owners_share_the_turns_one_after_another(until, seen, pieces, monkeypatch):
    monkeypatch.setattr(turns, "BUDGET_MS", 0.0)
    work = Turns()
    work.run("a", pieces(range(3)))
    work.run("b", pieces([10, 11]))
    assert seen == [0]  # the second one waits for the next turn
    work.run("a", pieces([5]))
    until(lambda: not work.busy)
    assert seen == [0, 5, 10, 11]


def test_one_owner_is_finished_and_the_others_go_on(until, seen, pieces, monkeypatch):
    monkeypatch.setattr(turns, "BUDGET_MS", 0.0)
    work = Turns()
    work.run("a", pieces(range(3)))
    work.run("b", pieces([10, 11]))
    work.finish("b")
    assert seen == [0, 10, 11]
    assert work.busy
    until(lambda: not work.busy)
    assert seen == [0, 10, 11, 1, 2]
