"""Holds an exported model against the program's own scores.

    python3 scripts/check_onnx.py model.onnx table.csv scored.csv [--column pd] [--tolerance 1e-5]

Scores table.csv with onnxruntime and compares with the PDs that `beliefscope score` wrote to scored.csv, row by row; prints
the largest difference. Needs numpy and onnxruntime. Exit code 1 where a PD differs by more than the tolerance.
"""

import argparse
import csv
import json
import sys

import numpy as np
import onnxruntime

# Texts that the program counts as missing by default, in small letters. Numbers need no list: what is none is missing.
MISSING = (
    "? na n/a n.a. n.a <na> nan -nan null <null> (null) \\n #n/a #na #null! #div/0! #value! #ref! #num! #name?"
).split()
BATCH = 4096


def cells(rows, column, kind):
    """The cells of a column as the graph expects them: (rows, 1)."""
    texts = [(row.get(column) or "").strip() for row in rows]
    if kind == "text":
        return np.array([["" if text.lower() in MISSING else text] for text in texts], dtype=object)

    def number(text):
        try:
            return float(text)
        except ValueError:
            return float("nan")

    return np.array([[number(text)] for text in texts], dtype=np.float64)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("model")
    arguments.add_argument("table")
    arguments.add_argument("scored")
    arguments.add_argument("--column", default="pd", help="column of the PDs in scored.csv")
    arguments.add_argument("--tolerance", type=float, default=1e-5)
    arguments = arguments.parse_args()

    session = onnxruntime.InferenceSession(arguments.model, providers=["CPUExecutionProvider"])
    inputs = json.loads(session.get_modelmeta().custom_metadata_map["beliefscope.inputs"])
    with open(arguments.table, newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    lacking = [one["indicator"] for one in inputs if rows and one["indicator"] not in rows[0]]
    if lacking:
        sys.exit(f"{arguments.table} has no column {', '.join(lacking)}")
    with open(arguments.scored, newline="", encoding="utf-8-sig") as file:
        expected = np.array([float(row[arguments.column]) for row in csv.DictReader(file)])
    if len(rows) != len(expected):
        sys.exit(f"{arguments.table} has {len(rows)} rows and {arguments.scored} {len(expected)}")

    found = []
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        feed = {one["input"]: cells(batch, one["indicator"], one["kind"]) for one in inputs}
        found.append(session.run(["pd"], feed)[0][:, 0])
    difference = np.abs(np.concatenate(found) - expected)
    worst = int(np.argmax(difference))
    print(f"{len(rows)} rows, largest difference of a PD {difference[worst]:.2e} in row {worst + 1}")
    # Written so that a difference that is no number fails too.
    sys.exit(0 if difference[worst] <= arguments.tolerance else 1)


if __name__ == "__main__":
    main()
