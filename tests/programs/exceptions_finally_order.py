"""finally, else and return in all orders."""
def f(how):
    try:
        if how == "raise": raise ValueError
        if how == "return": return "from try"
    except ValueError:
        return "from except"
    else:
        return "from else"
    finally:
        print("finally", how)
        if how == "override": return "from finally"
for how in ("raise", "return", "fall", "override"):
    print(f(how))
for i in range(3):
    try:
        if i == 0: continue
        if i == 1: break
    finally:
        print("cleanup", i)
else:
    print("no break")
def g():
    try:
        yield 1
    finally:
        print("generator finally")
for x in g():
    break
print("end")
