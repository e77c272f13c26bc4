"""A power trace's file: what it says is taken, what is wrong is told with its line and column."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chipscale.errors import InputError
from chipscale.physics.thermal.power_trace import MOST_LINES, parsed, read_trace


def test_a_trace_is_read(tmp_path):
    path = tmp_path / "power.csv"
    path.write_text(
        "\ufeff# idle, then busy\npower_W, time_s,what\n0.1,5,idle\n\n2,15,busy\n0,25.5,\n", encoding="utf-8"
    )
    found = read_trace(path)
    assert found.times_s.tolist() == [0.0, 10.0, 20.5]
    assert found.power_W.tolist() == [0.1, 2.0]
    assert found.energy_J == pytest.approx(0.1 * 10 + 2 * 10.5)


@pytest.mark.parametrize(
    ("text", "line", "code", "key"),
    [
        ("", None, "trace.empty", "trace"),
        ("time,power_W\n0,1\n1,0\n", 1, "trace.no_column", "trace"),
        ("time_s,time_s,power_W\n0,1,2\n", 1, "trace.no_column", "trace"),
        ("time_s,power_W\n0,1\n", None, "trace.short", "trace"),
        ("time_s,power_W\n0,0\n1,3\n", None, "trace.no_power", "column power_W"),
        ("time_s,power_W\n0,1\n1,-2\n", 3, "trace.range", "column power_W"),
        ("time_s,power_W\n0,1\n1,1e5\n", 3, "trace.range", "column power_W"),
        ("time_s,power_W\n0,1\n1,inf\n", 3, "trace.range", "column power_W"),
        ("time_s,power_W\n0,1\n1,nan\n", 3, "trace.number", "column power_W"),
        ("time_s,power_W\n0,1\n1,1_0\n", 3, "trace.number", "column power_W"),
        ("time_s,power_W\n0,1\n1\n", 3, "trace.number", "column power_W"),
        ("time_s,power_W\n# a note\n\n0,1\nsoon,1\n", 5, "trace.number", "column time_s"),
        ("time_s,power_W\n0,1\n5,1\n5,2\n6,0\n", 4, "trace.order", "column time_s"),
        ('time_s,power_W\n0,"1\n', 2, "trace.broken", "trace"),
        ("time_s,power_W\n0,1\n" + "9" * 500 + ",1\n", 3, "trace.number", "column time_s"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(text, line, code, key):
    with pytest.raises(InputError) as caught:
        parsed(text.encode(), "power.csv")
    problem = caught.value.problems[0]
    assert (problem.line, problem.code, problem.key, problem.file) == (line, code, key, "power.csv")


def test_other_files_are_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_trace(tmp_path / "none.csv")
    with pytest.raises(InputError, match="no such file"):
        read_trace(tmp_path)
    with pytest.raises(InputError, match="UTF-8"):
        parsed(b"time_s,power_W\n\xff\xfe,1\n", "power.csv")


def test_a_trace_too_long_is_refused_before_it_is_kept():
    text = "time_s,power_W\n" + "".join(f"{k},1\n" for k in range(MOST_LINES + 1))
    with pytest.raises(InputError, match="too many lines"):
        parsed(text.encode(), "power.csv")


def test_many_mistakes_are_told_at_once_but_not_all():
    text = "time_s,power_W\n" + "x,y\n" * 1000
    with pytest.raises(InputError) as caught:
        parsed(text.encode(), "power.csv")
    assert 2 <= len(caught.value.problems) <= 12


@given(st.binary(max_size=200))
def test_no_bytes_bring_it_down(data):
    try:
        found = parsed(b"time_s,power_W\n" + data, "power.csv")
    except InputError:
        return
    assert np.isfinite(found.power_W).all()
    assert (np.diff(found.times_s) > 0).all()
