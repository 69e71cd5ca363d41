"""Reads a text as section 1 of the language says: tokens, and which line ends count.

Each token has a kind, a number that stands for what it may be in the grammar: the word `key` may be "key" or a
name, the same in backquotes only a name. Nothing here comes from the compiler's lexer."""
import datetime
import re

from grammar import LAST_COMMA

TOKEN = re.compile(r"""
    (?P<blank>[ \t\r]+|--[^\n]*)
  | (?P<line>\n)
  | (?P<raw>r"[^"\n]*")
  | (?P<text>"(?:[^"\\\n]|\\[ntr"\\]|\\u\{[0-9A-Fa-f]{1,6}\})*")
  | (?P<float>[0-9]+(?:_[0-9]+)*(?:\.[0-9]+(?:_[0-9]+)*)?[eE][+-]?[0-9]+)
  | (?P<decimal>[0-9]+(?:_[0-9]+)*\.[0-9]+(?:_[0-9]+)*)
  | (?P<integer>[0-9]+(?:_[0-9]+)*)
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<quoted>`[^`\n]+`)
  | (?P<sign>==|!=|<=|>=|\?\?|->|\.\.|[][(){}<>=+*/%?.,:;-])
  | (?P<bad>.)
""", re.X)
UNIT_BEHIND = re.compile(r"[ \t\r]+([A-Za-z_][A-Za-z0-9_]*)")
DATE = re.compile(r'r?"(\d{4}-\d\d-\d\d)"')
TIME = re.compile(r'r?"(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)"')


class Token:
    __slots__ = ("kind", "text", "start", "end", "starts_line", "behind_semicolon", "word")

    def __init__(self, kind, text, start, starts_line, behind_semicolon, word):
        self.kind = kind
        self.text = text
        self.start = start
        self.end = start + len(text)
        self.starts_line = starts_line
        self.behind_semicolon = behind_semicolon
        self.word = word  # what @after and @before call it


def is_date(text):
    try:
        return datetime.date.fromisoformat(text) is not None
    except ValueError:
        return False


class Language:
    """The kinds of tokens of a grammar, and texts as lists of them."""

    def __init__(self, grammar, productions):
        self.reserved = grammar.words("reserved")
        self.units = grammar.words("unit")
        self.months = grammar.words("month")
        self.sizes = grammar.words("size")
        self.after = grammar.words("after")
        self.before = grammar.words("before")
        self.class_not = grammar.class_not
        self.known = set(productions.terminals)
        self.kinds = []   # the terminals of each
        self.numbers = {}  # of a key
        self.sep = self.kind("SEP", ["SEP"])
        self.bad = self.kind("bad", [])

    def kind(self, key, terminals):
        if key not in self.numbers:
            self.numbers[key] = len(self.kinds)
            self.kinds.append(terminals)
        return self.numbers[key]

    def word_kind(self, word):
        own = [word] if word in self.known else []
        if word in self.reserved:
            return self.kind("word " + word, own)
        classes = [name for name, words in self.class_not.items() if word not in words]
        unit = ["UNIT"] if word in self.units else []
        return self.kind("word " + word if own or unit else "name", own + ["name"] + classes + unit)

    def string_kind(self, text):
        if (match := DATE.fullmatch(text)) and is_date(match[1]):
            return self.kind("date text", ["STR", "DATE"])
        if (match := TIME.fullmatch(text)) and is_date(match[1]):
            return self.kind("time text", ["STR", "TIME"])
        return self.kind("text", ["STR"])

    def quantity_kind(self, unit, is_whole):
        if unit == "percent":
            return self.kind("percent", ["NUM", "PCT"])
        if not is_whole:
            return self.bad
        if unit in self.units:
            return self.kind("duration", ["NUM", "DUR"])
        return self.kind("months", ["MONTHS"]) if unit in self.months else self.kind("size", ["NUM"])

    def number(self, text, match):
        """A number's kind and where it ends: a unit on its line belongs to it."""
        group, end = match.lastgroup, match.end()
        if end < len(text) and re.match(r"[A-Za-z_]", text[end]):
            return self.bad, end
        unit = UNIT_BEHIND.match(text, end)
        is_unit = unit and (unit[1] in self.units or unit[1] in self.months or unit[1] in self.sizes
                            or unit[1] == "percent")
        if is_unit and group != "float":
            return self.quantity_kind(unit[1], group == "integer"), unit.end()
        own = {"integer": ["INT"], "decimal": ["DECIMAL"], "float": []}[group]
        return self.kind(group, ["NUM"] + own), end

    def tokens(self, text):
        """Without the line ends; those that count are found by lines()."""
        found = []
        at, starts_line, semicolon = 0, True, False
        while at < len(text):
            match = TOKEN.match(text, at)
            group, piece, start = match.lastgroup, match[0], at
            at = match.end()
            if group == "line":
                starts_line = True
                continue
            if group == "blank":
                continue
            if piece == ";":
                starts_line, semicolon = False, True
                continue
            word = None
            if group in ("integer", "decimal", "float"):
                kind, at = self.number(text, match)
            elif group == "word":
                kind, word = self.word_kind(piece), piece
            elif group == "quoted":
                kind = self.kind("quoted", ["name", *self.class_not])
            elif group in ("raw", "text"):
                kind = self.string_kind(piece)
            elif group == "sign":
                kind, word = self.kind(piece, [piece]), piece
            else:
                kind = self.bad
            found.append(Token(kind, text[start:at], start, starts_line, semicolon, word))
            starts_line, semicolon = False, False
        return found

    def lines(self, tokens):
        """Kinds with SEP among them, and for each the place of its token in `tokens` (SEP: of the one before)."""
        kinds, places = [], []
        brackets = []
        last = None
        for number, token in enumerate(tokens):
            counts = token.starts_line and last is not None and (not brackets or brackets[-1] == "{") \
                and last.word not in self.after and token.word not in self.before
            is_separated = token.behind_semicolon or counts
            if is_separated and last is not None and last.word != "{" and token.word != "}":
                kinds.append(self.sep)
                places.append(number - 1)
            kinds.append(self.kind_in_place(tokens, number, is_separated and token.starts_line, last))
            places.append(number)
            if token.word in ("(", "[", "{"):
                brackets.append(token.word)
            elif token.word in (")", "]", "}") and brackets:
                brackets.pop()
            last = token
        return kinds, places

    def kind_in_place(self, tokens, number, begins_entry, last):
        token = tokens[number]
        if token.word == "{" and begins_entry and last is not None and last.word != "{":
            return self.bad
        follower = tokens[number + 1] if number + 1 < len(tokens) else None
        if token.word == "," and follower is not None and follower.word in (")", "]") \
                and not follower.behind_semicolon:
            return self.kind("last comma", [",", LAST_COMMA])
        return token.kind
