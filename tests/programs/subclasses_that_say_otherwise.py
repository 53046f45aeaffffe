"""Subclasses of built-in types whose methods say something else: who asks them, and who takes the value."""


class Text(str):
    def __str__(self):
        return "str"

    def __format__(self, spec):
        return "format " + spec

    def __len__(self):
        return 99


class Real(float):
    def __float__(self):
        return 9.0


text = Text("plain")
print(type(text.format()).__name__, text.format() is text, text.format_map({}) is text, Text("{}").format(text), "{:>9}".format(text), f"{text!s} {text}")
plain = "no braces at all"
print(plain.format(1) is plain, type("{{".format()).__name__)
real = Real(1.5)
print(complex(real), complex(real, real), complex(1, real), float(real), real + 0, complex("1e1"), int(real), f"{real:.1f}")
