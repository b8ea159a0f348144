"""Several readers at once: nobody waits for another's training, and nothing of one gets into the other's."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import torch

from interface.neural import slicing
from interface.neural.study import Study
from landscapes.neural import fit
from landscapes.neural.course import Course
from tests.test_real_losses_page import SMALL, few, healthy, opened, session, words  # noqa: F401

ONE, OTHER = replace(SMALL, seed=11), replace(SMALL, seed=12, corrupted=0.4, activation="relu")


def in_threads(*calls) -> None:
    """All calls at once; what one raises is raised here."""
    raised: list[Exception] = []

    def caught(call) -> None:
        try:
            call()
        except Exception as error:
            raised.append(error)

    threads = [threading.Thread(target=caught, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    if raised:
        raise raised[0]


def same(study: Study) -> None:
    """The course of a study has the records of a training that was alone, each once."""
    course, alone = slicing.course(study.training()), fit(study.training())
    assert [record.step for record in course.records] == alone.recorded.tolist()
    assert torch.equal(course.trained().path, alone.path)


def test_two_who_train_at_once_get_what_each_would_get_alone():
    in_threads(*(lambda study=study: slicing.cut(slicing.slicing(study)) for study in (ONE, OTHER)))
    same(ONE)
    same(OTHER)


def test_many_who_train_the_same_train_it_once(monkeypatch: pytest.MonkeyPatch):
    study, made = replace(ONE, seed=13), []
    cut = slicing._cut
    monkeypatch.setattr(slicing, "_cut", lambda key: made.append(key) or cut(key))
    in_threads(*[lambda: slicing.cut(slicing.slicing(study))] * 4)
    same(study)
    assert len(made) == 1


def test_a_page_opens_while_another_reader_trains(monkeypatch: pytest.MonkeyPatch):
    """The other one's training stands still in the middle of a step for as long as this page takes."""
    theirs, mine = replace(ONE, seed=14), replace(OTHER, seed=15)
    begun, go_on = threading.Event(), threading.Event()
    advance = Course.advance

    def slow(course: Course):
        if course.training == theirs.training():
            with course._lock:
                begun.set()
                assert go_on.wait(60)
        return advance(course)

    monkeypatch.setattr(Course, "advance", slow)
    other = threading.Thread(target=lambda: slicing.cut(slicing.slicing(theirs)))
    other.start()
    assert begun.wait(20)
    try:
        at = opened(seed="15", corrupted="0.4", activation="relu")
        healthy(at)
        assert session(at).good.experiment == mine and not at.error
    finally:
        go_on.set()
        other.join(60)
    assert not other.is_alive()
    same(theirs)
    same(mine)


def test_two_sessions_keep_their_own_studies():
    one, other = opened(seed="16"), opened(seed="17", plane="random")
    one.selectbox(key="study/plane").set_value("hessian").run()
    other.number_input(key="study/width").set_value(6).run()
    assert session(one).experiment == replace(SMALL, seed=16, plane="hessian")
    assert session(other).experiment == replace(SMALL, seed=17, plane="random", width=6)
    for at in (one, other):
        healthy(at)
        assert session(at).good.experiment == session(at).experiment and session(at).good.text in words(at)
