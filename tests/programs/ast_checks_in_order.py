"""What `compile` finds wrong with a tree, in the order in which it looks."""
import ast


def checked(node):
    try:
        compile(ast.fix_missing_locations(ast.Expression(node)), "<tree>", "eval")
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)
    else:
        print("compiled")


def name(context=ast.Load):
    return ast.Name("x", context())


def arguments(**fields):
    made = ast.arguments(posonlyargs=[], args=[], vararg=None, kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=[])
    for field, value in fields.items():
        setattr(made, field, value)
    return ast.Lambda(made, name())


checked(ast.Compare(name(), [ast.In()], []))
checked(ast.Compare(name(), [ast.In()], [name(), name()]))
checked(ast.Compare(name(), [], [name()]))
checked(ast.Compare(name(), [], []))
checked(arguments(kwonlyargs=[ast.arg("a", name(ast.Store))]))
checked(arguments(kwonlyargs=[ast.arg("a", None)]))
checked(arguments(defaults=[name()]))
checked(arguments(args=[ast.arg("a", name(ast.Store))], defaults=[name(), name()]))
checked(arguments(args=[ast.arg("a", None)], defaults=[name(ast.Store)]))
checked(arguments(kwonlyargs=[ast.arg("a", None)], kw_defaults=[name(ast.Store)]))
checked(ast.Dict([name()], []))
checked(arguments())
