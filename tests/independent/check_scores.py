#!/usr/bin/env python3
"""Works out every figure of `beliefscope compare` anew, from its scores, and compares.

    check_scores.py SCORES.csv RESULT.json

The scores are those of `--scores`, the result that of `--json`. Nothing of the program is used, and nothing but Python's
standard library: definitions are written as in the textbooks, by other roads than the program's where there are any. From
the result only the thresholds, the costs and the sizes of the training parts are taken. Prints the largest difference;
exit code 1 when one is above 1e-6, or when a value is undefined on one side only.
"""

import csv
import json
import math
import sys
from fractions import Fraction
from itertools import groupby

TOLERANCE = 1e-6
ROPE = 0.01
LOWER_IS_BETTER = {"brier", "log_loss", "expected_cost"}
CALLED = "accuracy balanced_accuracy recall precision f1 mcc expected_cost".split()
RANKED = "auc gini ks pr_auc brier log_loss".split()


def ratio(part, whole):
    return part / whole if whole else None


def called(bad, pd, threshold, costs):
    """The figures of the calls, and the counts [TP, FP, TN, FN]."""
    call = [p >= threshold for p in pd]
    tp = sum(1 for b, c in zip(bad, call) if b and c)
    fp = sum(1 for b, c in zip(bad, call) if not b and c)
    tn = sum(1 for b, c in zip(bad, call) if not b and not c)
    fn = sum(1 for b, c in zip(bad, call) if b and not c)
    recall, specificity = ratio(tp, tp + fn), ratio(tn, tn + fp)
    margins = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    figures = {
        "accuracy": ratio(tp + tn, len(bad)),
        "balanced_accuracy": None if recall is None or specificity is None else (recall + specificity) / 2,
        "recall": recall,
        "precision": ratio(tp, tp + fp),
        "f1": ratio(2 * tp, 2 * tp + fp + fn) if tp + fn else None,
        "mcc": (tp * tn - fp * fn) / math.sqrt(margins) if margins else None,
        "expected_cost": costs["cost_false_good"] * fn + costs["cost_false_bad"] * fp if bad else None,
    }
    return figures, [tp, fp, tn, fn]


def ranked(bad, score, pd):
    """The figures that no threshold enters."""
    n, n_bad = len(bad), sum(bad)
    n_good = n - n_bad
    figures = dict.fromkeys(RANKED)
    if n_bad and n_good:
        # Pairs won by the bad row, from the sum of its mid-ranks (Mann, Whitney).
        upwards = sorted(range(n), key=lambda i: score[i])
        below, rank_sum = 0, 0.0
        for _, tied in groupby(upwards, key=lambda i: score[i]):
            tied = list(tied)
            rank_sum += (below + (len(tied) + 1) / 2) * sum(bad[i] for i in tied)
            below += len(tied)
        figures["auc"] = (rank_sum - n_bad * (n_bad + 1) / 2) / (n_bad * n_good)
        figures["gini"] = 2 * figures["auc"] - 1
        found, refused, furthest, precision = 0, 0, Fraction(0), 0.0
        for _, tied in groupby(reversed(upwards), key=lambda i: score[i]):
            tied = list(tied)
            new = sum(bad[i] for i in tied)
            found, refused = found + new, refused + len(tied) - new
            furthest = max(furthest, abs(Fraction(found, n_bad) - Fraction(refused, n_good)))
            precision += new / n_bad * found / (found + refused)
        figures["ks"], figures["pr_auc"] = float(furthest), precision
    if n and all(0 <= p <= 1 for p in pd):
        figures["brier"] = math.fsum((p - b) ** 2 for b, p in zip(bad, pd)) / n
        figures["log_loss"] = -math.fsum(math.log(max(p if b else 1 - p, 1e-15)) for b, p in zip(bad, pd)) / n
    return figures


def summary(values):
    """Mean and sample standard deviation of the values that are defined."""
    values = [v for v in values if v is not None]
    if not values:
        return None, None
    mean = math.fsum(values) / len(values)
    if len(values) < 2:
        return mean, None
    return mean, math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1))


def incomplete_beta(a, b, x):
    """The regularised incomplete beta function by its continued fraction, evaluated from the end."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    fraction = 1.0
    for m in range(400, 0, -1):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m - 1) * (a + b + m - 1) * x / ((a + 2 * m - 2) * (a + 2 * m - 1))
        fraction = 1 + odd / (1 + even / fraction)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(front) / (a * fraction)


def student_above(t, freedom):
    """P(T > t) for Student's t."""
    tail = incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2
    return tail if t >= 0 else 1 - tail


def folds_tests(differences, share, lower_is_better):
    """p-value of the corrected resampled t-test, and the posterior (a better, equivalent, b better)."""
    mean, sd = summary(differences)
    if sd is None:
        return mean, None, [None] * 3
    scale = math.sqrt(1 / len(differences) + share / (1 - share)) * sd
    ahead = -mean if lower_is_better else mean
    if sd <= 1e-12:
        better = [float(ahead > ROPE), float(-ahead > ROPE)]
        p = float(abs(mean) <= 1e-12)
    else:
        freedom = len(differences) - 1
        p = 2 * student_above(abs(mean) / scale, freedom)
        better = [student_above((ROPE - d) / scale, freedom) for d in (ahead, -ahead)]
    return mean, p, [better[0], max(1 - sum(better), 0), better[1]]


def mcnemar(bad, of_a, of_b):
    only_a = sum(1 for b, x, y in zip(bad, of_a, of_b) if x == b != y)
    only_b = sum(1 for b, x, y in zip(bad, of_a, of_b) if y == b != x)
    n, fewer = only_a + only_b, min(only_a, only_b)
    if n <= 25:
        p = float(min(Fraction(2 * sum(math.comb(n, i) for i in range(fewer + 1)), 2**n), 1))
    else:
        p = math.erfc(max(abs(only_a - only_b) - 1, 0) / math.sqrt(n) / math.sqrt(2))
    return only_a, only_b, p


def holm(p_values):
    """Adjusted p-values by name; undefined ones stay so."""
    order = sorted((p, name) for name, p in p_values.items() if p is not None)
    adjusted, largest = dict.fromkeys(p_values), 0.0
    for i, (p, name) in enumerate(order):
        largest = max(largest, min(1.0, p * (len(order) - i)))
        adjusted[name] = largest
    return adjusted


class Check:
    def __init__(self):
        self.values, self.largest, self.where, self.faults = 0, 0.0, "nowhere", []

    def same(self, where, found, told):
        self.values += 1
        if found is None or told is None:
            if found is not told:
                self.faults.append(f"{where}: {found} here, {told} there")
            return
        difference = abs(found - told)
        if not difference <= TOLERANCE:
            self.faults.append(f"{where}: {found} here, {told} there")
        if not difference <= self.largest:
            self.largest, self.where = difference, where


def read_scores(path):
    """Rows by (repeat, fold), in the order of the file."""
    parts = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            parts.setdefault((int(row["repeat"]), int(row["fold"])), []).append(row)
    return parts


def check_model(check, model, parts, costs):
    """All figures of one model; hands back those of each fold and the calls of each."""
    name, figures, calls = model["name"], {}, {}
    total = [0, 0, 0, 0]
    for fold in model["folds"]:
        place = fold["repeat"], fold["fold"]
        rows = parts[place]
        bad = [row["bad"] == "1" for row in rows]
        score, pd = ([float(row[f"{name}_{column}"]) for row in rows] for column in ("score", "pd"))
        of_calls, counts = called(bad, pd, fold["threshold"], costs)
        figures[place] = {**of_calls, **ranked(bad, score, pd)}
        calls[place] = [p >= fold["threshold"] for p in pd]
        where = f"{name}, repeat {place[0]}, fold {place[1]}"
        check.same(f"{where}: calls", sum(calls[place]), sum(row[f"{name}_class"] == "1" for row in rows))
        check.same(f"{where}: n_test", len(rows), fold["n_test"])
        check.same(f"{where}: positives", sum(bad), fold["positives"])
        for metric in CALLED + RANKED:
            check.same(f"{where}: {metric}", figures[place][metric], fold[metric])
        for count, told in zip(counts, ("true_bad", "false_bad", "true_good", "false_good")):
            check.same(f"{where}: {told}", count, fold["confusion"][told])
        total = [a + b for a, b in zip(total, counts)]
    for count, told in zip(total, ("true_bad", "false_bad", "true_good", "false_good")):
        check.same(f"{name}: {told}", count, model["confusion"][told])
    for metric in CALLED + RANKED:
        mean, sd = summary([of_fold[metric] for of_fold in figures.values()])
        check.same(f"{name}: mean of {metric}", mean, model["mean"][metric])
        check.same(f"{name}: sd of {metric}", sd, model["sd"][metric])
    return figures, calls


def main(scores, result):
    parts = read_scores(scores)
    with open(result, encoding="utf-8") as file:
        result = json.load(file)
    check = Check()
    found = {model["name"]: check_model(check, model, parts, result["money"]) for model in result["models"]}
    n_train = {(m["name"], f["repeat"], f["fold"]): f["n_train"] for m in result["models"] for f in m["folds"]}
    p_values = {}
    for pair in result["comparisons"]:
        a, b, metric = pair["a"], pair["b"], pair["metric"]
        where = f"{a} against {b} on {metric}"
        (figures_a, calls_a), (figures_b, calls_b) = found[a], found[b]
        shared = [place for place in figures_a if place in figures_b]
        both = [(figures_a[place][metric], figures_b[place][metric]) for place in shared]
        differences = [x - y for x, y in both if x is not None and y is not None]
        tested = sum(len(parts[place]) for place in shared)
        trained = sum(n_train[a, *place] for place in shared)
        mean, p, posterior = folds_tests(differences, tested / (tested + trained), metric in LOWER_IS_BETTER)
        check.same(f"{where}: mean_difference", mean, pair["mean_difference"])
        check.same(f"{where}: corrected_t_p", p, pair["corrected_t_p"])
        for told, value in zip(("p_a_better", "p_equivalent", "p_b_better"), posterior):
            check.same(f"{where}: {told}", value, pair[told])
        if b != "majority":
            p_values[b] = p
        first = [place for place in shared if place[0] == 1]
        bad = [row["bad"] == "1" for place in first for row in parts[place]]
        of_a, of_b = ([call for place in first for call in calls[place]] for calls in (calls_a, calls_b))
        only_a, only_b, p = mcnemar(bad, of_a, of_b)
        if pair["mcnemar"] is not None:
            check.same(f"{where}: only_a_right", only_a, pair["mcnemar"]["only_a_right"])
            check.same(f"{where}: only_b_right", only_b, pair["mcnemar"]["only_b_right"])
            check.same(f"{where}: p of McNemar", p, pair["mcnemar"]["p"])
    adjusted = holm(p_values)
    for pair in result["comparisons"]:
        check.same(f"{pair['a']} against {pair['b']}: holm_p", adjusted.get(pair["b"]), pair["holm_p"])
    for fault in check.faults[:20]:
        print(fault)
    print(f"{check.values} values, {len(check.faults)} wrong; largest difference {check.largest:.2e} ({check.where})")
    return 1 if check.faults or not check.values else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
