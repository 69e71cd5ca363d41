"""Random programs by the grammar: as lists of tokens, then as texts with any layout that means the same."""
import re

from grammar import LAST_COMMA

DEPTH_MAX = 60
FAR = 10**6
DURATIONS = ["10 minutes", "1 day", "500 ms", "1_000 us", "2 weeks", "1  hour", "3 second"]
SAMPLES = {
    "STR": ['"a"', '""', '"data/*.ndjson"', r'"\n\t\"\\ \u{1F600}"', 'r"\\d+"', '"-- no comment"', '"é {"'],
    "INT": ["0", "7", "42", "1_000_000"],
    "DECIMAL": ["0.5", "12.50", "1_0.2_5"],
    "PCT": ["5 percent", "99.5 percent"],
    "DUR": DURATIONS,
    "MONTHS": ["1 month", "3 months", "1 quarter", "2 years"],
    "NUM": ["1", "2.5", "1e-3", "2.5E+10", "64 MiB", "10 B", "1 hour", "20 percent"],
    "DATE": ['"2026-01-31"', '"0001-01-01"', 'r"2024-02-29"'],
    "TIME": ['"2026-01-31T12:00:00Z"', '"2026-01-31T12:00:00.123456+02:00"'],
    "UNIT": ["second", "hour", "day", "ms"],
}
NAMES = ["a", "b", "x1", "_y", "Order", "customer_id", "int64", "r", "u", "`two words`", "`and`", "`key`", "`end`"]
COMMENTS = ["--", "-- a comment", "-- { ( [ \"", "--- ; ,", "-- é"]


def children(node):
    if node[0] in ("word", "class", "rule"):
        return []
    return node[1] if node[0] in ("seq", "alt") else [node[1]]


class Generator:
    def __init__(self, grammar, language, chance):
        self.grammar = grammar
        self.language = language
        self.random = chance
        self.taken = {}  # (choice, option): how often
        self.depths = self._depths()
        words = sorted(w for w in language.known if re.fullmatch("[a-z_]+", w) and w not in language.reserved)
        self.words = words
        self.left = 0   # tokens
        self.depth = 0  # rules within rules

    # --- how deep the least text of a node is, so that every program ends ----------------------------
    def _depths(self):
        depths = {name: FAR for name in self.grammar.rules}
        while True:
            made = {name: self._depth(node, depths) for name, node in self.grammar.rules.items()}
            if made == depths:
                return depths
            depths = made

    def _depth(self, node, depths=None):
        depths = depths or self.depths
        kind = node[0]
        if kind in ("word", "class"):
            return 0
        if kind == "rule":
            return depths[node[1]] + 1
        if kind == "seq":
            return max((self._depth(child, depths) for child in node[1]), default=0)
        if kind == "alt":
            return min(self._depth(child, depths) for child in node[1])
        return self._depth(node[1], depths) if kind in ("plus", "commas") else 0

    # --- choices ------------------------------------------------------------------------------------------
    def take(self, choice, option):
        self.taken[choice, option] = self.taken.get((choice, option), 0) + 1

    def choices(self):
        """All (choice, option) that there are; of what repeats, how often: twice stands for more."""
        found = []
        counts = {"opt": (0, 1), "star": (0, 1, 2), "block": (0, 1, 2), "plus": (1, 2), "commas": (1, 2)}

        def visit(node):
            kind = node[0]
            options = range(len(node[1])) if kind == "alt" else counts.get(kind, ())
            found.extend((node[-1], option) for option in options)
            for child in children(node):
                visit(child)

        for node in self.grammar.rules.values():
            visit(node)
        return found

    def is_short(self):
        return self.left <= 0 or self.depth > DEPTH_MAX

    def option(self, options):
        """Which of the alternatives: any while there is room, else one of the shallowest."""
        if not self.is_short():
            return self.random.randrange(len(options))
        depths = [self._depth(child) for child in options]
        return self.random.choice([i for i, depth in enumerate(depths) if depth == min(depths)])

    def count(self, least):
        if self.is_short():
            return least
        return least + self.random.choices((0, 1, 2, 3), (5, 4, 2, 1))[0]

    # --- the way to a choice that is to be taken: how many rules lie between a node and its place ----------
    def aim(self, goal):
        self.goal = goal
        self.ways = {name: FAR for name in self.grammar.rules}
        while True:
            made = {name: self.way(node) for name, node in self.grammar.rules.items()}
            if made == self.ways:
                return
            self.ways = made

    def way(self, node):
        if node[0] not in ("word", "class", "rule", "seq") and node[-1] == self.goal[0]:
            return 0
        if node[0] == "rule":
            return min(FAR, self.ways[node[1]] + 1)
        return min((self.way(child) for child in children(node)), default=FAR)

    # --- tokens -------------------------------------------------------------------------------------------
    def program(self, size, goal=None):
        """A list of tokens; with a goal, (choice, option), one in which that is taken."""
        self.left = size
        self.depth = 0
        if goal:
            self.aim(goal)
        out = []
        self.expand(("rule", self.grammar.start), out, goal is not None)
        return out

    def expand(self, node, out, is_aimed=False):
        kind = node[0]
        if kind in ("word", "class"):
            self.left -= 1
            out.append(node[1] if kind == "word" or node[1] == "SEP" else self.sample(node[1]))
        elif kind == "rule":
            self.expand_rule(node[1], out, is_aimed)
        elif kind == "seq":
            aimed = min(node[1], key=self.way) if is_aimed else None
            for child in node[1]:
                self.expand(child, out, child is aimed)
        elif kind == "alt":
            self.expand_alternatives(node, out, is_aimed)
        else:
            self.expand_repeated(node, out, is_aimed)

    def expand_rule(self, name, out, is_aimed):
        self.depth += 1
        never = [word for rule, word in self.grammar.never if rule == name]
        while True:
            made = []
            self.expand(self.grammar.rules[name], made, is_aimed)
            if not made or made[0] not in never:
                break
        out += made
        self.depth -= 1

    def expand_alternatives(self, node, out, is_aimed):
        is_goal = is_aimed and node[2] == self.goal[0]
        if is_goal:
            option = self.goal[1]
        elif is_aimed:
            option = node[1].index(min(node[1], key=self.way))
        else:
            option = self.option(node[1])
        self.take(node[2], option)
        self.expand(node[1][option], out, is_aimed and not is_goal)

    def repetitions(self, node, is_aimed):
        if is_aimed and node[-1] == self.goal[0]:
            return self.goal[1]
        if node[0] == "opt":
            count = int(not self.is_short() and self.random.random() < 0.45)
        else:
            count = self.count(0 if node[0] in ("star", "block") else 1)
        return max(count, int(is_aimed))

    def expand_repeated(self, node, out, is_aimed):
        kind, child = node[0], node[1]
        count = self.repetitions(node, is_aimed)
        is_aimed = is_aimed and node[-1] != self.goal[0]
        self.take(node[-1], min(count, 2))
        if kind == "block":
            out.append("{")
        for i in range(count):
            if i > 0 and kind in ("commas", "block"):
                has_comma = kind == "commas" or (node[2] and self.random.random() < 0.4)
                out.append("," if has_comma else "SEP")
            self.expand(child, out, is_aimed and i == 0)
        if kind == "commas" and self.random.random() < 0.2:
            out.append(LAST_COMMA)
        if kind == "block":
            if node[2] and count > 0 and self.random.random() < 0.2:
                out.append(",")
            out.append("}")

    def sample(self, name):
        if name in SAMPLES:
            return self.random.choice(SAMPLES[name])
        barred = self.language.class_not.get(name, ())
        while True:
            made = self.random.choice(self.words if self.random.random() < 0.5 else NAMES)
            if made not in barred:
                return made


# --- layout ---------------------------------------------------------------------------------------------
WORD_END = re.compile(r"[A-Za-z0-9_`]$")
WORD_START = re.compile(r"^[A-Za-z0-9_`\"]")


class Layout:
    """Writes tokens as a text. Where it breaks a line, the line goes on or SEP is meant."""

    def __init__(self, language, chance):
        self.language = language
        self.random = chance

    def text(self, tokens):
        tokens = self.commas(tokens)
        brackets, parts, last = [], [], None
        for token in tokens:
            if token == "SEP":
                continue
            parts.append(self.gap(last, token, self.is_separated, brackets) if last else self.start())
            parts.append(self.spelt(last, token))
            if token in ("(", "[", "{"):
                brackets.append(token)
            elif token in (")", "]", "}"):
                brackets.pop()
            last = token
        parts.append(self.random.choice(["\n", "", " ", ";", "\n-- end", "\n;\n"]))
        return "".join(parts)

    def commas(self, tokens):
        """A last comma stays where a bracket follows; which gaps are SEP is kept beside."""
        made = []
        for i, token in enumerate(tokens):
            if token != LAST_COMMA:
                made.append(token)
            elif i + 1 < len(tokens) and tokens[i + 1] in (")", "]"):
                made.append(",")
        self.separated = [False]
        for before, token in zip(made, made[1:]):
            if token != "SEP":
                self.separated.append(before == "SEP")
        self.index = 0
        return made

    @property
    def is_separated(self):
        self.index += 1
        return self.separated[self.index]

    def start(self):
        return self.random.choice(["", "", "\n", "-- first\n", " ;\n"])

    def spelt(self, last, token):
        """A unit behind a number is its unit; backquotes make it a name."""
        units = self.language.units | self.language.months | self.language.sizes | {"percent"}
        is_number = last is not None and re.fullmatch(r"[0-9_]+(\.[0-9_]+)?", last)
        return f"`{token}`" if is_number and token in units else token

    def line(self):
        made = "\n" + " " * self.random.choice((0, 0, 2, 2, 4, 7))
        if self.random.random() < 0.1:
            made = "  " + self.random.choice(COMMENTS) + made
        if self.random.random() < 0.1:
            made += self.random.choice(COMMENTS) + made
        return "\n" + made if self.random.random() < 0.05 else made

    def gap(self, last, token, is_separated, brackets):
        if is_separated:
            if token == "{":
                return " ; "
            if last in self.language.after or token in self.language.before:
                return ";" + (self.line() if self.random.random() < 0.5 else " ")
            return self.line() if self.random.random() < 0.8 else " ; "
        may_break = (brackets and brackets[-1] != "{") or last in self.language.after or \
            token in self.language.before or last == "{" or token == "}"
        if may_break and self.random.random() < (0.3 if last == "{" or token == "}" else 0.1):
            return self.line()
        return self.blank(last, token)

    def blank(self, last, token):
        is_glued = WORD_END.search(last) and WORD_START.search(token)
        is_sign = last + token in ("--", "->", "==", "<=", ">=", "!=", "..", "??") or last[-1] + token[0] in (
            "--", "->", "==", "<=", ">=", "!=", "..", "??")
        is_number = last[-1].isdigit() and token[0] == "."
        if is_glued or is_sign or is_number or self.random.random() < 0.7:
            return self.random.choice([" ", " ", " ", "  ", "\t"])
        return ""
