"""Seeds that source code sets by literal numbers."""

from __future__ import annotations

import pytest

from runfolio.capture.seed_calls import seeds_in_source


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("random.seed(0)", {"random": 0}),
        ("import random as r\nr.seed(1)", {"random": 1}),
        ("from random import seed\nseed(2)", {"random": 2}),
        ("np.random.seed(42)", {"numpy": 42}),
        ("import numpy\nnumpy.random.seed(seed=3)", {"numpy": 3}),
        ("rng = np.random.default_rng(7)", {"numpy.default_rng": 7}),
        ("from numpy.random import default_rng as d\nd(7)", {"numpy.default_rng": 7}),
        ("np.random.default_rng([1, 2])", {"numpy.default_rng": [1, 2]}),
        ("torch.manual_seed(1)", {"torch": 1}),
        ("torch.cuda.manual_seed_all(1)", {"torch.cuda": 1}),
        ("g = torch.Generator('cpu').manual_seed(5)", {"torch.Generator": 5}),
        ("tf.random.set_seed(9)", {"tensorflow": 9}),
        ("key = jax.random.PRNGKey(0)", {"jax": 0}),
        ("seed_everything(42, workers=True)", {"seed_everything": 42}),
        ("L.seed_everything(42)", {"lightning.seed_everything": 42}),
        ("from transformers import set_seed\nset_seed(3)", {"set_seed": 3}),
        ("train_test_split(x, random_state=0)", {"train_test_split.random_state": 0}),
        ("ds = ds.shuffle(seed=4)", {"ds.shuffle.seed": 4}),
        ("os.environ['PYTHONHASHSEED'] = '0'", {"PYTHONHASHSEED of children": 0}),
        ("SEED = 7\nrandom.seed(SEED)", {"random": 7}),
        ("seed, lr = 7, 0.1\nnp.random.seed(seed)", {"numpy": 7}),
        ("%%track a\n!ls\nrandom.seed(1)", {"random": 1}),
        ("def main():\n    random.seed(1)\nif __name__ == '__main__':\n    main()", {"random": 1}),
        ("random.seed(1)\nrandom.seed(2)", {"random": 2}),
    ],
)
def test_a_literal_seed_is_found(code, expected):
    assert seeds_in_source(code) == expected


@pytest.mark.parametrize(
    "code",
    ["random.seed()", "random.seed(time())", "random.seed(seed)", "seed = 1\nseed = 2\nrandom.seed(seed)",
     "def f(seed):\n    random.seed(seed)\nseed = 3", "random.seed(True)", "random.seed('text')",
     "for seed in range(3):\n    random.seed(seed)", "x = 'random.seed(0)'", "# random.seed(0)",
     "np.random.default_rng(None)", "seedling(3)", "proceed(3)", "%%bash\nrandom.seed(0)", "random.seed(", ""],
)  # fmt: skip
def test_what_is_not_known_for_sure_is_not_told(code):
    assert seeds_in_source(code) == {}


def test_the_number_of_findings_is_bounded():
    code = "\n".join(f"f{n}(seed={n})" for n in range(300))
    assert len(seeds_in_source(code)) == 100


@pytest.mark.parametrize(
    "source",
    [
        "runfolio.seed(42)",
        "import runfolio as rf\nrf.seed(42)",
        "from runfolio import seed\nseed(42)",
    ],
)
def test_runfolios_own_seed_has_one_name_however_it_is_called(source):
    assert seeds_in_source(source) == {"runfolio.seed": 42}
