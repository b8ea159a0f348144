"""Train anew what is shipped, and write it.

python -m interface.neural.shipping     after `python -m interface.neural.seeds`, which may choose others
"""

from __future__ import annotations

from interface.neural import shipped
from interface.neural.stories import STORIES
from interface.neural.study import Study
from landscapes.neural.course import Course


def studies() -> tuple[Study, ...]:
    """Those whose trainings are shipped: the default, and what the stories show."""
    return Study(), *(story.experiment for story in STORIES.values())


def write() -> None:
    """Train them, whatever is shipped already."""
    for study in studies():
        new = Course(study.training())
        while new.advance():
            pass
        shipped.write(new.training, new.records)


if __name__ == "__main__":
    write()
