"""`python3 -m unittest discover -s build/judge -t build`: the judge on a made-up svh whose answers are known."""

import json
import stat
import sys
import tempfile
import unittest
from pathlib import Path

from judge import films as films_module
from judge.engine import run
from judge.films import films
from judge.measures import measure, won
from judge.table import table

# Grades every joint of a film by the size of its file; the last of them is left open. A film of 9 bytes is refused.
SVH = """#!{python}
import json, pathlib, sys
words = sys.argv[1:]
run = pathlib.Path(words[words.index("--out") + 1])
run.mkdir()
films = [pathlib.Path(word) for word in words[words.index("score") + 1 : words.index("--json")]]
kept = open(run / "results.jsonl", "w")
for film in films:
    size = film.stat().st_size
    if size == 9:
        print(f"svh: {{film}}: no joint was recognised", file=sys.stderr)
        continue
    patient, _, limb = film.stem.partition("-")
    limb = limb or "RH"
    boxes = [("mcp_2", 100 + size, "detector"), ("mcp_5", 200, "inferred"), ("pip_2", 100, "detector")]
    found = [dict(task=task, joint=f"{{limb}}_{{joint}}", score=0.9, box=[x - 5, 95, x + 5, 105], kept=source == "detector", **{{"from": source}})
             for joint, x, source in boxes for task in ("narrowing", "erosion")]
    print(json.dumps(dict(film=str(film), width=300, height=300, limb=limb, limb_from="name", detections=found)), file=kept)
    grade = dict(grade=size, expected=size + 0.5, probabilities=[])
    joints = {{f"{{limb}}_{{column}}": grade for column in ("mcp_J__2", "mcp_E__2", "wrist_E__nav")}}
    left = {{f"{{limb}}_wrist_E__ulna": dict(reason="blurred", unfamiliarity=0.9, expected=2.0, probabilities=[])}}
    print(json.dumps(dict(patient=patient, joints=joints, scored=3, expected_joints=31, **(dict(open=left) if size else {{}}))))
sys.exit(2)
"""


class Judge(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.svh = self.root / "svh"
        self.svh.write_text(SVH.format(python=sys.executable))
        self.svh.chmod(self.svh.stat().st_mode | stat.S_IXUSR)
        for name, size in {
            "dha/images/A-LH.png": 0, "dha/images/DHA7232-LH.png": 3, "rsna/images/B-RH.png": 1, "adult/images/X-RH.png": 4,
            "adult/images/CR2-RH.jpg": 2, "adult/not-ours/knee.png": 9, "ra-wrists/E-LH.png": 3, "ra-wrists/W-LH.png": 2, "ra-wrists/V-LH.png": 9,
        }.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_bytes(b"." * size)
        (self.root / "dha/landmarks.csv").write_text(
            "film,joint,x_px,y_px,mm_per_px\nA-LH.png,mcp_2,100,100,\nA-LH.png,mcp_5,200,114,\nA-LH.png,pip_2,100,120,\nDHA7232-LH.png,mcp_2,1,1,\n")
        (self.root / "ra-wrists/labels.csv").write_text("film,erosive\nE-LH.png,1\nW-LH.png,0\nV-LH.png,0\nabsent-LH.png,1\n")
        (self.root / "adult/conditions.csv").write_text("film,damaged\nX-RH.png,\n")

    def judged(self, held_out=False):
        chosen = films(self.root, held_out)
        return chosen, measure(chosen, run(str(self.svh), "models", chosen))

    def test_films_that_are_set_aside_are_run_alone_and_only_when_asked_for(self):
        names = lambda held_out: {film.name for film in films(self.root, held_out)}
        self.assertEqual(names(True), {"DHA7232-LH"})
        others = {"A-LH", "B-RH", "X-RH", "CR2-RH", "knee", "knee as LH", "knee as LF", "E-LH", "W-LH", "V-LH"}
        self.assertEqual(names(False), others)
        self.assertEqual(len(films_module.HELD_OUT), 6)

    def test_units_are_grades_of_healthy_limbs_and_open_joints_give_none(self):
        children, adults = (self.judged()[1]["healthy"][group] for group in ("children", "adults"))
        # A: three grades of 0. B: three of 1, and one open with 2.0 expected. X: three of 4, and one open.
        self.assertEqual((children["units"], children["narrowing"], children["erosion"]), (1.5, 0.5, 1.0))
        self.assertEqual(children["expected_units"], (1.5 + 4.5 + 2.0) / 2)
        self.assertEqual((children["graded_zero"], children["left_open"], children["without_box"]), (3 / 6, 1 / 62, 55 / 62))
        self.assertEqual((adults["units"], adults["limbs"]), (12, 1))

    def test_wrists_are_ranked_by_expected_grades_and_a_refused_one_wins_half_its_pairs(self):
        wrists = self.judged()[1]["wrists"]
        self.assertEqual(wrists["films"]["E-LH"], {"eroded": True, "sum": 3.5 + 2.0})
        self.assertEqual((wrists["pairs_won"], wrists["pairs"], wrists["ungraded"]), (1.5, 2, 1))
        self.assertEqual(won([1, 2], [1, 0]), 0.5 + 1 + 1 + 1)

    def test_a_joint_is_found_within_reach_of_its_landmark(self):
        found = self.judged()[1]["found"]["children, erosion"]
        # The palm is 101 wide: mcp_2 hits, mcp_5 is 14 off and was placed, pip_2 is 20 off.
        self.assertEqual((found["joints"], found["detected"], found["placed"]), (3, 1, 1))

    def test_damaged_joints_and_films_that_are_not_ours_are_listed(self):
        chosen, measures = self.judged()
        joints = measures["damaged"]["CR2-RH"]
        self.assertEqual(joints["mcp_2"]["narrowing"], {"grade": 2, "expected": 2.5})
        self.assertEqual(joints["wrist_ulna"], {"erosion": {"grade": None, "expected": 2.0}})
        self.assertEqual(joints["mcp_3"], {"narrowing": None, "erosion": None})
        self.assertEqual((measures["not_ours"]["knee"]["units"], measures["not_ours"]["knee"]["refusal"]), (None, "no joint was recognised"))
        text = table(chosen, {"a": measures, "b": measures})
        self.assertIn("open (2.0)", text)
        self.assertIn("[1] no joint was recognised", text)
        json.dumps(measures)


if __name__ == "__main__":
    unittest.main()
