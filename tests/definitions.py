"""The reference of the language, engine/script/language/wirescene.lua, as tests see it."""

import dataclasses
import re

from play import ROOT

FILE = ROOT / "engine/script/language/wirescene.lua"


@dataclasses.dataclass
class Word:
    name: str  # "sleep", "packets.count", "host:listen"
    owner: str  # the class of its handle: "Host"; "" for a global
    example: str
    fails: list  # codes


@dataclasses.dataclass
class Class:
    parents: list
    fields: list
    variable: str  # of those with methods


def blocks():
    """Each block of --- lines without these dashes, and the line of code behind it."""
    block = []
    for line in FILE.read_text().splitlines():
        if line.startswith("---"):
            block.append(line[3:])
        else:
            if block:
                yield block, line
            block = []


class Definitions:
    def __init__(self):
        self.words, self.classes, self.choices = {}, {}, {}
        self.owners = {}  # variable → the class that stands above by this name
        self.text = FILE.read_text()
        for block, code in blocks():
            text = "\n".join(block)
            if function := re.match(r"function ([\w.:]+)\(", code):
                self.words[function[1]] = self.word(function[1], text)
            elif name := re.search(r"^@class (\w+)(?:: (.*))?$", text, re.MULTILINE):
                fields = re.findall(r"^@field (\w+)\??", text, re.MULTILINE)
                variable = re.match(r"local (\w+) = \{\}", code)
                if variable:
                    self.owners[variable[1]] = name[1]
                parents = name[2].split(", ") if name[2] else []
                self.classes[name[1]] = Class(parents, fields, variable[1] if variable else "")
            elif name := re.search(r"^@alias (\w+)", text, re.MULTILINE):
                self.choices[name[1]] = re.findall(r'^\| "(.*?)"', text, re.MULTILINE)

    def word(self, name, text):
        owner = self.owners[name.partition(":")[0]] if ":" in name else ""
        example = re.search(r"^```lua\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        fails = re.search(r"^Fails: (.*?)\n\n", text + "\n\n", re.MULTILINE | re.DOTALL)
        codes = re.findall(r"(?:^|[.;]\s+)`(\w+)`", fails[1]) if fails else []
        return Word(name, owner, example[1] if example else "", codes)

    def fields(self, name):
        """Of a class and those it is made from."""
        one = self.classes[name]
        return set(one.fields).union(*(self.fields(parent) for parent in one.parents))

    def methods(self, name):
        own = {word.name.partition(":")[2] for word in self.words.values() if word.owner == name}
        return own.union(*(self.methods(parent) for parent in self.classes[name].parents))

    @property
    def before_examples(self):
        """What stands before an example that makes no hosts."""
        intro = re.search(r"^-- ```lua\n(.*?)^-- ```", self.text, re.MULTILINE | re.DOTALL)[1]
        return re.sub(r"^-- ", "", intro, flags=re.MULTILINE)
