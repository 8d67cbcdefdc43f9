import io

from identity_server.cli.progress import Progress, span


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_terminal_gets_a_bar_with_rate_and_remaining_time():
    screen, clock = Terminal(), Clock()
    progress = Progress(1000, screen, clock)
    clock.now += 5
    progress.show(25_000, 250, "3 refused")
    assert screen.getvalue() == "\r[######..................]  25%  25 000 rows  5 000/s  15s left  3 refused"


def test_what_was_done_before_does_not_count_for_the_rate():
    clock = Clock()
    progress = Progress(0, Terminal(), clock)
    progress.begin(1000, 0)
    assert progress.line(1500, 0, clock.now + 10) == "1 500 rows  50/s"


def test_elsewhere_a_line_comes_now_and_then():
    log, clock = io.StringIO(), Clock()
    progress = Progress(100, log, clock)
    for second in range(25):
        clock.now = 100 + second
        progress.show(second, second)
    assert log.getvalue().count("\n") == 2
    assert "\r" not in log.getvalue()


def test_spans_are_for_people():
    assert [span(8.2), span(150), span(3900), span(-1)] == ["8s", "2m30s", "1h05m", "0s"]
