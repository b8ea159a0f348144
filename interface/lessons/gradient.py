"""What a gradient cannot see: a wrinkle that hardly changes the loss turns the slope round."""

from __future__ import annotations

from interface.experiment import usual
from interface.lessons.lesson import PAPER, Control, Lesson, Trial
from interface.wording import number, percent, reached, setting

VALLEY = 0.1  # a loss below it is in the valley


def text(trial: Trial) -> str:
    r = trial.report
    return (
        "A gradient is the slope **at one point**. It says which way is down there, not how far down the way "
        "goes on. This loss is a wide valley covered with wrinkles. They are low, but steep: on their sides "
        "the slope is that of the wrinkle, not that of the valley, and in places it points back.\n\n"
        f"With wrinkles of height {setting(trial.value)} gradient descent starts at a loss of "
        f"{number(r.start_loss)} and comes to rest after {r.descent.end} steps, only {r.from_start:.2f} "
        f"away, at {number(r.descent.loss)}. The ball with ρ = {setting(r.radius)}, dropped above the same "
        f"start, is too big for the wrinkles and goes down to {reached(r.ball)}."
    )


def short(trial: Trial) -> str:
    return (
        f"with wrinkles of height {setting(trial.value)} gradient descent ends at a loss of "
        f"{reached(trial.report.descent)}, and that is not below {setting(VALLEY)}."
    )


def why(trial: Trial, beyond: Trial) -> str:
    share = beyond.value / beyond.report.start_loss
    return (
        f"With wrinkles of height {setting(trial.value)} gradient descent comes down to "
        f"{number(trial.report.descent.loss)}, with {setting(beyond.value)} it ends at "
        f"{number(beyond.report.descent.loss)}. Those wrinkles are {percent(share)} of the loss at the "
        "start: in the loss nobody would notice them, but the slope is all that gradient descent has."
    )


LESSON = Lesson(
    title="What a gradient cannot see",
    prepare=lambda: usual("wrinkled_bowl"),
    text=text,
    question="How high may the wrinkles be at most, so that gradient descent still gets below a loss of "
    f"{setting(VALLEY)}?",
    control=Control(
        "amplitude",
        "Height of the wrinkles (root mean square)",
        (0.0, 0.003, 0.006, 0.009, 0.012, 0.015, 0.018, 0.021, 0.024, 0.027, 0.03),
    ),
    holds=lambda trial: trial.report.descent.loss < VALLEY,
    largest=True,
    short=short,
    why=why,
    formula=(
        r"f = g + A\cos\frac{2\pi x}{L} \qquad |f - g| \le A, \qquad |f' - g'| \le \frac{2\pi A}{L}",
        "A wrinkle of height A and length L changes the loss by no more than A, but the slope by up to "
        "2πA/L: a short one is felt however low it is. Where that is more than the slope of the valley "
        "g, the slope turns round, and there gradient descent rests.",
    ),
    sources=(
        PAPER,
        "R. F. Voss, *Random fractal forgeries*, 1985: how the wrinkles are made",
    ),
)
