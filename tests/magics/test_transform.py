"""The input transformer behind %%track, on its own and inside IPython's whole transformation."""

from __future__ import annotations

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from runfolio.errors import UsageError
from runfolio.magics.transform import Transformer, read_options, tracked_part

REFUSED = [
    "%%track --tga x\nx = 1\n",
    "%%track runs\nx = 1\n",
    "%%track compare\nx = 1\n",
    "%%track one two three\nx = 1\n",
    '%%track "open\nx = 1\n',
    "%%track -c lr\nx = 1\n",
    "%%track --help\nx = 1\n",
    "%%track baseline\n",
    "%%track baseline\n\n  \n",
    "%%track a\n%%track b\nx = 1\n",
]


def transform(cell: str) -> str:
    return "".join(Transformer()(cell.splitlines(keepends=True)))


@pytest.fixture
def manager() -> TransformerManager:
    manager = TransformerManager()
    manager.cleanup_transforms.append(Transformer())
    return manager


def test_the_track_line_becomes_a_blank_one_so_that_line_numbers_stay_true() -> None:
    assert transform("%%track baseline\nx = 1\ny = 2\n") == "\nx = 1\ny = 2\n"


@pytest.mark.parametrize("below", ["%%time\nx = 1\n", "%%bash\nls\n", "\n\n%%time\nx = 1\n"])
def test_the_track_line_is_taken_off_above_another_cell_magic(below: str) -> None:
    assert transform(f"%%track baseline\n{below}") == below.lstrip("\n")


@pytest.mark.parametrize(
    "cell",
    ["x = 1\n", "", "\n", "%%time\nx = 1\n", "%%tracked\nx\n", "%%track?\n", "%%track??\n",
     "x = '''\n%%track a\n'''\n"],
)  # fmt: skip
def test_any_other_cell_comes_back_as_it_is(cell: str) -> None:
    assert transform(cell) == cell


@pytest.mark.parametrize(
    "cell", ["%%track a\nx\n", "%%track a\n%%time\nx\n", "%%time\n%%track a\nx\n", *REFUSED]
)
def test_transforming_twice_is_transforming_once(cell: str) -> None:
    assert transform(transform(cell)) == transform(cell)


@pytest.mark.parametrize("cell", REFUSED)
def test_a_line_that_cannot_be_carried_out_leaves_nothing_of_the_cell_to_run(
    cell: str, manager: TransformerManager
) -> None:
    code = manager.transform_cell(cell)

    assert code.startswith("get_ipython().run_cell_magic('track'")
    assert code.count("\n") == 1
    assert tracked_part(cell) is None


def test_a_track_line_below_a_timing_magic_is_not_forgotten_in_silence(
    manager: TransformerManager,
) -> None:
    code = manager.transform_cell("%%time\n%%track baseline\nx = 1\n")

    assert code == "get_ipython().run_cell_magic('track', 'baseline', '%%time\\n')\n"


def test_a_file_that_is_written_may_hold_a_track_line(manager: TransformerManager) -> None:
    code = manager.transform_cell("%%writefile cell.ipy\n%%track baseline\nx = 1\n")

    assert code.startswith("get_ipython().run_cell_magic('writefile'")


def test_blank_lines_and_prompts_above_are_no_hindrance(manager: TransformerManager) -> None:
    cell = "\n\n>>> %%track baseline\n>>> x = 1\n"
    cleanup = manager.cleanup_transforms

    assert manager.transform_cell(cell) == "\nx = 1\n"
    assert tracked_part(cell, cleanup[:-1]) is not None


def test_shell_lines_magics_and_help_below_are_still_ipythons(manager: TransformerManager) -> None:
    code = manager.transform_cell("%%track a\nfiles = !ls\n%matplotlib inline\nlen?\n")

    assert code.splitlines()[1:] == [
        "files = get_ipython().getoutput('ls')",
        "get_ipython().run_line_magic('matplotlib', 'inline')",
        "get_ipython().run_line_magic('pinfo', 'len')",
    ]


def test_in_a_terminal_a_tracked_cell_is_complete_at_its_first_blank_line(
    manager: TransformerManager,
) -> None:
    assert manager.check_complete("%%track baseline")[0] == "incomplete"
    assert manager.check_complete("%%track baseline\nx = 1")[0] == "incomplete"
    assert manager.check_complete("%%track baseline\nx = 1\n\n")[0] == "complete"


def test_name_tags_settings_and_the_rest_are_read_with_their_types() -> None:
    options = read_options(
        "two words --tag a --tag b -c lr=1e-3 -c n=3 -c on=true -c opt=adam -c net.width=64 "
        "--project P --group G --notes 'said here'"
    )

    assert (options.name, options.tags) == ("two words", ("a", "b"))
    assert options.config == {"lr": 1e-3, "n": 3, "on": True, "opt": "adam", "net": {"width": 64}}
    assert type(options.config["lr"]) is float
    assert (options.project, options.group, options.notes) == ("P", "G", "said here")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("--tga x", "--tag"),
        ("runs lr<1", "write %track runs lr<1 on"),
        ("start now", "%track start now"),
        ("sweep", "sweep"),
        ("one two three", '%%track "one two three"'),
        ('"open', "Close the quote"),
        ("-c lr", "-c lr=1e-3"),
    ],
)
def test_a_mistake_is_one_line_with_the_nearest_right_spelling(words: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_options(words)

    assert hint in str(caught.value)
    assert "\n" not in str(caught.value)
