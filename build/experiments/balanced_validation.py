"""The paper's balanced validation, from a run: accuracy when every grade is as likely as any other.

    python3 build/experiments/balanced_validation.py COHORT RUN

A run's probabilities are calibrated to patients, four fifths of whose joints or more are healthy, so its grades (the most probable ones) are cautious. The
paper sampled its validation set so that all grades were equally frequent. This script divides each probability by the frequency of its grade among the true
grades of the scale, takes the largest, and averages the accuracy over the grades that occur. It prints one line per scale, with the run's own balanced
accuracy.
"""

import csv
import json
import pathlib
import sys
from collections import Counter, defaultdict


def main():
    cohort, run = (pathlib.Path(argument) for argument in sys.argv[1:3])
    with open(cohort / "training.csv", newline="") as file:
        truth = {row["Patient_ID"]: row for row in csv.DictReader(file)}
    scales = defaultdict(list)
    for line in (run / "results.jsonl").read_text().splitlines():
        result = json.loads(line)
        for column, score in result.get("joints", {}).items():
            grade = truth.get(result["patient"], {}).get(column)
            if grade:
                scales[scale(column)].append((int(float(grade)), score["probabilities"]))
    for name, joints in sorted(scales.items()):
        counts = Counter(grade for grade, _ in joints)
        # A grade that no joint has gets half a joint, or it would win always.
        frequency = [max(counts[grade], 0.5) for grade in range(len(joints[0][1]))]
        plain = balanced(joints, lambda p: max(range(len(p)), key=lambda g: (p[g], -g)))
        even = balanced(joints, lambda p: max(range(len(p)), key=lambda g: (p[g] / frequency[g], -g)))
        print(f"{name}: {len(joints)} joints, {len(counts)} grades; balanced accuracy {plain:.3f} as graded, {even:.3f} with all grades equally likely")


def scale(column):
    """`LH_mcp_E__2` is erosion in a hand."""
    if "_J__" in column:
        return "narrowing"
    return "hand erosion" if column[1] == "H" else "foot erosion"


def balanced(joints, choose):
    hits, all_ = Counter(), Counter()
    for grade, probabilities in joints:
        all_[grade] += 1
        hits[grade] += choose(probabilities) == grade
    return sum(hits[grade] / all_[grade] for grade in all_) / len(all_)


if __name__ == "__main__":
    main()
