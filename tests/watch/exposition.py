"""A strict reader of Prometheus' text format, version 0.0.4: what it does not like is an AssertionError.

Names, HELP and TYPE before the samples, each family in one piece, label escapes, no sample twice; counters end in `_total`
and are not negative; histograms have ascending bounds, counts that do not fall, `+Inf`, `_sum` and `_count` that agree.
"""
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (-?[0-9.]+(?:e[+-]?[0-9]+)?|[+-]Inf|NaN)$")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)')


def labels_of(text):
    labels, at = {}, 0
    while at < len(text):
        match = LABEL.match(text, at)
        assert match, f"no label at {text[at:]!r}"
        assert match[1] not in labels, f"label {match[1]} twice"
        labels[match[1]] = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], match[2])
        at = match.end()
    return labels


def base(name, kind):
    return re.sub(r"_(bucket|sum|count)$", "", name) if kind == "histogram" else name


class Exposition:
    """`samples[name]` is a list of (labels, value); `types[family]` its type."""

    def __init__(self, text):
        self.samples, self.types, self.helps = {}, {}, {}
        assert text.endswith("\n"), "the last line has no end"
        current, closed = None, set()
        for line in text[:-1].split("\n"):
            if line.startswith("# "):
                word, family, rest = line[2:].split(" ", 2)
                assert word in ("HELP", "TYPE") and re.fullmatch(NAME, family), line
                table = self.helps if word == "HELP" else self.types
                assert family not in table and family not in closed, f"{line}: said before"
                table[family] = rest
                if current != family:
                    closed.add(current)
                current = family
                continue
            match = SAMPLE.match(line)
            assert match, f"no sample: {line!r}"
            kind = self.types.get(current)
            assert kind in ("counter", "gauge", "histogram") and current in self.helps, f"{line}: no HELP and TYPE"
            assert base(match[1], kind) == current, f"{line} is in the family {current}"
            labels = labels_of(match[2] or "")
            known = self.samples.setdefault(match[1], [])
            assert labels not in [other for other, _ in known], f"{line}: twice"
            known.append((labels, float(match[3])))
        self.check()

    def check(self):
        for family, kind in self.types.items():
            if kind == "counter":
                assert family.endswith("_total"), f"{family}: a counter's name ends in _total"
                assert all(value >= 0 for _, value in self.samples.get(family, [])), family
            if kind == "histogram":
                self.check_histogram(family)

    def check_histogram(self, family):
        buckets = [(float(labels["le"].replace("+Inf", "inf")), value) for labels, value in self.samples[family + "_bucket"]]
        assert buckets == sorted(buckets) and buckets[-1][0] == float("inf"), f"{family}: bounds {buckets}"
        assert [value for _, value in buckets] == sorted(value for _, value in buckets), f"{family}: counts fall"
        assert buckets[-1][1] == self.samples[family + "_count"][0][1], f"{family}: +Inf is not the count"
        assert self.samples[family + "_sum"][0][1] >= 0, family

    def value(self, name, **wanted):
        """Of the one sample that has these labels; None if there is none."""
        found = [value for labels, value in self.samples.get(name, []) if wanted.items() <= labels.items()]
        assert len(found) <= 1, f"{name}{wanted}: {found}"
        return found[0] if found else None
