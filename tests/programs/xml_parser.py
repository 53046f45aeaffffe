"""The parser expat: events, positions, errors, namespaces, entities, and what handlers may do."""
import io
import traceback
from xml.parsers import expat

DOCUMENT = b"""<?xml version="1.0" encoding="iso-8859-1" standalone="no"?>
<!DOCTYPE root SYSTEM "http://example.org/root.dtd" [
  <!ELEMENT root (a|b*)+>
  <!ATTLIST root color (red|blue) "red" size CDATA #IMPLIED>
  <!ENTITY hello "Hello, &#119;orld">
  <!ENTITY out SYSTEM "out.txt">
  <!NOTATION gif PUBLIC "image/gif">
  <!ENTITY picture SYSTEM "picture.gif" NDATA gif>
  <!ENTITY % part "">
]>
<root size='1'><!-- caf\xe9 --><a>&hello;</a>&out;<?target some data?><b><![CDATA[<raw> & text]]></b>&#228;</root>
"""
HANDLERS = [
    "StartElement", "EndElement", "ProcessingInstruction", "CharacterData", "UnparsedEntityDecl", "NotationDecl", "StartNamespaceDecl",
    "EndNamespaceDecl", "Comment", "StartCdataSection", "EndCdataSection", "StartDoctypeDecl", "EndDoctypeDecl", "EntityDecl", "XmlDecl",
    "ElementDecl", "AttlistDecl", "SkippedEntity", "ExternalEntityRef",
]


def listen(parser, names=HANDLERS):
    for name in names:
        def handler(*arguments, name=name):
            print(name, arguments, parser.CurrentLineNumber, parser.CurrentColumnNumber, parser.CurrentByteIndex)
            return 1
        setattr(parser, name + "Handler", handler)


for options in ({}, {"buffer_text": True}, {"ordered_attributes": True, "specified_attributes": True}):
    parser = expat.ParserCreate()
    for name, value in options.items():
        setattr(parser, name, value)
    listen(parser)
    print(options, parser.Parse(DOCUMENT, True))

parser = expat.ParserCreate(namespace_separator=" ")
parser.namespace_prefixes = True
listen(parser, ["StartElement", "EndElement", "StartNamespaceDecl", "EndNamespaceDecl"])
print(parser.ParseFile(io.BytesIO(b"<x:a xmlns:x='urn:x' xmlns='urn:d' x:b='1' c='2'><d/></x:a>")))

for text in (b"<a>", b"<a></b>", b"<a>&none;</a>", b"", b"<a b='1' b='2'/>", "<a>\ud800</a>", 5, b"<a/>junk", b"<?xml version='1.0' encoding='nope'?><a/>"):
    parser = expat.ParserCreate()
    try:
        print(parser.Parse(text, True))
    except expat.ExpatError as error:
        print(error, error.code, error.lineno, error.offset, parser.ErrorCode == error.code, expat.ErrorString(error.code))
    except Exception as error:
        print(type(error).__name__, error)

# A code page that only Python knows.
parser = expat.ParserCreate()
parser.CharacterDataHandler = print
parser.Parse("<?xml version='1.0' encoding='cp1252'?><a>\u20ac</a>".encode("cp1252"), True)

# A handler that raises ends it all.
parser = expat.ParserCreate()
seen = []


def stop(name, attributes):
    seen.append(name)
    if name == "b":
        raise KeyError(name)


parser.StartElementHandler = stop
try:
    parser.Parse(b"<a><b/><c/></a>", True)
except KeyError as error:
    print(repr(error), seen, [entry.name for entry in traceback.extract_tb(error.__traceback__)], parser.StartElementHandler)


# Another parser for an entity outside.
def outside(context, base, system, public):
    print("outside", context, base, system, public)
    inner = parser.ExternalEntityParserCreate(context)
    inner.CharacterDataHandler = lambda data: print("inner", data)
    return inner.Parse(b"from outside", True)


parser = expat.ParserCreate()
parser.SetBase("/base")
parser.ExternalEntityRefHandler = outside
print(parser.Parse(DOCUMENT, True), parser.GetBase(), parser.GetInputContext())

for attribute, value in (("buffer_size", 0), ("buffer_size", "x"), ("buffer_size", 2**40), ("buffer_size", 16), ("CharacterDataHandler", None)):
    try:
        setattr(parser, attribute, value)
        print(attribute, getattr(parser, attribute))
    except Exception as error:
        print(attribute, type(error).__name__, error)
for arguments in ({"encoding": 1}, {"namespace_separator": "ab"}, {"intern": 5}, {"intern": None}, {"intern": {"a": "b"}}):
    try:
        print(expat.ParserCreate(**arguments).intern)
    except Exception as error:
        print(type(error).__name__, error)
print(expat.errors.XML_ERROR_SYNTAX, expat.errors.codes[expat.errors.XML_ERROR_SYNTAX], expat.errors.messages[4], expat.model.XML_CTYPE_SEQ)
print(type(parser), expat.XMLParserType is type(parser), expat.error is expat.ExpatError, expat.native_encoding)

# Text that is kept is told at the end of a call, not of the pieces in which the parser takes it.
parser = expat.ParserCreate()
parser.buffer_text, parser.buffer_size = True, 1 << 24
parser.CharacterDataHandler = lambda text: print("text of", len(text))
print(parser.Parse("<r>" + "y" * 3_000_000), parser.Parse("</r>", True))

# A setting that comes too late.
parser = expat.ParserCreate()
parser.Parse("<r>")
try:
    parser.UseForeignDTD()
except expat.ExpatError as error:
    print(error, error.code)
