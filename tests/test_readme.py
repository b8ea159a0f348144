"""The example of the README runs and prints what it claims."""

import re
from pathlib import Path

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_the_example_runs_and_bears_out_the_story(capsys):
    example = re.search(r"```python\n(.*?)```", README, re.DOTALL).group(1)
    exec(compile(example, "README.md", "exec"), {})
    said = capsys.readouterr().out
    start, ball, point = (float(x) for x in re.findall(r"(?:start|ball|point) ([\d.]+)", said)[:3])
    assert ball < point < start
    assert "rests" in said
    assert float(re.search(r"cuts in: (\S+) of", said).group(1)) < 1e-4


def test_every_folder_and_picture_of_the_page_is_there():
    for name in {*re.findall(r"`([\w/]+)/`", README), *re.findall(r"\]\((?!https?:)([^)#]+)\)", README)}:
        assert (Path(__file__).parents[1] / name).exists(), name
