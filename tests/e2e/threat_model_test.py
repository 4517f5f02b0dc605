# SPDX-License-Identifier: Apache-2.0
"""The page of promises names tests that there are."""

import re

import support

PAGE = support.ROOT / "docs/threat-model.md"


class ThreatModel(support.TestCase):
    def promises(self):
        page = PAGE.read_text(encoding="utf-8")
        rows = page[page.index("## Promised"):page.index("## Not promised")].split("\n|")[3:]
        return [row.strip(" |\n").split(" | ") for row in rows]

    def test_every_promise_has_a_mechanism_and_a_test(self):
        promises = self.promises()
        self.assertGreater(len(promises), 10)
        for promise in promises:
            self.assertEqual(len(promise), 3, promise)
            self.assertRegex(promise[2], "`[a-z_]+`")

    def test_the_tests_are_there(self):
        sources = [path for kind in ("*.c", "*.py") for path in support.ROOT.glob(f"tests/*/{kind}")]
        files = {path.stem.removesuffix("_test") for path in sources}
        text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
        for _, _, tests in self.promises():
            for name in re.findall(r"`([a-z_]+)`", tests):
                self.assertIn(name, files)
            for name in re.findall(r"\btest_\w+", tests):
                self.assertRegex(text, rf"(def|void) {name}\(")


if __name__ == "__main__":
    support.main()
