"""Changes texts a little, so that some stay programs and some become none: tokens dropped, doubled, swapped,
replaced or brought in from another program, lines joined and split."""


class Mutator:
    def __init__(self, language, generator, chance):
        self.language = language
        self.generator = generator
        self.random = chance
        signs = ["{", "}", "(", ")", "[", "]", ",", "=", ":", ".", "?", "-", "->", "..", "*", "+", "==", "??", "<", "&&", "!"]
        self.stock = sorted(language.reserved) + generator.words + signs * 3

    def token(self, other):
        """A token from the stock, a literal, or one of another program."""
        way = self.random.randrange(4)
        if way == 0 and other:
            return self.random.choice(other).text
        if way == 1:
            return self.generator.sample(self.random.choice(("STR", "INT", "DECIMAL", "DUR", "NUM", "name", "MONTHS")))
        return self.random.choice(self.stock)

    def mutated(self, text, other_text):
        for _ in range(self.random.choice((1, 1, 1, 2, 3))):
            tokens = self.language.tokens(text)
            if not tokens:
                return text
            way = self.random.choice((self.drop, self.add, self.replace, self.swap, self.double, self.move_line,
                                      self.splice, self.drop_range))
            text = way(text, tokens, self.language.tokens(other_text))
        return text

    def cut(self, text, token, new):
        return text[:token.start] + new + text[token.end:]

    def drop(self, text, tokens, other):
        return self.cut(text, self.random.choice(tokens), " ")

    def add(self, text, tokens, other):
        at = self.random.choice(tokens)
        place = self.random.choice((at.start, at.end))
        return f"{text[:place]} {self.token(other)} {text[place:]}"

    def replace(self, text, tokens, other):
        return self.cut(text, self.random.choice(tokens), f" {self.token(other)} ")

    def double(self, text, tokens, other):
        token = self.random.choice(tokens)
        return self.cut(text, token, f"{token.text} {token.text}")

    def swap(self, text, tokens, other):
        i = self.random.randrange(len(tokens))
        a, b = tokens[i], tokens[min(i + 1, len(tokens) - 1)]
        return f"{text[:a.start]} {b.text} {text[a.end:b.start]} {a.text} {text[b.end:]}" if a is not b else text

    def drop_range(self, text, tokens, other):
        i = self.random.randrange(len(tokens))
        j = min(i + self.random.randrange(1, 6), len(tokens) - 1)
        return text[:tokens[i].start] + " " + text[tokens[j].start:]

    def splice(self, text, tokens, other):
        if not other:
            return text
        i = self.random.randrange(len(other))
        piece = other[i:i + self.random.randrange(1, 8)]
        at = self.random.choice(tokens)
        return f"{text[:at.start]} {' '.join(token.text for token in piece)} {text[at.start:]}"

    def move_line(self, text, tokens, other):
        """A line end, `;` or blank in place of what stood between two tokens."""
        i = self.random.randrange(len(tokens))
        start = tokens[i - 1].end if i > 0 else 0
        new = self.random.choice(("\n", "\n", " ", " ", ";", ",", "\n\n  ", ";\n"))
        return text[:start] + new + text[tokens[i].start:]
