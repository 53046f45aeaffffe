"""Counter arithmetic."""
from collections import Counter
c = Counter("abracadabra"); print(c, c.most_common(2), c["z"], list(c.elements())[:4], c.total())
d = Counter(a=1, b=5); print(c + d, c - d, c & d, c | d, +Counter(a=-1, b=2), -Counter(a=-1)); c.subtract("aaa"); print(c["a"]); c.update("aa"); print(c["a"], c == Counter(c), c <= c)
