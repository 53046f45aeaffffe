"""itertools pull no more than they need."""
from itertools import *
def source():
    for i in range(10):
        print("pull", i)
        yield i
print(list(islice(source(), 2)))
print(next(filter(lambda x: x > 1, source())), next(dropwhile(lambda x: x < 2, source())))
a, b = tee(source()); print(next(a), next(a), next(b))
print(list(takewhile(lambda x: x < 2, source())))
