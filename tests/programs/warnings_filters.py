"""Warnings: filters, catching, categories, stack levels."""
import warnings
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always"); warnings.warn("one"); warnings.warn("two", DeprecationWarning, stacklevel=1); print([(str(w.message), w.category.__name__, w.lineno) for w in seen])
with warnings.catch_warnings():
    warnings.simplefilter("error")
    for w in (UserWarning("x"), "plain"):
        try: warnings.warn(w)
        except Warning as e: print(type(e).__name__, e)
    try: compile("1 is 1", "c", "exec")
    except SyntaxError as e: print(e.msg)
    try: compile("'\\d'", "c", "exec")
    except SyntaxError as e: print(e.msg)
with warnings.catch_warnings(record=True) as seen:
    warnings.resetwarnings(); warnings.filterwarnings("once", "a.*"); [warnings.warn("abc") for _ in range(3)]; print(len(seen), warnings.filters[0][0])
for a in (("x", 5), (1, 2)):
    try: warnings.warn(*a)
    except TypeError as e: print(e)
print(warnings.formatwarning("m", UserWarning, "f", 3, "line"))
