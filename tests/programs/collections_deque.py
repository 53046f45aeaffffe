"""deque: rotation, bounds, errors."""
from collections import deque
d = deque([1, 2, 3], maxlen=3); d.append(4); d.appendleft(0); print(d, d.maxlen, d.pop(), d.popleft(), d)
d = deque("abcde"); d.rotate(2); print(d, d[1], d.index("c"), d.count("a")); d.rotate(-3); d.extendleft("xy"); d.insert(1, "i"); d.remove("x"); del d[0]; print(d, "a" in d, len(d), list(reversed(d)), d == deque(d), d + deque("z"), deque("ab") * 2, deque("ab") < deque("b"))
for f in (lambda: deque().pop(), lambda: d[99], lambda: d.remove("q"), lambda: deque(1), lambda: deque([], -1)):
    try: f()
    except Exception as e: print(type(e).__name__, e)
try:
    for x in d: d.append(1)
except RuntimeError as e: print(e)
