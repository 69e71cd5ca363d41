"""Plants mistakes: one token changed in each of some statements of a program, each of which makes it none.

A statement is what stands between line ends that count and braces: a step, a column, a setting, the head of
a declaration. A mistake in a head costs the block behind it, so nothing is planted there then."""


class Statement:
    def __init__(self, tokens, first, last, heads):
        self.first, self.last = first, last  # indices of its tokens
        self.start, self.end = tokens[first].start, tokens[last].end
        self.heads = heads                   # the statements whose blocks it lies in


class Planter:
    def __init__(self, language, mutator, chance):
        self.language = language
        self.mutator = mutator
        self.random = chance

    def statements(self, tokens):
        found, open_brackets, first = [], [], None
        heads = []       # of the blocks that are open
        owners = [None]  # the statement that is being read, in each of them; what goes on behind `}` is part of it
        separated = self.separated(tokens)
        for i, token in enumerate(tokens):
            is_in_lines = all(bracket == "{" for bracket in open_brackets)
            ends = is_in_lines and (i in separated or token.word in ("{", "}"))
            if ends and first is not None:
                owners[-1] = Statement(tokens, first, i - 1, tuple(heads))
                found.append(owners[-1])
                first = None
            if is_in_lines and token.word == "{":
                heads.append(owners[-1])
                owners.append(None)
            elif is_in_lines and token.word == "}":
                heads.pop()
                owners.pop()
            elif is_in_lines and (i in separated or i == 0 or tokens[i - 1].word == "{"):
                first = i
            if token.word in ("(", "[", "{"):
                open_brackets.append(token.word)
            elif token.word in (")", "]", "}"):
                open_brackets.pop()
        if first is not None:
            found.append(Statement(tokens, first, len(tokens) - 1, tuple(heads)))
        return found

    def separated(self, tokens):
        """Indices of tokens before which a line end counts."""
        kinds, places = self.language.lines(tokens)
        return {places[i + 1] for i, kind in enumerate(kinds[:-1]) if kind == self.language.sep}

    def change(self, tokens, statement):
        """A token of the statement and a text in its place; None if that would move brackets or line ends."""
        words = self.language.after | self.language.before | set("()[]{},;")
        i = self.random.randrange(statement.first + 1, statement.last + 1)
        token = tokens[i]
        if token.word in words or i == statement.last or token.starts_line or tokens[i + 1].starts_line:
            return None
        new = self.random.choice((lambda: "", lambda: f"{token.text} {token.text}", lambda: self.mutator.token(tokens),
                                  lambda: f"{token.text} {self.mutator.token(tokens)}"))()
        made = self.language.tokens(new)
        if any(t.word in words or t.kind == self.language.bad for t in made):
            return None
        return token.start, token.end, f" {new} "

    def plans(self, text, count):
        """Lists of (statement, change), for statements that do not hold each other."""
        tokens = self.language.tokens(text)
        chosen = []
        statements = [s for s in self.statements(tokens) if s.last > s.first]
        self.random.shuffle(statements)
        for statement in statements:
            holds = any(other in statement.heads or statement in other.heads for other, _ in chosen)
            change = None if holds else self.change(tokens, statement)
            if change and len(chosen) < count:
                chosen.append((statement, change))
        return chosen


class Planted:
    """A text with mistakes, and where each may be reported: from its statement's start to the token behind it."""

    def __init__(self, language, text, plan):
        self.text, self.ranges = "", []
        at = 0
        for statement, (start, end, new) in sorted(plan, key=lambda item: item[1][0]):
            self.text += text[at:start] + new
            self.ranges.append((statement.start + len(self.text) - len(new) - start,
                                statement.end + len(self.text) - end))
            at = end
        self.text += text[at:]
        tokens = language.tokens(self.text)
        self.ranges = [(start, min((t.start for t in tokens if t.start >= end), default=len(self.text)))
                       for start, end in self.ranges]
        self.kinds, self.places = language.lines(tokens)
        self.tokens = tokens

    def is_refused_there(self, answer):
        """Whether the recogniser stops within the one statement: else the change means something else."""
        if isinstance(answer, str) or answer.is_program or answer.stop >= len(self.kinds):
            return False
        token = self.tokens[self.places[answer.stop]]
        start, end = self.ranges[0]
        return start <= token.start < end or token.start == end

    def complaint(self, answer):
        if isinstance(answer, str):
            return answer
        found = ", ".join(f"{code} at {start}" for code, start, _ in answer.findings)
        if len(answer.findings) != len(self.ranges):
            return f"{len(self.ranges)} mistakes in as many statements, but {len(answer.findings)} findings: {found}"
        starts = sorted(start for _, start, _ in answer.findings)
        for start, (least, most) in zip(starts, self.ranges):
            if not least <= start <= most:
                return f"a finding lies outside of the statement with the mistake ({least} to {most}): {found}"
        return None
