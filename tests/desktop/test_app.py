import gc

from tonewright.desktop.app import settle


def test_what_there_is_at_the_start_is_searched_for_garbage_no_more() -> None:
    kept = [[] for _ in range(100)]
    settle()
    try:
        searched = {id(each) for each in gc.get_objects()}
        assert not searched & {id(each) for each in kept}
    finally:
        gc.unfreeze()
