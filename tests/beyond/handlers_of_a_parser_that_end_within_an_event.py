"""A default handler that takes itself away, or raises, in an event that expat tells in pieces: the library would call a null pointer."""
from xml.parsers import expat

LONG = '<?xml version="1.0" encoding="utf-16"?><r><!--%s--></r>' % ("x" * 5000)

for name in ("DefaultHandler", "DefaultHandlerExpand"):
    for raises in (False, True):
        parser, told = expat.ParserCreate(), []

        def handler(text):
            told.append(len(text))
            if len(text) > 100:
                setattr(parser, name, None)
                if raises:
                    raise KeyError(name)

        setattr(parser, name, handler)
        try:
            assert parser.Parse(LONG.encode("utf-16"), True) == 1 and not raises
        except KeyError as error:
            assert error.args == (name,) and raises
        # The declaration, the start tag, and the first piece of the comment.
        assert len(told) == 3 and 100 < told[-1] < 5000, told
