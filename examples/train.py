"""Train a small network on real handwritten digits, as a script; the run lands in folio/."""

import argparse
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

import runfolio

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--lr", type=float, default=3e-3, help="learning rate")
parser.add_argument("--hidden", type=int, default=48, help="units of the hidden layer")
parser.add_argument("--batch", type=int, default=64, help="images per step")
parser.add_argument("--epochs", type=int, default=12, help="passes over the training images")
parser.add_argument("--seed", type=int, default=0, help="of the weights and of the shuffling")
args = parser.parse_args()

images, labels = load_digits(return_X_y=True)
x_train, x_val, y_train, y_val = train_test_split(
    images / 16, labels, test_size=0.25, random_state=0, stratify=labels
)


def batches():
    rng = np.random.default_rng(args.seed)
    for _ in range(args.epochs):
        order = rng.permutation(len(x_train))
        for rows in np.array_split(order, len(x_train) // args.batch):
            yield x_train[rows], y_train[rows]


with runfolio.init(name="script", config=args, tags=["script"]) as run:
    net = MLPClassifier(args.hidden, learning_rate_init=args.lr, random_state=args.seed)
    for step, (x, y) in enumerate(batches()):
        net.partial_fit(x, y, classes=range(10))
        run.log({"train/loss": net.loss_}, step=step)
        if step % 20 == 19:
            run.log({"val/acc": net.score(x_val, y_val)}, step=step)
    np.savez(Path(run.dir) / "weights.npz", *net.coefs_, *net.intercepts_)
    print(f"val/acc {run.summary['val/acc']:.3f} after {step + 1} steps, in {run.path}")
