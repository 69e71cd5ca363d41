#!/usr/bin/env python3
"""The parser against the grammar: random programs, and random changes of them, through the parser and through a
recogniser that knows nothing but grammar.ebnf. Both have to agree on what is a program; a program is formatted
without loss, the same the second time; what is none gets a finding that lies in the text; mistakes planted in several
statements give one finding each, in its statement.

  fuzz.py JUDGE [--seed N] [--seeds N] [--seconds N] [--keep DIR]

JUDGE is the program made of judge.c. One seed is 100 programs, 20 of the repository, and four
changes of each. Texts that show a difference are
printed, cut down as far as they still show it; --keep also writes them to a folder."""
import argparse
import pathlib
import random
import re
import struct
import subprocess
import sys
import tempfile
import time

from generate import Generator, Layout
from grammar import Grammar, Productions
from mutate import Mutator
from plant import Planted, Planter
from text import Language

ROOT = pathlib.Path(__file__).resolve().parents[2]
PARTS = ("bench", "docs", "editors", "examples", "stdlib", "tests")
PROGRAMS, WRITTEN, CHANGED = 100, 20, 4  # of one seed; CHANGED: of each
ABOUT_LIMITS = ("E062", "E063")  # a byte that is no part of a text; nested too deeply
STATEMENTS = 5  # of a program get a mistake
SIZES = (5, 20, 60, 150)  # of programs, in tokens
ABOUT_MEANING = ("E074",)  # what the parser finds in texts that the grammar allows: a second block of columns
DIFFERENCES_MAX = 8


class Answer:
    def __init__(self, line):
        numbers = [int(word) for word in line.split()]
        self.is_accepted, self.is_program = bool(numbers[0]), bool(numbers[1])
        self.stop, self.finding_count, self.format, self.formatted_length = numbers[2:]
        self.findings = []  # (code, start, end)
        self.formatted = b""


class Judge:
    def __init__(self, path, productions, language, table):
        self.path = path
        self.language = language
        self.productions = productions
        self.table = table

    def request(self, text):
        kinds, _ = self.language.lines(self.language.tokens(text))
        encoded = text.encode()
        return struct.pack("=II", len(encoded), len(kinds)) + encoded + struct.pack(f"={len(kinds)}H", *kinds)

    def answers(self, texts):
        """An Answer for each text, None for one that ended the parser (and the reason)."""
        made = []
        while len(made) < len(texts):
            requests = b"".join(self.request(text) for text in texts[len(made):])
            pathlib.Path(self.table).write_text(self.productions.text(self.language.kinds))
            run = subprocess.run([self.path, self.table], input=requests, capture_output=True)
            made += self.read(run.stdout)
            if run.returncode != 0 and len(made) < len(texts):
                made.append(f"the parser ended with {run.returncode}: {run.stderr.decode(errors='replace')[-2000:]}")
        return made

    @staticmethod
    def read(data):
        at, made = 0, []
        while at < len(data):
            end = data.find(b"\n", at)
            answer = Answer(data[at:end]) if end >= 0 else None
            for _ in range(answer.finding_count if answer else 0):
                start, end = end + 1, data.find(b"\n", end + 1)
                code, *places = data[start:end].decode().split()
                answer.findings.append((code, *map(int, places)))
            at = end + 1 + (answer.formatted_length if answer else 0)
            if answer is None or at > len(data):
                break
            answer.formatted = data[end + 1:at]
            made.append(answer)
        return made


class Fuzzer:
    def __init__(self, judge_path, table):
        self.grammar = Grammar()
        productions = Productions(self.grammar)
        self.language = Language(self.grammar, productions)
        self.generator = Generator(self.grammar, self.language, None)
        self.choices = self.generator.choices()
        self.judge = Judge(judge_path, productions, self.language, table)
        self.repository = []
        self.counts = {"programs": 0, "changed": 0, "of these programs": 0, "with planted mistakes": 0}

    # --- what must hold for one text --------------------------------------------------------------------------
    def complaint(self, text, answer, is_generated=False):
        if isinstance(answer, str):
            return answer
        if is_generated and not answer.is_program:
            return "the generator made what the recogniser refuses"
        if any(code in ABOUT_LIMITS for code, _, _ in answer.findings):
            return None
        is_accepted = all(code in ABOUT_MEANING for code, _, _ in answer.findings)
        if is_accepted != answer.is_program:
            return "the parser refuses a program" if answer.is_program else "the parser takes what is no program"
        if answer.is_accepted:
            return self.format_complaint(text, answer)
        length = len(text.encode())
        if not answer.findings:
            return "refused without a finding"
        for code, start, end in answer.findings:
            if not start <= end <= length:
                return f"{code} lies at {start} to {end}, outside of the text"
        return None

    def format_complaint(self, text, answer):
        if answer.format != 0:
            return "formatting it a second time changes it" if answer.format == 1 else "it can't be formatted"
        formatted = answer.formatted.decode()
        if re.search(r"\A\n|\n\n\n|[ \t]\n|\n\n\Z", formatted):
            return "formatting leaves blanks or blank lines too many:\n" + formatted
        if self.comments(text) != self.comments(formatted):
            return "formatting loses or moves a comment:\n" + formatted
        if self.words(text) != self.words(formatted):
            return "formatting changes a token:\n" + formatted
        return None

    def comments(self, text):
        """Each comment and the count of tokens before it (but for separators, which come and go)."""
        found, start, words = [], 0, 0
        for token in self.language.tokens(text) + [None]:
            gap = text[start:token.start if token else len(text)]
            found += [(words, line[line.index("--"):].rstrip()) for line in gap.split("\n") if "--" in line]
            start = token.end if token else 0
            words += token is not None and token.word != ","
        return found

    def words(self, text):
        return [" ".join(token.text.split()) for token in self.language.tokens(text) if token.word != ","]

    # --- runs ---------------------------------------------------------------------------------------------------
    def seed(self, number):
        """The differences of one seed: (text, complaint)."""
        chance = random.Random(number)
        self.generator.random = chance
        layout = Layout(self.language, chance)
        mutator = Mutator(self.language, self.generator, chance)
        texts = [layout.text(self.generator.program(chance.choice(SIZES), self.goal(number * PROGRAMS + i)))
                 for i in range(PROGRAMS)]
        texts += [self.written(chance) for _ in range(WRITTEN)]
        changed = [mutator.mutated(text, chance.choice(texts)) for text in texts for _ in range(CHANGED)]
        answers = self.judge.answers(texts + changed)
        self.counts["programs"] += len(texts)
        self.counts["changed"] += len(changed)
        self.counts["of these programs"] += sum(not isinstance(a, str) and a.is_program for a in answers[len(texts):])
        differences = self.planted(Planter(self.language, mutator, chance), answers[:len(texts)])
        for i, (text, answer) in enumerate(zip(texts + changed, answers)):
            complaint = self.complaint(text, answer, i < PROGRAMS)
            if complaint:
                differences.append((text, complaint))
        return differences

    def planted(self, planter, answers):
        """Mistakes planted in statements of programs: each gives one finding, alone and with the others.

        The programs are laid out as `fmt` does it, because what was meant is guessed by the layout."""
        laid_out = [answer.formatted.decode() for answer in answers
                    if not isinstance(answer, str) and answer.is_accepted and answer.formatted.isascii()]
        plans = [(text, planter.plans(text, STATEMENTS)) for text in laid_out]
        alone = [(i, item, Planted(self.language, plans[i][0], [item])) for i in range(len(plans)) for item in plans[i][1]]
        together, differences = [[] for _ in plans], []
        for (i, item, one), answer in zip(alone, self.judge.answers([one.text for _, _, one in alone])):
            if one.is_refused_there(answer):
                differences += self.planted_complaint(one, answer)
                together[i].append(item)
        several = [Planted(self.language, text, plan) for (text, _), plan in zip(plans, together) if len(plan) > 1]
        for many, answer in zip(several, self.judge.answers([many.text for many in several])):
            differences += self.planted_complaint(many, answer)
        return differences

    def planted_complaint(self, planted, answer):
        self.counts["with planted mistakes"] += 1
        complaint = planted.complaint(answer)
        return [(planted.text, complaint)] if complaint else []

    def written(self, chance):
        """A program of the repository."""
        self.repository = self.repository or sorted(p for part in PARTS for p in (ROOT / part).rglob("*.flow"))
        return chance.choice(self.repository).read_text()

    def goal(self, number):
        """Every other program takes a choice whose turn it is, so that all are taken soon."""
        return self.choices[number // 2 % len(self.choices)] if number % 2 else None

    def smaller(self, text, complaint):
        """The text without the parts that the complaint does not need."""
        first = complaint.split("\n")[0].split(":")[0]
        size = 64
        while size >= 1:
            tokens = self.language.tokens(text)
            tries = [text[:tokens[i].start] + text[tokens[i + size - 1].end:] for i in range(len(tokens) - size + 1)]
            tries += [text.replace("\n", " ", 1), " ".join(text.split(" "))] if size == 1 else []
            answers = self.judge.answers(tries) if tries else []
            better = [t for t, a in zip(tries, answers) if (self.complaint(t, a) or "").startswith(first)]
            if better and len(min(better, key=len)) < len(text):
                text = min(better, key=len)
            else:
                size -= max(1, size // 4)
        return text

    def coverage(self):
        missing = [choice for choice in self.choices if not self.generator.taken.get(choice)]
        return len(self.choices) - len(missing), len(self.choices)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("judge")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=10**9)
    parser.add_argument("--seconds", type=float, default=10**9)
    parser.add_argument("--keep", type=pathlib.Path)
    return parser.parse_args()


def report(fuzzer, text, complaint, keep, number):
    if "generator" not in complaint and "mistake" not in complaint:
        text = fuzzer.smaller(text, complaint)
    print(f"--- seed {number}: {complaint}\n{text}\n---", flush=True)
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / f"{number}-{len(list(keep.iterdir()))}.flow").write_text(text)


def main():
    options = arguments()
    end = time.monotonic() + options.seconds
    found, number = 0, options.seed
    with tempfile.TemporaryDirectory() as folder:
        fuzzer = Fuzzer(options.judge, folder + "/grammar")
        while number < options.seed + options.seeds and time.monotonic() < end and found < DIFFERENCES_MAX:
            for text, complaint in fuzzer.seed(number):
                found += 1
                if found <= DIFFERENCES_MAX:
                    report(fuzzer, text, complaint, options.keep, number)
            number += 1
    taken, choices = fuzzer.coverage()
    counts = ", ".join(f"{count} {name}" for name, count in fuzzer.counts.items())
    print(f"seeds {options.seed} to {number - 1}: {counts}; {taken} of {choices} choices of the grammar taken")
    print(f"{found} differences")
    had_all_turns = (number - options.seed) * PROGRAMS // 2 >= choices
    return 1 if found or (had_all_turns and taken < choices) else 0


if __name__ == "__main__":
    sys.exit(main())
