"""Class bodies are no scope for functions inside."""
x = "global"
class A:
    x = "class"
    y = [x for _ in range(1)]
    def f(self): return x
    z = x
print(A.y, A().f(), A.z)
def outer():
    x = "outer"
    class B:
        print(x)
        x = "inner"
        print(x)
    return B.x
print(outer())
def g():
    global x
    x = "changed"
g()
print(x)
class C:
    def f(self):
        return [__class__ for _ in "a"]
print(C().f()[0] is C)
