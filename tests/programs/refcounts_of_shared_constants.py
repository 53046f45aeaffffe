"""Small integers and letters exist for ever, with counts to match; other constants are held by the code that names them."""
import sys


def shared():
    num = 1
    s = "?"
    return sys.getrefcount(num), sys.getrefcount(s)


print([count > 900_000_000 for count in shared()])


def own():
    num = 1000
    s = "\uc65c\uc774\ub798"
    return sys.getrefcount(num), sys.getrefcount(s)


# Compiled from text: while a script runs, its literals are held once more.
own_source = """
def own():
    num = 1000
    print(sys.getrefcount(num))
    s = "\uc65c\uc774\ub798"
    print(sys.getrefcount(s))
def literals():
    print(sys.getrefcount(1000))
    print(sys.getrefcount("\uc65c\uc774\ub798"))
"""
print(own())
namespace = {"sys": sys}
exec(own_source, namespace)
namespace["own"]()
namespace["literals"]()


def literals():
    print(sys.getrefcount(1000))
    print(sys.getrefcount("\uc65c\uc774\ub798"))


literals()


def table():
    print(sys.getrefcount(256) > 900_000_000)
    print(sys.getrefcount(257))
    print(sys.getrefcount("?") > 900_000_000)
    print(sys.getrefcount("5") > 900_000_000)
    print(sys.getrefcount("A") > 900_000_000)
    print(sys.getrefcount("a") > 900_000_000)
    print(sys.getrefcount("ab") < 50)
    print(sys.getrefcount("\uc544"))
    print(sys.getrefcount("\uadf8\ub7ec\ub124"))


table()
a = "hi"
print(sys.getrefcount(a) < 50)
print(sys.getrefcount(None) > 100, sys.getrefcount(True) > 50)
