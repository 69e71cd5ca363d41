"""Reads grammar.ebnf: its rules as trees for the generator, and as plain productions for the recogniser.

A node is a tuple: ("word", text), ("class", NAME), ("rule", name), ("seq", nodes), ("alt", nodes, number),
("opt", node, number), ("star", node, number), ("plus", node, number), ("commas", node, number),
("block", node, has_commas, number). The number is the place's, for counting which choices were taken."""
import collections
import pathlib
import re

CLASSES = ("name", "STR", "INT", "DECIMAL", "NUM", "PCT", "DUR", "MONTHS", "DATE", "TIME", "UNIT", "SEP", "CLASS")
LAST_COMMA = ", last"  # a comma right before `)` or `]`
PIECE = re.compile(r'"([^"]+)"|([A-Za-z_]+)|(,\+|[=|()\[\]{};*+])')


class Grammar:
    def __init__(self, path=pathlib.Path(__file__).with_name("grammar.ebnf")):
        self.notes = collections.defaultdict(list)
        self.rules = {}
        self.choice_count = 0
        for name, text in self._sections(path.read_text()):
            self.rules[name] = Reader(self, text).alternatives()
        for note in self.notes["behind"]:
            self._refine(note)
        self.start = next(iter(self.rules))
        self.class_not = {note[0]: self.first_words(note[2]) for note in self.notes["class"]}
        self.never = [tuple(note) for note in self.notes["never"]]

    def words(self, note):
        return {word for line in self.notes[note] for word in line}

    def choice(self):
        self.choice_count += 1
        return self.choice_count - 1

    def _sections(self, text):
        rule = None
        for line in text.splitlines():
            if line.startswith("@"):
                name, *words = line[1:].split()
                self.notes[name].append(words)
            elif re.match(r"[a-z]+ = ", line):
                if rule:
                    yield rule
                name, rest = line.split(" = ", 1)
                rule = (name, rest)
            elif line.strip() and not line.startswith("#"):
                rule = (rule[0], rule[1] + "\n" + line)
        yield rule

    # --- @behind: in RULE, a CLASS right behind WORD is another class ---------------------------------
    def _refine(self, note):
        rule, word, old, _, *new = note
        self.rules[rule] = self._refined(self.rules[rule], word, old, new)

    def _refined(self, node, word, old, new):
        if node[0] == "seq":
            return self._refined_sequence(node, word, old, new)
        if node[0] == "alt":
            return ("alt", [self._refined(child, word, old, new) for child in node[1]], node[2])
        if node[0] in ("opt", "star", "plus", "commas", "block"):
            return (node[0], self._refined(node[1], word, old, new), *node[2:])
        return node

    def _refined_sequence(self, node, word, old, new):
        children = [self._refined(child, word, old, new) for child in node[1]]
        made = []
        for child in children:
            before = made[-1] if made else None
            replaced = self._replaced(child, old, new)
            if before == ("word", word) and replaced:
                made.append(replaced)
            elif before and before[0] == "alt" and ("word", word) in before[1] and replaced:
                made[-1] = ("alt", [("seq", [option, replaced if option == ("word", word) else child])
                                    for option in before[1]], before[2])
            else:
                made.append(child)
        return ("seq", made)

    def _replaced(self, node, old, new):
        """The node with the new classes in place of the old one, or None if it is not there."""
        if node == ("class", old):
            options = [("class", name) for name in new]
            return options[0] if len(options) == 1 else ("alt", options, self.choice())
        if node[0] == "alt" and ("class", old) in node[1]:
            options = [child for child in node[1] if child != ("class", old)]
            return ("alt", options + [("class", name) for name in new], node[2])
        return None

    def first_words(self, rule):
        """The words that a rule of words can begin with."""
        words = set()

        def visit(node):
            if node[0] == "word":
                words.add(node[1])
            elif node[0] == "rule":
                visit(self.rules[node[1]])
            elif node[0] == "alt":
                for child in node[1]:
                    visit(child)
            elif node[0] == "seq":
                visit(node[1][0])

        visit(self.rules[rule])
        return words


class Reader:
    """One rule's right side."""

    def __init__(self, grammar, text):
        self.grammar = grammar
        self.pieces = [match.groups() for match in PIECE.finditer(text)]
        self.at = 0

    def sign(self):
        return self.pieces[self.at][2] if self.at < len(self.pieces) else None

    def take(self, sign):
        if self.sign() == sign:
            self.at += 1
            return True
        return False

    def expect(self, sign):
        if not self.take(sign):
            raise ValueError(f"expected {sign}, found {self.pieces[self.at:self.at + 3]}")

    def alternatives(self):
        options = [self.sequence()]
        while self.take("|"):
            options.append(self.sequence())
        return options[0] if len(options) == 1 else ("alt", options, self.grammar.choice())

    def sequence(self):
        parts = []
        while self.at < len(self.pieces) and self.sign() not in ("|", ")", "]", "}", ";"):
            parts.append(self.repeated())
        return parts[0] if len(parts) == 1 else ("seq", parts)

    def repeated(self):
        node = self.atom()
        for sign, kind in (("*", "star"), ("+", "plus"), (",+", "commas")):
            if self.take(sign):
                return (kind, node, self.grammar.choice())
        return node

    def atom(self):
        word, name, _ = self.pieces[self.at]
        if word or name:
            self.at += 1
            return ("word", word) if word else ("class" if name in CLASSES else "rule", name)
        if self.take("("):
            node = self.alternatives()
            self.expect(")")
            return node
        if self.take("["):
            node = self.alternatives()
            self.expect("]")
            return ("opt", node, self.grammar.choice())
        self.expect("{")
        node = self.alternatives()
        has_commas = not self.take(";")
        self.expect("}")
        return ("block", node, has_commas, self.grammar.choice())


class Productions:
    """The same rules without brackets: symbols are numbers, terminals first."""

    def __init__(self, grammar):
        self.grammar = grammar
        self.terminals = {}
        self.nonterminals = {name: number for number, name in enumerate(grammar.rules)}
        self.list = []  # (nonterminal, symbols); a symbol is ("t", number) or ("n", number)
        self.made = {}
        for name, node in grammar.rules.items():
            self.put(self.nonterminals[name], node)

    def terminal(self, name):
        return ("t", self.terminals.setdefault(name, len(self.terminals)))

    def fresh(self):
        number = len(self.nonterminals)
        self.nonterminals[number] = number
        return number

    def put(self, left, node):
        if node[0] == "alt":
            for child in node[1]:
                self.put(left, child)
        elif node[0] == "seq":
            self.list.append((left, [self.symbol(child) for child in node[1]]))
        else:
            self.list.append((left, [self.symbol(node)]))

    def symbol(self, node):
        kind = node[0]
        if kind in ("word", "class"):
            return self.terminal(node[1])
        if kind == "rule":
            return ("n", self.nonterminals[node[1]])
        if repr(node) not in self.made:
            number = self.fresh()
            self.made[repr(node)] = ("n", number)
            self.define(number, ("n", number), node)
        return self.made[repr(node)]

    def define(self, number, itself, node):
        kind = node[0]
        if kind in ("alt", "seq"):
            self.put(number, node)
            return
        if kind == "block":
            self.define_block(number, node)
            return
        item = self.symbol(node[1])
        if kind == "commas":
            items = ("n", self.fresh())
            self.list += [(items[1], [item]), (items[1], [items, self.terminal(","), item])]
            self.list += [(number, [items]), (number, [items, self.terminal(LAST_COMMA)])]
            return
        self.list.append((number, [item] if kind in ("opt", "plus") else []))
        self.list.append((number, [] if kind == "opt" else [itself, item]))

    def define_block(self, number, node):
        item = self.symbol(node[1])
        items = ("n", self.fresh())
        inside = ("n", self.fresh())
        self.list += [(items[1], [item]), (items[1], [items, self.terminal("SEP"), item])]
        self.list += [(inside[1], []), (inside[1], [items])]
        if node[2]:
            self.list += [(items[1], [items, self.terminal(","), item])]
            self.list += [(inside[1], [items, self.terminal(",")])]
        self.list.append((number, [self.terminal("{"), inside, self.terminal("}")]))

    def text(self, kinds):
        """For the recogniser: counts, the start, productions, and which kinds of tokens each terminal takes.

        kinds: for each kind the names of its terminals; never: a nonterminal and a kind that it can't begin with."""
        count = len(self.terminals)
        lines = [f"{count} {len(self.nonterminals)} {len(self.list)} {len(kinds)} {len(self.never(kinds))}"]
        for left, symbols in self.list:
            row = [left, len(symbols)] + [n if side == "t" else n + count for side, n in symbols]
            lines.append(" ".join(map(str, row)))
        for names in kinds:
            numbers = [self.terminals[name] for name in names if name in self.terminals]
            lines.append(" ".join(map(str, [len(numbers)] + numbers)))
        lines += [f"{self.nonterminals[rule]} {kind}" for rule, kind in self.never(kinds)]
        return "\n".join(lines) + "\n"

    def never(self, kinds):
        return [(rule, kind) for rule, word in self.grammar.never
                for kind, names in enumerate(kinds) if word in names]
