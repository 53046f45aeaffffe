"""abc: abstract methods, virtual subclasses, hooks."""
import abc
class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...
    @property
    @abc.abstractmethod
    def name(self): ...
try:
    Shape()
except TypeError as error:
    print(error)
class Square(Shape):
    def area(self): return 4
try:
    Square()
except TypeError as error:
    print(error)
class Full(Square):
    name = "full"
print(Full().area(), sorted(Shape.__abstractmethods__))
@Shape.register
class Virtual: pass
print(isinstance(Virtual(), Shape), issubclass(Virtual, Shape), Virtual.__mro__ == (Virtual, object))
class Sized(abc.ABC):
    @classmethod
    def __subclasshook__(cls, other): return hasattr(other, "size") or NotImplemented
class Has: size = 1
print(isinstance(Has(), Sized), isinstance(3, Sized))
