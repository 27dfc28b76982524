#!/usr/bin/env python3
"""What the scripts promise: `scripts_test.py ROOT` runs each beside the point
where it would install or build something."""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

ROOT = os.path.abspath(sys.argv.pop(1))


def script(name, *arguments):
    return subprocess.run(
        [os.path.join(ROOT, "scripts", name), *arguments], capture_output=True, text=True, cwd=ROOT
    )


class CountTests(unittest.TestCase):
    def count(self, cases):
        with tempfile.NamedTemporaryFile("w", suffix=".xml") as file:
            file.write(f"<testsuite>{cases}</testsuite>")
            file.flush()
            return script("count-tests", file.name)

    def test_counts_each_outcome_and_fails_with_a_failure(self):
        done = self.count(
            '<testcase name="a" status="run"/><testcase name="b" status="run"/>'
            '<testcase name="c" status="fail"><failure message=""/></testcase>'
            '<testcase name="d" status="notrun"><skipped message="SKIP_REGULAR_EXPRESSION_MATCHED"/></testcase>'
        )
        self.assertEqual(done.stdout, "2 passed, 1 failed, 1 skipped\n")
        self.assertEqual(done.returncode, 1)

    def test_succeeds_when_nothing_failed(self):
        self.assertEqual(self.count('<testcase name="a" status="run"/>').returncode, 0)

    def test_no_test_at_all_is_a_failure(self):
        self.assertEqual(self.count("").returncode, 1)

    def test_a_missing_file_is_a_failure(self):
        self.assertEqual(script("count-tests", "no-such-file.xml").returncode, 1)


class Setup(unittest.TestCase):
    def test_refuses_an_unknown_task(self):
        done = script("setup", "everything")
        self.assertEqual(done.returncode, 2)
        self.assertIn("usage: scripts/setup", done.stderr)


class Shell(unittest.TestCase):
    def test_every_script_parses(self):
        for folder in ("scripts", ".ci"):
            for name in os.listdir(os.path.join(ROOT, folder)):
                path = os.path.join(ROOT, folder, name)
                with open(path, encoding="utf-8") as file:
                    if "bash" in file.readline():
                        subprocess.run(["bash", "-n", path], check=True)
                self.assertTrue(os.access(path, os.X_OK), f"{path} is not executable")


class Plot(unittest.TestCase):
    """bench/compare -plot"""

    @staticmethod
    def drawn(models):
        sys.path.insert(0, os.path.join(ROOT, "bench"))
        from plot import svg

        return svg({"models": models})

    def test_draws_a_bar_per_model_and_thread_count(self):
        latency = {"1": {"ratio": 0.5}, "2": {"ratio": 0.8}}
        root = xml.etree.ElementTree.fromstring(self.drawn({"a<b": {"latency": latency}, "alone": {"latency": {"1": {}}}}))
        space = "{http://www.w3.org/2000/svg}"
        self.assertEqual([title.text for title in root.iter(space + "title")], ["a<b, 1: 2.00", "a<b, 2: 1.25"])
        words = [text.text for text in root.iter(space + "text")]
        self.assertIn("1 thread, geometric mean 2.00", words)
        self.assertNotIn("alone", words)

    def test_draws_the_baseline(self):
        with open(os.path.join(ROOT, "bench", "baseline.json"), encoding="utf-8") as file:
            self.assertIn("<svg", self.drawn(json.load(file)["models"]))

    def test_draws_nothing_without_a_rival(self):
        self.assertIsNone(self.drawn({"alone": {"latency": {"1": {"ours": {"min_ms": 1}}}}}))


class Compare(unittest.TestCase):
    """bench/compare"""

    def test_takes_every_value_of_winograd(self):
        with open(os.path.join(ROOT, "bench", "compare"), encoding="utf-8") as file:
            values = re.search(r"^WINOGRAD = (\[.*\])$", file.read(), re.MULTILINE)[1]
        with open(os.path.join(ROOT, "docs", "cli.md"), encoding="utf-8") as file:
            documented = re.search(r"`-winograd=(\S+)`", file.read())[1]
        self.assertEqual(json.loads(values), documented.split(r"\|"))


if __name__ == "__main__":
    unittest.main()
