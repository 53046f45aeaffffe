"""Generic aliases, unions, annotations."""
import typing
from typing import *
T = TypeVar("T")
class G(Generic[T]): pass
print(list[int], dict[str, list[int]], int | str | None, Optional[int], Union[int, str], G[int], Callable[[int], str], Literal[1, "a"], Annotated[int, "x"], tuple[int, ...], type[int], list[T][int])
print(list[int].__origin__, list[int].__args__, (int | str).__args__, isinstance(1, int | str), get_type_hints(type("X", (), {"__annotations__": {"a": "int"}})), list[int]() == [], list[int] == list[int], (int | str) == (str | int), get_args(Dict[str, int]), get_origin(List[int]))
def f(a: int, b: "str" = "") -> None: x: int = 5
print(f.__annotations__); x: int; y: str = "a"; print(__annotations__)
for g in (lambda: isinstance([], list[int]), lambda: int | 5, lambda: list[int][str], lambda: issubclass(int, list[int])):
    try: print(g())
    except TypeError as e: print(e)
class NT(NamedTuple): a: int; b: str = "x"
class TD(TypedDict): k: int
print(NT(1), TD(k=1), NewType("U", int)(5), cast(int, "a"), Protocol.__name__)
